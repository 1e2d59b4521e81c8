import { PlimsollError } from '../../units/errors.ts';

export interface WatchedFeature {
  readonly name: string;
  readonly group: string;
}

/** A share of the capital for an aggregate (`group` null) or a feature. */
export interface WeightShare {
  readonly name: string;
  readonly group: string | null;
  readonly weight: number;
}

/** More aggregates would each get so little that they find nothing sooner than the features do. */
export const mostAggregates = 8;

/**
 * Splits the weight 1: half over the aggregates, half over the groups and then the features of each group. Where one
 * half has nobody, the other gets all. Equal weights over 500 features would cost what a Bonferroni correction costs.
 *
 * @throws PlimsollError for more than eight aggregates.
 */
export function splitWeights(
  aggregates: readonly string[],
  features: readonly WatchedFeature[],
): readonly WeightShare[] {
  if (aggregates.length > mostAggregates) {
    throw new PlimsollError({
      code: 'too-many-aggregates',
      category: 'input',
      message: `${aggregates.length} aggregates are watched; at most ${mostAggregates} are possible`,
      next: 'put what belongs together into one aggregate',
      details: { aggregates },
    });
  }
  const sizes = new Map<string, number>();
  for (const { group } of features) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const ofAggregates = aggregates.length === 0 ? 0 : features.length === 0 ? 1 : 0.5;
  return [
    ...aggregates.map((name) => ({ name, group: null, weight: ofAggregates / aggregates.length })),
    ...features.map(({ name, group }) => ({
      name,
      group,
      weight: (1 - ofAggregates) / sizes.size / (sizes.get(group) ?? 1),
    })),
  ];
}

/**
 * The number of parts that a weight is split into: the most arms that were ever there at once. An arm that goes leaves
 * its part unused; the others keep theirs.
 */
export function armSlots(slotsBefore: number, arms: number): number {
  return Math.max(1, slotsBefore, arms);
}
