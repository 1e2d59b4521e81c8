import type { Random } from '../../src/core/statistics/random.ts';
import { totalDeviceMilli, type NodeShape, type ReplicaShape } from '../../src/core/packing/room.ts';

/** Distinct shapes, and for each element of the list the index of its shape. */
export interface Typed<T> {
  readonly types: readonly T[];
  readonly counts: readonly number[];
  readonly typeOf: readonly number[];
}

/** Returns the distinct elements of a list in order of appearance. */
export function groupTypes<T>(list: readonly T[]): Typed<T> {
  const byKey = new Map<string, number>();
  const types: T[] = [];
  const counts: number[] = [];
  const typeOf = list.map((element) => {
    const key = JSON.stringify(element);
    const index = byKey.get(key) ?? types.length;
    if (index === types.length) {
      byKey.set(key, index);
      types.push(element);
      counts.push(0);
    }
    counts[index] = (counts[index] ?? 0) + 1;
    return index;
  });
  return { types, counts, typeOf };
}

/**
 * Returns the types of arriving pods in order: the list in random order, then pods of the list drawn with replacement, until
 * `load` times the devices of all nodes have been asked for. The protocol of FGD's artifact (tuning ratio 1.3, shuffled).
 */
export function drawArrivals(
  pods: Typed<ReplicaShape>,
  nodes: readonly NodeShape[],
  load: number,
  random: Random,
): readonly number[] {
  const order = [...pods.typeOf];
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = random.nextBelow(at + 1);
    [order[at], order[other]] = [order[other] as number, order[at] as number];
  }
  const wantedMilli = load * nodes.reduce((sum, { devices }) => sum + 1_000 * devices, 0);
  let askedMilli = 0;
  const milliOf = pods.types.map(totalDeviceMilli);
  const arrivals: number[] = [];
  for (let at = 0; askedMilli < wantedMilli; at += 1) {
    const type = order[at] ?? (pods.typeOf[random.nextBelow(pods.typeOf.length)] as number);
    arrivals.push(type);
    askedMilli += milliOf[type] ?? 0;
  }
  return arrivals;
}
