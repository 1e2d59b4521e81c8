/** Busy time of a replica that one gateway counted between two of its reports, by one clock for all gateways. */
export interface BusySegment {
  readonly fromMs: number;
  readonly toMs: number;
  /** Milliseconds in which at least one of the gateway's requests was with the replica. */
  readonly busyMs: number;
}

export interface JoinedBusy {
  /** Milliseconds in which a request of any gateway was with the replica. */
  readonly busyMs: number;
  /** What it is at least and at most, whatever happened between two reports. The same for one gateway. */
  readonly atLeastMs: number;
  readonly atMostMs: number;
}

/**
 * Returns the busy time of a replica that several gateways lead to. Each gateway tells how long it was busy between two reports,
 * and not when. So time is cut wherever a gateway reported, and in each piece:
 *
 * | number | piece of length `l` in which gateway i is busy for `b_i` |
 * |---|---|
 * | at least | the largest `b_i`: all requests lie upon each other |
 * | at most | the sum of `b_i`, `l` at most: no two do |
 * | joined | `l (1 - product of (1 - b_i / l))`: the gateways know nothing of each other |
 *
 * Reports come once a second, so that what follows the clients (bursts, quiet minutes) lies in the pieces, and only what
 * happens inside of a second is assumed.
 *
 * Worked: two gateways, each busy for all of the first second and for none of the second one: 1,000 ms, at least and at most.
 * Over both seconds at once it would be 1,500 ms.
 */
export function joinBusy(gateways: readonly (readonly BusySegment[])[]): JoinedBusy {
  const busy = gateways.filter((segments) => segments.length > 0);
  const [only] = busy;
  if (only === undefined) return { busyMs: 0, atLeastMs: 0, atMostMs: 0 };
  if (busy.length === 1) {
    const busyMs = only.reduce((sum, segment) => sum + segment.busyMs, 0);
    return { busyMs, atLeastMs: busyMs, atMostMs: busyMs };
  }
  const cuts = [...new Set(busy.flat().flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].sort((a, b) => a - b);
  const sums = { busyMs: 0, atLeastMs: 0, atMostMs: 0 };
  const next = busy.map(() => 0);
  for (let index = 0; index + 1 < cuts.length; index += 1) {
    const [fromMs = 0, toMs = 0] = [cuts[index], cuts[index + 1]];
    const shares = busy.map((segments, which) => {
      while ((segments[next[which] ?? 0]?.toMs ?? Infinity) <= fromMs) next[which] = (next[which] ?? 0) + 1;
      const segment = segments[next[which] ?? 0];
      return segment === undefined || segment.fromMs >= toMs ? 0 : shareOf(segment);
    });
    const lastedMs = toMs - fromMs;
    sums.atLeastMs += lastedMs * Math.max(...shares);
    sums.atMostMs += lastedMs * Math.min(1, sumOf(shares));
    sums.busyMs += lastedMs * (1 - shares.reduce((product, share) => product * (1 - share), 1));
  }
  return { busyMs: Math.round(sums.busyMs), atLeastMs: Math.floor(sums.atLeastMs), atMostMs: Math.ceil(sums.atMostMs) };
}

const shareOf = ({ fromMs, toMs, busyMs }: BusySegment): number => Math.min(1, busyMs / (toMs - fromMs));
const sumOf = (shares: readonly number[]): number => shares.reduce((sum, share) => sum + share, 0);
