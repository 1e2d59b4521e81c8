import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import {
  attentionSinks,
  blockMemory,
  callsOfXformers,
  flashModels,
  kernelShapes,
  refuseFloat16,
  sparseAttention,
  type KernelShape,
} from '../../tables/engines/kernel-shapes.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, fromLabelsOnly, notKnown, type Found } from '../finding.ts';
import { capabilityNumber, capabilityText, versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { distribution } from '../service-facts.ts';
import { rowOf } from './published-runtimes.ts';

/** Null: the configuration of the model does not tell. */
type Use = boolean | null;

const limits = new Map(blockMemory.map(({ capability, kib }) => [capabilityNumber(capability), kib * 1024]));

/** What both say together: no beats not known, and not known beats yes. */
const both = (one: Use, other: Use): Use => (one === false || other === false ? false : one === null ? null : other);

const hasHeads = ({ heads }: KernelShape, { headSize }: ModelHardwareFacts): Use =>
  headSize === undefined ? null : headSize >= (heads?.[0] ?? 0) && headSize <= (heads?.[1] ?? Number.MAX_SAFE_INTEGER);

/**
 * Whether the model makes its engine use the kernel.
 *
 * | use | yes | no |
 * |---|---|---|
 * | `fp8-experts` | FP8, experts, and scales of a tensor or a channel | another precision, no experts, or scales of blocks |
 * | `heads` | its largest head is of these sizes | it is of others |
 * | `sparse-attention` | its type is one of those, and it has experts | another type, or no experts |
 * | `sinks`, `flash-models` | its type is one of those | another type |
 * | `xformers-attention` | half precision, and a program that calls xFormers | another precision, or none that does |
 * | `fp32-heads` | the same, and its type refuses float16 | another size, or another type |
 */
function isUsed(shape: KernelShape, model: ModelHardwareFacts, image: ImageFacts): Use {
  switch (shape.use) {
    case 'fp8-experts': {
      const isFp8 = model.precisions === undefined ? null : model.precisions.includes('fp8');
      const scales = model.fp8Scales === undefined ? null : model.fp8Scales !== 'block';
      return both(both(isFp8, model.experts ?? null), scales);
    }
    case 'sparse-attention':
      return both(
        model.experts ?? null,
        model.modelType === undefined ? null : sparseAttention.includes(model.modelType),
      );
    case 'sinks':
      return model.modelType === undefined ? null : attentionSinks.includes(model.modelType);
    case 'flash-models':
      return model.modelType === undefined ? null : flashModels.includes(model.modelType);
    case 'xformers-attention':
      return both(
        model.precisions === undefined ? null : model.precisions.some((one) => one === 'fp16' || one === 'bf16'),
        callsXformers(image),
      );
    case 'heads':
      return hasHeads(shape, model);
    case 'fp32-heads':
      return both(
        hasHeads(shape, model),
        model.modelType === undefined ? null : refuseFloat16.includes(model.modelType),
      );
  }
}

/**
 * | beside xFormers, which was built with FlashAttention 3 | it is called |
 * |---|---|
 * | an engine that never calls it | no |
 * | a program that calls it wherever it loads | yes |
 * | a framework that calls it where somebody turns it on | not known |
 * | neither: whoever put it in calls it | yes |
 */
function callsXformers(image: ImageFacts): Use {
  const hasThird = image.libraries.some(({ path }) => path.includes('/xformers/flash_attn_3/'));
  if (!hasThird || distribution(image, callsOfXformers.never) !== null) return false;
  if (distribution(image, callsOfXformers.always) !== null) return true;
  return distribution(image, callsOfXformers.maybe) === null ? true : null;
}

/** `gptoss` of `0.10.1+gptoss`, and `dev` of `0.0.33.dev1090`. */
const isOfBuild = (text: string, build: string): boolean =>
  text.split('+')[1] === build || new RegExp(String.raw`\.${build}\d+$`).test(text);

/** A kernel of an engine of the image, and whether the model makes the engine use it. */
interface UsedShape {
  readonly shape: KernelShape;
  readonly used: true | null;
  /** Whether the format or the precision of the weights is what leaves it open, which is no pass. */
  readonly byWeights: boolean;
}

const byPrecision: readonly KernelShape['use'][] = ['fp8-experts', 'xformers-attention'];

/** Kernels of the engines of the image in their versions that the model uses, or may use; only of models as safetensors. */
function shapesOf(model: ModelHardwareFacts | null, image: ImageFacts): readonly UsedShape[] {
  if (model?.format !== 'safetensors' && model?.format !== 'unknown') return [];
  const isFormatOpen = model.format === 'unknown';
  return kernelShapes.flatMap((shape) => {
    const text = distribution(image, [shape.engine]);
    const version = versionOf(text);
    if (version === null || rowOf([shape], version) === null) return [];
    if (shape.unless !== undefined && image.env[shape.unless.name] === shape.unless.value) return [];
    if (shape.build !== undefined && !isOfBuild(text ?? '', shape.build)) return [];
    const used = isUsed(shape, model, image);
    if (used === false) return [];
    const byWeights = used === true ? isFormatOpen : model.precisions === undefined && byPrecision.includes(shape.use);
    return [{ shape, used: isFormatOpen ? null : used, byWeights }];
  });
}

/** Whether a device has what the kernel takes; null where the table does not know its capability. */
function runsOn({ below, fromCapability, bytes }: KernelShape, capability: number): boolean | null {
  if (fromCapability !== undefined && capability < (capabilityNumber(fromCapability) ?? 0)) return true;
  if (below !== undefined && capability >= (capabilityNumber(below) ?? 0)) return true;
  if (bytes === null) return false;
  const limit = limits.get(capability);
  return limit === undefined ? null : bytes <= limit;
}

/** Whether a kernel that the model may need would not run on the device, and its configuration does not tell whether it needs it. */
export function isShapeOpen(
  { model, image }: { readonly model: ModelHardwareFacts | null; readonly image: ImageFacts | null },
  capability: number | null,
): boolean {
  if (image === null || capability === null) return false;
  return shapesOf(model, image).some(
    ({ shape, used, byWeights }) => used === null && !byWeights && runsOn(shape, capability) === false,
  );
}

/**
 * Whether the kernels that a model needs of its engine run on a device. Null where no kernel of the table is needed.
 *
 * | the device | answer |
 * |---|---|
 * | has the shared memory that each of them takes | native |
 * | has less for one, or the engine holds none for it | incompatible |
 * | its capability is not known, or not in the table | unknown |
 * | lacks it, and the format or the precision of the weights, which would say whether it is needed, is not known | unknown |
 *
 * Where the configuration of the model does not tell whether a kernel is needed, a pass names that (`isShapeOpen`).
 */
export function kernelShapeRule(model: ModelHardwareFacts | null, image: ImageFacts): DeviceRule | null {
  const shapes = shapesOf(model, image);
  const needed = shapes.flatMap(({ shape, used }) => (used === true ? [shape] : []));
  const open = shapes.flatMap(({ shape, byWeights }) => (byWeights ? [shape] : []));
  if (needed.length === 0 && open.length === 0) return null;
  const worst = (capability: number): KernelShape | undefined =>
    needed.find((shape) => runsOn(shape, capability) === false) ??
    needed.find((shape) => runsOn(shape, capability) === null);
  const decide = (capability: number | null): Plain => {
    if (capability === null) return 'unknown';
    const shape = worst(capability);
    if (shape === undefined) return open.every((each) => runsOn(each, capability) === true) ? 'native' : 'unknown';
    return runsOn(shape, capability) === null ? 'unknown' : 'incompatible';
  };
  return {
    facet: 'capability',
    decide: ({ capability }) => decide(capability),
    explain: ({ capability, fromLabels }, decided) => {
      const because = fromLabels ? fromLabelsOnly : 'what a thread block has of shared memory depends on it';
      const lacking =
        capability === null || worst(capability) !== undefined
          ? undefined
          : open.find((each) => runsOn(each, capability) !== true);
      if (lacking !== undefined) {
        return notKnown('kernel-shape', 'model.precision', `the device lacks a kernel for ${useText[lacking.use]}`);
      }
      if (capability === null || decided === 'unknown') return notKnown('kernel-shape', 'computeCapability', because);
      return explain(worst(capability) ?? needed[0] ?? open[0], image, capability, decided);
    },
  };
}

const kibText = (bytes: number): string => `${Number((bytes / 1024).toFixed(2))} KiB`;

const useText: Readonly<Record<KernelShape['use'], string>> = {
  'fp8-experts': 'experts in FP8',
  heads: 'attention with heads of this size',
  'sparse-attention': 'attention that is latent and sparse',
  sinks: 'attention with sinks',
  'flash-models': 'this model by FlashAttention',
  'xformers-attention': 'attention in half precision',
  'fp32-heads': 'attention in FP32, because the model refuses float16,',
};

function explain(shape: KernelShape | undefined, image: ImageFacts, capability: number, decided: Plain): Found {
  const engine = shape === undefined ? 'the engine' : `${shape.engine} ${distribution(image, [shape.engine]) ?? ''}`;
  const limit = limits.get(capability) ?? 0;
  const device = `capability ${capabilityText(capability)}`;
  const needs = shape === undefined ? 'kernels' : useText[shape.use];
  return found({
    rule: 'kernel-shape',
    compatibility: decided,
    message:
      decided === 'native'
        ? `the kernels of ${engine} for ${needs} run on ${device}`
        : shape?.bytes === null || shape === undefined
          ? `${engine} holds no kernel for ${needs} on ${device}`
          : `${engine} takes ${kibText(shape.bytes)} of shared memory for ${needs} and a thread block of ${device} has ${kibText(limit)}`,
    facts: {
      computeCapability: capabilityText(capability),
      ...(shape?.bytes === null || shape === undefined ? {} : { 'shared memory': kibText(shape.bytes) }),
    },
    source: shape?.source ?? '',
    fix:
      decided === 'native'
        ? undefined
        : 'a device with more shared memory (8.0, 9.0, 10.0), the model in another precision, or another engine',
  });
}
