/**
 * Which requests to have labelled. The draw is recorded before anybody sees a label, so that the choice can say nothing about
 * the labels.
 */
export interface AskCandidate {
  readonly requestId: string;
  readonly atMs: number;
  readonly seq: number;
  readonly prediction: string | number;
  /** What the model's own score says of the answer: 1 is sure. Null where it says nothing. */
  readonly confidence: number | null;
}

/** One draw. */
export interface AskedRequest {
  readonly requestId: string;
  readonly atMs: number;
  readonly prediction: string | number;
  /** Probability with which it was chosen. */
  readonly propensityShare: number;
  /** Loss that the model's own score expects, 0 to 1. */
  readonly expectedLoss: number;
  /** Mean over the draw of `expectedLoss` / `propensityShare`, times draws / rows: what this draw expected. */
  readonly drawnExpectation: number;
}

export interface Draw {
  /** Requests that were chosen from. */
  readonly rows: number;
  /** Part of the choice that goes by how unsure the model is; the rest is uniform. */
  readonly activeShare: number;
  /** In the order of the draws. A request that lies across two of them may be there twice. */
  readonly chosen: readonly AskedRequest[];
}

/** An estimate of a whole draw lies in [-slack, 1 + slack], whatever the labels are: what bets on it rests on that. */
export const drawSlack = 0.1;
/** A single term lies at most this below 0, and above what a label weighs. */
const termSlack = 0.2;
/** The part of the choice that goes by how unsure the model is; tried in this order. */
const activeShares = [0.25, 0];
/** Centres of terms are at most a half, so that no term is further below its centre than this. */
export const centreAtMost = 0.5;
export const rangeBelow = centreAtMost + termSlack;
/** No label weighs more than its uniform part lets it, so that no term is further above its centre than this. */
export const rangeAbove = 1 / (1 - 0.25) + termSlack;

/**
 * Draws `wanted` requests: all of them where there are no more.
 *
 * 1. Order by expected loss f, so that the draws are spread evenly over what the model thinks.
 * 2. Propensity: a uniform part, and a part by sqrt(f (1 - f)), which is large where the model is unsure.
 * 3. On the line of cumulated propensities, which is `wanted` long, draw one point in each unit. A request is drawn with its
 *    propensity exactly, and the number of draws is fixed.
 *
 * Why the order: within a unit f / propensity hardly moves, so that a draw cannot lead far from the truth.
 *
 * @param nextShare uniform in [0, 1), independent of everything else.
 */
export function chooseAsked(candidates: readonly AskCandidate[], wanted: number, nextShare: () => number): Draw {
  const scored = withExpectedLoss(candidates);
  const total = Math.min(wanted, scored.length);
  for (const activeShare of activeShares) {
    const losses = scored.map(({ expectedLoss }) => expectedLoss);
    const propensities = propensitiesOf(losses, total, activeShare);
    const expected = expectations(losses, propensities, total);
    if (expected !== null) return drawFrom(scored, propensities, expected, activeShare, nextShare);
  }
  // Too few labels for the scores to count: each request with the same probability.
  const plain = scored.map((each) => ({ ...each, expectedLoss: 0 }));
  const none = Array.from({ length: total }, () => 0);
  const uniform = plain.map(() => total / plain.length);
  return drawFrom(plain, uniform, none, 0, nextShare);
}

type Scored = AskCandidate & { readonly expectedLoss: number };

/** A request without a score is expected to be like the others. */
function withExpectedLoss(candidates: readonly AskCandidate[]): readonly Scored[] {
  const known = candidates.flatMap(({ confidence }) => (isShare(confidence) ? [1 - confidence] : []));
  const usual = known.length === 0 ? 0 : known.reduce((sum, loss) => sum + loss, 0) / known.length;
  return candidates
    .map((each) => ({ ...each, expectedLoss: isShare(each.confidence) ? 1 - each.confidence : usual }))
    .sort((a, b) => a.expectedLoss - b.expectedLoss || a.seq - b.seq);
}

export const isShare = (value: number | null): value is number => value !== null && value >= 0 && value <= 1;

/** Probabilities that sum to `total`; what would be above 1 is 1, and the others share the rest. */
function propensitiesOf(losses: readonly number[], total: number, activeShare: number): readonly number[] {
  const unsure = losses.map((loss) => Math.sqrt(loss * (1 - loss)));
  const mean = unsure.reduce((sum, each) => sum + each, 0) / unsure.length;
  const weights = unsure.map((each) => 1 - activeShare + (mean === 0 ? activeShare : (activeShare * each) / mean));
  const isSure = weights.map(() => false);
  for (;;) {
    const left = total - isSure.filter(Boolean).length;
    const shared = weights.reduce((sum, weight, index) => (isSure[index] === true ? sum : sum + weight), 0);
    const above = weights.flatMap((weight, index) =>
      isSure[index] !== true && (weight * left) / shared >= 1 ? [index] : [],
    );
    if (above.length === 0) return weights.map((weight, at) => (isSure[at] === true ? 1 : (weight * left) / shared));
    for (const index of above) isSure[index] = true;
  }
}

/**
 * What each draw expects; null where a draw may lead too far from the truth. In units of the mean loss of all.
 *
 * The sum over all units bounds how far the estimate of the whole draw may leave [0, 1], for scores that are followed
 * altogether, in part or not at all.
 */
function expectations(
  losses: readonly number[],
  propensities: readonly number[],
  total: number,
): readonly number[] | null {
  const units = Array.from({ length: total }, () => ({ sum: 0, low: Infinity, high: -Infinity }));
  const scale = total / losses.length;
  forEachPiece(propensities, (index, unit, part) => {
    const value = (scale * (losses[index] ?? 0)) / (propensities[index] ?? 1);
    const of = units[unit];
    if (of === undefined) return;
    of.sum += part * value;
    of.low = Math.min(of.low, value);
    of.high = Math.max(of.high, value);
  });
  const widths = units.map(({ low, high }) => high - low);
  const isBounded = widths.every((width) => width <= termSlack) && sumOf(widths) <= drawSlack * total;
  return isBounded ? units.map(({ sum }) => sum) : null;
}

/** The pieces of the line of cumulated propensities: the request, the unit, and the length of the piece. */
function forEachPiece(
  propensities: readonly number[],
  visit: (index: number, unit: number, part: number, from: number) => void,
): void {
  const total = Math.round(sumOf(propensities));
  let from = 0;
  propensities.forEach((propensity, index) => {
    // The last end is a whole number: a rounding error must not lose the last point.
    const to = index === propensities.length - 1 ? total : Math.min(total, snapped(from + propensity));
    while (from < to) {
      const unit = Math.floor(from);
      const end = Math.min(to, unit + 1);
      visit(index, unit, end - from, from - unit);
      from = end;
    }
  });
}

/** Sums of probabilities that are 1 stay whole numbers. */
const snapped = (place: number): number => (Math.abs(place - Math.round(place)) < 1e-9 ? Math.round(place) : place);

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function drawFrom(
  scored: readonly Scored[],
  propensities: readonly number[],
  expected: readonly number[],
  activeShare: number,
  nextShare: () => number,
): Draw {
  const points = expected.map(() => nextShare());
  const chosen: AskedRequest[] = [];
  forEachPiece(propensities, (index, unit, part, from) => {
    const point = points[unit] ?? 1;
    const row = scored[index];
    if (row === undefined || point < from || point >= from + part) return;
    const { requestId, atMs, prediction, expectedLoss } = row;
    const propensityShare = propensities[index] ?? 1;
    const drawnExpectation = expected[unit] ?? 0;
    chosen.push({ requestId, atMs, prediction, propensityShare, expectedLoss, drawnExpectation });
  });
  return { rows: scored.length, activeShare, chosen };
}
