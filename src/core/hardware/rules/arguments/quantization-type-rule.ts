import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import type { ServiceDemands } from '../../compatibility.ts';
import { statedTypes } from '../../tables/arguments/argument-floors.ts';
import {
  quantizationArguments,
  quantizationTypes,
  typeFalls,
  type QuantizationType,
} from '../../tables/arguments/quantization-types.ts';
import type { DeviceRule } from '../device-rules.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, fromLabelsOnly, notKnown } from '../finding.ts';
import { capabilityNumber, versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { distribution } from '../service-facts.ts';
import { valueOf } from './arguments.ts';

/** The row of the method that the contract names, in the version of the engine. */
function rowIn({ args = [], image }: ServiceDemands): QuantizationType | null {
  const value = valueOf(args, quantizationArguments);
  if (image === null) return null;
  const rows = quantizationTypes.filter((row) => {
    const version = versionOf(distribution(image, [row.engine]));
    return row.value === value && version !== null && rowOf([row], version) !== null;
  });
  return rows[0] ?? null;
}

/** The type that the engine computes in: stated, else that of the weights; a null type where neither tells it. */
function computedType({ args = [], model }: ServiceDemands): {
  readonly type: string | null;
  readonly stated: boolean;
} {
  const stated = valueOf(args, ['--dtype']) ?? 'auto';
  if (stated === 'bfloat16') return { type: 'bf16', stated: true };
  const type = statedTypes[stated];
  if (type !== undefined) return { type, stated: true };
  if (model?.precisions === undefined) return { type: null, stated: false };
  // Of the other types the engine makes float16.
  return { type: model.precisions.includes('bf16') ? 'bf16' : 'fp16', stated: false };
}

/**
 * A method of quantization that the contract names, whose kernels compute in float16 alone. Null where no row speaks of it.
 *
 * | type | device | answer |
 * |---|---|---|
 * | float16 | any | native |
 * | another, stated | any | incompatible |
 * | bfloat16, of the weights | from 8.0 on, or an engine that does not fall back to float16 | incompatible |
 * | bfloat16, of the weights | before 8.0 | native |
 * | bfloat16, of the weights | not known | unknown |
 * | not known | one on which bfloat16 would stop | unknown |
 */
export function quantizationTypeRule(demands: ServiceDemands): DeviceRule | null {
  const row = rowIn(demands);
  const computed = computedType(demands);
  if (row === null || demands.image === null) return null;
  const text = distribution(demands.image, [row.engine]);
  const falls = compareVersions(versionOf(text) ?? [], versionOf(typeFalls.from) ?? []) >= 0 && !computed.stated;
  const decide = (capability: number | null): Plain => {
    if (computed.type === 'fp16') return 'native';
    const other: Plain = computed.type === null ? 'unknown' : 'incompatible';
    if (!falls) return other;
    if (capability === null) return 'unknown';
    return capability >= (capabilityNumber(typeFalls.least) ?? 0) ? other : 'native';
  };
  return {
    facet: 'capability',
    decide: ({ capability }) => decide(capability),
    explain: ({ fromLabels }, decided) => {
      if (decided === 'unknown' && computed.type === null)
        return notKnown(
          'quantization-type',
          'model.precision',
          `${row.engine} ${text} computes ${row.value} in fp16 alone`,
        );
      if (decided === 'unknown')
        return notKnown('quantization-type', 'computeCapability', fromLabels ? fromLabelsOnly : undefined);
      const runs = decided === 'native' && computed.type !== 'fp16' ? 'fp16' : (computed.type ?? 'fp16');
      return found({
        rule: 'quantization-type',
        compatibility: decided,
        message: `${row.engine} ${text} computes ${row.value} that --quantization names in fp16 alone; this service computes in ${runs}`,
        facts: { args: (demands.args ?? []).join(' '), type: runs },
        source: row.source,
        fix:
          decided === 'native'
            ? undefined
            : `code.args without --quantization ${row.value}, so that the engine chooses kernels itself, or with --dtype half`,
      });
    },
  };
}
