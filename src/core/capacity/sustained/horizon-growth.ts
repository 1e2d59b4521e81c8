import { settlingShare } from '../../evidence/kinds/capacity/sustained-measurements.ts';

/** One request of a horizon. */
export interface SentRequest {
  /** When it was due since the horizon began, milliseconds. */
  readonly dueMs: number;
  /** How long it took from then on, milliseconds; `Infinity` where it failed. */
  readonly timeMs: number;
}

/** Weight of the requests that can be compared, at least: that of five beside five. */
const fewestWeight = 2.5;

/**
 * Returns how many times longer requests take in the last third of a horizon than in the first, as a geometric mean; null
 * where too few can be compared. Requests that failed are left out.
 *
 * Compared are only requests that found as many others under way when they were due. So a queue that happened to be longer
 * in one third does not look like a slower replica, and near the knee the noise is a fraction of that of plain means. The
 * means of the groups are weighted by what they can tell: `early * late / (early + late)` requests.
 *
 * | under way when it was due | group |
 * |---|---|
 * | 0 to 15 | one for each number |
 * | 16 and more | numbers that differ by up to 9% |
 *
 * @param sent in the order in which they were due
 */
export function growthOf(sent: readonly SentRequest[]): number | null {
  const answered = sent.filter(({ timeMs }) => timeMs < Infinity);
  const lastsMs = answered.at(-1)?.dueMs ?? 0;
  const fromMs = settlingShare * lastsMs;
  const thirdMs = (lastsMs - fromMs) / 3;
  const groups = new Map<number, { readonly early: LogSum; readonly late: LogSum }>();
  for (const { dueMs, timeMs, underWay } of withUnderWay(answered)) {
    const isEarly = dueMs < fromMs + thirdMs;
    if (dueMs < fromMs || (!isEarly && dueMs < lastsMs - thirdMs)) continue;
    const key = groupOf(underWay);
    const group = groups.get(key) ?? { early: { count: 0, sum: 0 }, late: { count: 0, sum: 0 } };
    groups.set(key, group);
    const side = isEarly ? group.early : group.late;
    side.count += 1;
    side.sum += Math.log(timeMs);
  }
  let [weights, sum] = [0, 0];
  for (const { early, late } of groups.values()) {
    if (early.count === 0 || late.count === 0) continue;
    const weight = (early.count * late.count) / (early.count + late.count);
    weights += weight;
    sum += weight * (late.sum / late.count - early.sum / early.count);
  }
  if (weights < fewestWeight) return null;
  const growth = Math.exp(sum / weights);
  return growth > 0 && growth < Infinity ? growth : null;
}

interface LogSum {
  count: number;
  sum: number;
}

/** Each request with the number of others that were under way when it was due. */
function withUnderWay(sent: readonly SentRequest[]) {
  const endsMs = Float64Array.from(sent, ({ dueMs, timeMs }) => dueMs + timeMs).sort();
  let ended = 0;
  return sent.map(({ dueMs, timeMs }, before) => {
    // What ended by now was due before, so that the rest of those before are under way.
    while (ended < before && (endsMs[ended] ?? Infinity) <= dueMs) ended += 1;
    return { dueMs, timeMs, underWay: before - ended };
  });
}

const singlyUpTo = 16;
const groupsOfDouble = 8;

const groupOf = (underWay: number): number =>
  underWay < singlyUpTo ? underWay : singlyUpTo + Math.floor(groupsOfDouble * Math.log2(underWay / singlyUpTo));
