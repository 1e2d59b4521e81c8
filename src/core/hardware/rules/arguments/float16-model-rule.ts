import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ServiceDemands } from '../../compatibility.ts';
import { float16Models, type Float16Model } from '../../tables/arguments/float16-models.ts';
import type { DeviceRule } from '../device-rules.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, fromLabelsOnly, notKnown } from '../finding.ts';
import { capabilityNumber, capabilityText, versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { distribution } from '../service-facts.ts';
import { valueOf } from './arguments.ts';

/** Whether the program of the row is in the image, in one of its versions. */
function isThere(row: Float16Model, image: ImageFacts): boolean {
  const pattern = row.path === undefined ? null : new RegExp(row.path);
  if (pattern !== null) return image.libraries.some(({ path }) => pattern.test(`/${path}`));
  const version = row.engine === null ? null : versionOf(distribution(image, [row.engine]));
  return version !== null && rowOf([row], version) !== null;
}

/** What a row says of a service: float16 on every device, or on those that the program takes it on by itself. */
interface Half {
  readonly row: Float16Model;
  readonly everywhere: boolean;
}

function halfOf({ image, model, args = [] }: ServiceDemands): Half | null {
  if (image === null) return null;
  for (const row of float16Models) {
    if (!row.models.includes(model?.modelType ?? '') || !isThere(row, image)) continue;
    // Quantized files of GGUF are computed by kernels of their own.
    if (row.byItself !== undefined && model?.format === 'gguf') continue;
    const stated = valueOf(args, row.arguments);
    if (stated !== undefined && !row.values.includes(stated)) continue;
    if (row.byItself !== undefined) return { row, everywhere: stated === row.values[0] };
    if (stated !== undefined) return { row, everywhere: true };
  }
  return null;
}

/**
 * A model whose activations leave the range of float16, in a program that computes in it. Null where no row speaks of both.
 *
 * | float16 | device | answer |
 * |---|---|---|
 * | stated | any | incompatible |
 * | by itself | one that has no bfloat16 | incompatible |
 * | by itself | another | native |
 * | by itself | not known | unknown |
 */
export function float16ModelRule(demands: ServiceDemands): DeviceRule | null {
  const half = halfOf(demands);
  if (half === null) return null;
  const { row, everywhere } = half;
  const name = row.engine ?? 'mistral.rs';
  const least = capabilityNumber(row.byItself?.least) ?? Infinity;
  const below = capabilityNumber(row.byItself?.below) ?? Infinity;
  const decide = (capability: number | null): Plain => {
    if (everywhere) return 'incompatible';
    if (capability === null) return 'unknown';
    return capability >= least && capability < below ? 'incompatible' : 'native';
  };
  return {
    facet: 'capability',
    decide: ({ capability }) => decide(capability),
    explain: ({ capability, fromLabels }, decided) =>
      decided === 'unknown'
        ? notKnown('float16-model', 'computeCapability', fromLabels ? fromLabelsOnly : undefined)
        : found({
            rule: 'float16-model',
            compatibility: decided,
            message:
              decided === 'native'
                ? `${name} computes ${demands.model?.modelType} in another type than float16 on this device`
                : `${name} computes ${demands.model?.modelType} in float16${everywhere ? '' : ` on capability ${capabilityText(capability ?? 0)}`}, whose range its activations leave: its answers are no numbers`,
            facts: { modelType: demands.model?.modelType ?? null, args: (demands.args ?? []).join(' ') },
            source: row.source,
            fix:
              decided === 'native'
                ? undefined
                : `code.args with ${row.arguments[0]} ${row.byItself === undefined ? 'float32, or bfloat16 on a device from 8.0 on' : 'f32, or a device from 8.0 on'}`,
          }),
  };
}
