import type { ObservedReplica } from '../replica.ts';

export interface Renewal {
  /** Replicas that are wanted beside the others for now: none or one. */
  readonly more: 0 | 1;
  /** Empty where nothing is outdated. */
  readonly reason: string;
}

/**
 * Returns how the replicas of a pair that are outdated are replaced: one after another, each only once another one serves in its place.
 *
 * | outdated | serving | wanted beside the `replicas` |
 * |---|---|---|
 * | none | any | none |
 * | some | `replicas` or fewer | one: it starts, and the outdated ones serve on |
 * | some | more than `replicas` | none: an outdated one leaves first (`isWorthLess`) |
 *
 * A replica that does not come up keeps the outdated ones in service. They are outdated in what they were given, and answer as before.
 *
 * @param running replicas of the pair that neither ended nor drain, without those that are kept out of traffic.
 * @param isServing whether a replica may carry traffic.
 */
export function renewOutdated(
  running: readonly ObservedReplica[],
  replicas: number,
  isServing: (replica: ObservedReplica) => boolean,
): Renewal {
  const outdated = running.filter(isOutdated);
  const [first] = outdated;
  if (first === undefined) return { more: 0, reason: '' };
  const serving = running.filter(isServing).length;
  const who =
    outdated.length === 1 ? `${first.replicaId} is` : `${first.replicaId} and ${outdated.length - 1} more are`;
  return { more: serving > replicas ? 0 : 1, reason: `${who} replaced: ${first.outdated ?? ''}` };
}

/** One that sleeps is replaced when it is awake. */
export const isOutdated = (replica: ObservedReplica): boolean =>
  replica.outdated !== undefined && replica.state !== 'asleep' && replica.state !== 'pending';
