import type { ServiceDemands } from '../../compatibility.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import { modelSplits, type ModelSplit } from '../../tables/packages/model-splits.ts';
import type { Source } from '../../tables/source.ts';
import { valueOf } from '../arguments/arguments.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { distribution } from '../service-facts.ts';

/**
 * Over how many devices the engine divides each layer; null where something else is divided too, the number cannot be read, or no row is of the engine.
 */
export function partsOf(engine: string, demands: ServiceDemands): number | null {
  const split = modelSplits.find((one) => one.engine === engine);
  return split === undefined ? null : partsBy(split, demands);
}

function partsBy({ tensorArguments, otherArguments, turnedOff }: ModelSplit, demands: ServiceDemands): number | null {
  const args = demands.args ?? [];
  if (valueOf(args, otherArguments) !== undefined) return null;
  if (turnedOff !== undefined && valueOf(args, [turnedOff.name]) === turnedOff.value) return null;
  const written = valueOf(args, tensorArguments);
  if (written === undefined) return demands.hardware.devices;
  return /^[1-9]\d{0,3}$/.test(written) ? Number(written) : null;
}

interface Objection {
  readonly why: string;
  readonly source: Source;
}

/** Fewer heads of keys and values than devices are copied, so that one of both must divide the other. */
const divides = (kvHeads: number, parts: number): boolean => kvHeads % parts === 0 || parts % kvHeads === 0;

function objectionOfHeads({ heads, kvHeads }: ModelHardwareFacts, split: ModelSplit, parts: number): Objection | null {
  if (heads !== undefined && heads % parts !== 0) {
    return { why: `${heads} attention heads are not divisible by it`, source: split.heads };
  }
  if (split.kvHeads === null || kvHeads === undefined || divides(kvHeads, parts)) return null;
  return { why: `${kvHeads} heads of keys and values are not divisible by it`, source: split.kvHeads };
}

/** The dense part of a layer. Models with experts may write a size that no layer has. */
function objectionOfColumns(model: ModelHardwareFacts, { groups }: ModelSplit, parts: number): Objection | null {
  const { intermediateSize, quantGroup, experts, expertSize } = model;
  if (groups === null || intermediateSize === undefined || experts === true || expertSize !== undefined) return null;
  if (intermediateSize % parts !== 0) {
    return { why: `${intermediateSize} columns of a layer are not divisible by it`, source: groups };
  }
  if (quantGroup === undefined || intermediateSize % (parts * quantGroup) === 0) return null;
  const why = `${intermediateSize / parts} columns of a layer are no whole groups of ${quantGroup}, which share a scale`;
  return { why, source: groups };
}

function objectionOfExperts(model: ModelHardwareFacts, { blocks }: ModelSplit, parts: number): Objection | null {
  const { expertSize, fp8Block } = model;
  if (blocks === null || expertSize === undefined || fp8Block === undefined) return null;
  if (expertSize % (parts * fp8Block) === 0) return null;
  return { why: `${expertSize / parts} columns of an expert are no whole blocks of ${fp8Block}`, source: blocks };
}

/** What one engine would object; null where it divides the model, or does not tell over how many devices. */
function refusalOf(split: ModelSplit, model: ModelHardwareFacts, demands: ServiceDemands): Found | null {
  const parts = partsBy(split, demands);
  if (parts === null || parts < 2) return null;
  const objection =
    objectionOfHeads(model, split, parts) ??
    objectionOfColumns(model, split, parts) ??
    objectionOfExperts(model, split, parts);
  return objection === null ? null : refuse(split, parts, objection);
}

/**
 * Whether a model can be divided over the devices of a replica. Null where it can, or nothing tells.
 *
 * | the model, over n devices | answer |
 * |---|---|
 * | its heads are no multiple of n | incompatible |
 * | neither its heads of keys and values nor n is a multiple of the other | incompatible |
 * | the dense part of its layers has columns that are no multiple of n, or no whole groups of AWQ, GPTQ or INT4 | incompatible |
 * | its experts in FP8 have parts that are no whole blocks | incompatible |
 * | layers, requests or experts are divided (arguments of the contract) | null |
 * | one engine of the image cannot divide it, and another can | unknown |
 */
export function modelSplitFinding(demands: ServiceDemands): Found | null {
  const { image, model } = demands;
  if (image === null || model === null) return null;
  const splits = modelSplits.filter(({ engine }) => distribution(image, [engine]) !== null);
  const refusals = splits.flatMap((split) => refusalOf(split, model, demands) ?? []);
  const [first] = refusals;
  if (first === undefined || refusals.length === splits.length) return first ?? null;
  return notKnown('model-split', 'image.python', `${first.message}, and another engine of the image may serve it`);
}

const refuse = ({ engine, otherArguments }: ModelSplit, parts: number, { why, source }: Objection): Found =>
  found({
    rule: 'model-split',
    compatibility: 'incompatible',
    message: `${engine} divides each layer over ${parts} devices, and ${why}`,
    facts: { devices: String(parts) },
    source,
    fix: `another number of devices${otherArguments.length === 0 ? '' : `, or divide whole layers or experts, by an argument in code.args such as ${otherArguments.filter((name) => name.startsWith('--')).join(' or ')}`}`,
  });
