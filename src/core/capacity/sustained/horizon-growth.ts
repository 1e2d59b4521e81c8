import { settlingShare } from '../../evidence/kinds/capacity/sustained-measurements.ts';
import { stratifiedShift } from '../../statistics/comparison/stratified-shift.ts';

/** One request of a horizon. */
export interface SentRequest {
  /** When it was due since the horizon began, milliseconds. */
  readonly dueMs: number;
  /** How long it took from then on, milliseconds; `Infinity` where it failed. */
  readonly timeMs: number;
}

/** Requests of both thirds that can be compared, at least: as much as five beside five. */
const fewestWeight = 2.5;

/**
 * Returns how many times longer requests take in the last third of a horizon than in the first; null where too few can be
 * compared. Requests that failed are left out.
 *
 * Compared are only requests that found as many others under way when they were due. So a queue that happened to be longer
 * in one third does not look like a slower replica, and near the knee the noise is a fraction of that of plain means. What a
 * request found needs no settled queue either, so that only the first twentieth of the horizon is left out.
 *
 * | under way when it was due | group |
 * |---|---|
 * | 0 to 15 | one for each number |
 * | 16 and more | numbers that differ by up to 9% |
 *
 * The growth is the median of all comparisons within groups, so that work with heavy tails or two modes does not hide it.
 *
 * @param sent in the order in which they were due
 */
export function growthOf(sent: readonly SentRequest[]): number | null {
  const answered = sent.filter(({ timeMs }) => timeMs < Infinity);
  const lastsMs = answered.at(-1)?.dueMs ?? 0;
  const fromMs = settlingShare * lastsMs;
  const thirdMs = (lastsMs - fromMs) / 3;
  const groups = new Map<number, { readonly firsts: number[]; readonly seconds: number[] }>();
  for (const { dueMs, timeMs, underWay } of withUnderWay(answered)) {
    const isEarly = dueMs < fromMs + thirdMs;
    const isCompared = dueMs >= fromMs && (isEarly || dueMs >= lastsMs - thirdMs);
    if (!isCompared || timeMs <= 0) continue;
    const key = groupOf(underWay);
    const group = groups.get(key) ?? { firsts: [], seconds: [] };
    groups.set(key, group);
    (isEarly ? group.firsts : group.seconds).push(Math.log(timeMs));
  }
  const compared = [...groups.values()].filter(({ firsts, seconds }) => firsts.length > 0 && seconds.length > 0);
  const weight = compared.reduce(
    (sum, { firsts, seconds }) => sum + (firsts.length * seconds.length) / (firsts.length + seconds.length),
    0,
  );
  const shift = weight < fewestWeight ? null : stratifiedShift(compared);
  return shift === null ? null : Math.exp(shift);
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
