import type { PackingCertificate } from '../columns/certificate.ts';
import type { NamedReplicas, NamedTask } from '../named/named-task.ts';
import { nanoPerUnit } from '../packing-task.ts';

/**
 * What one certificate proves about other numbers of replicas on the same nodes. Replicas cannot all be placed where
 *
 *     sum of weight * count > room
 *
 * Both are in nano. A row that the certificate has no price for has the weight 0.
 */
export interface FitCut {
  readonly weights: ReadonlyMap<string, number>;
  readonly room: bigint;
}

/**
 * Returns the cut of a certificate in which each replica counts 1 (`makeStepTask`).
 *
 * At prices p the bound of any counts is the sum of p * count and of the bounds of the nodes. That is less than the sum of all
 * counts, so that not all are placed, exactly where the sum of (1 - p) * count is above the bounds of the nodes. Reserved room
 * is priced in another way and gives no cut: the room is then without limit.
 */
export function readFitCut({ task, replicas }: NamedTask, { pricesNano, boundNano }: PackingCertificate): FitCut {
  const weights = new Map<string, number>();
  let room = boundNano;
  for (const [at, members] of replicas.entries()) {
    const price = pricesNano[at] ?? 0;
    room -= BigInt(price) * BigInt(task.replicas[at]?.count ?? 0);
    for (const { name } of members) weights.set(name, nanoPerUnit - price);
  }
  return task.replicas.some(({ reserved }) => reserved === true) ? { weights: new Map(), room: 0n } : { weights, room };
}

/** Returns whether the cut proves that these replicas cannot all be placed. Names are unique. */
export function isCutOff({ weights, room }: FitCut, replicas: readonly NamedReplicas[]): boolean {
  const sum = replicas.reduce((all, { name, count }) => all + BigInt(weights.get(name) ?? 0) * BigInt(count), 0n);
  return sum > room;
}
