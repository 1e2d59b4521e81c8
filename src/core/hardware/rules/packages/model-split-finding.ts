import type { ServiceDemands } from '../../compatibility.ts';
import { modelSplits, type ModelSplit } from '../../tables/packages/model-splits.ts';
import type { Source } from '../../tables/source.ts';
import { found, type Found } from '../finding.ts';
import { distribution } from '../service-facts.ts';

/** The value of an argument, written `--name value` or `--name=value`; empty for one without, undefined where it is not there. */
function valueOf(args: readonly string[], names: readonly string[]): string | undefined {
  for (const [at, text] of args.entries()) {
    const [name = '', value] = text.split('=');
    if (names.includes(name)) return value ?? args[at + 1] ?? '';
  }
  return undefined;
}

/** Over how many devices each layer is divided; null where something else is divided too, or the number cannot be read. */
function partsOf({ tensorArguments, otherArguments }: ModelSplit, demands: ServiceDemands): number | null {
  const args = demands.args ?? [];
  if (valueOf(args, otherArguments) !== undefined) return null;
  const written = valueOf(args, tensorArguments);
  if (written === undefined) return demands.hardware.devices;
  return /^[1-9]\d{0,3}$/.test(written) ? Number(written) : null;
}

/**
 * Whether a model can be divided over the devices of a replica. Null where it can, or nothing tells.
 *
 * | the model, over n devices | answer |
 * |---|---|
 * | its heads are no multiple of n | incompatible |
 * | its experts in FP8 have parts that are no whole blocks | incompatible |
 * | layers, requests or experts are divided (arguments of the contract) | null |
 */
export function modelSplitFinding(demands: ServiceDemands): Found | null {
  const { image, model } = demands;
  const split = image === null ? undefined : modelSplits.find(({ engine }) => distribution(image, [engine]) !== null);
  const parts = split === undefined ? null : partsOf(split, demands);
  if (split === undefined || model === null || parts === null || parts < 2) return null;
  const { heads, expertSize, fp8Block } = model;
  if (heads !== undefined && heads % parts !== 0) {
    return refuse(split, parts, `${heads} attention heads are not divisible by it`, split.heads);
  }
  if (split.blocks === null || expertSize === undefined || fp8Block === undefined) return null;
  if (expertSize % (parts * fp8Block) === 0) return null;
  return refuse(
    split,
    parts,
    `${expertSize / parts} columns of an expert are no whole blocks of ${fp8Block}`,
    split.blocks,
  );
}

const refuse = ({ engine }: ModelSplit, parts: number, why: string, source: Source): Found =>
  found({
    rule: 'model-split',
    compatibility: 'incompatible',
    message: `${engine} divides each layer over ${parts} devices, and ${why}`,
    facts: { devices: String(parts) },
    source,
    fix: 'another number of devices, or divide whole layers or experts, by an argument in code.args such as --pipeline-parallel-size or --enable-expert-parallel',
  });
