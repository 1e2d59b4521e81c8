/**
 * Evidence about the difference of two shares, one block of counts at a time; valid however often one looks.
 *
 * Null: in each block, the mean probability of a hit of the second arm exceeds that of the first by at most `margin`.
 *
 * One block has n1 units of the first arm with hits y1, n2 of the second with hits y2, all independent given the past.
 * For any anchor a (with b = a + margin) and any stake s >= 0 that were fixed before the block was seen, take
 *
 *     E = prod over first (1 - (s / n1) (y1 - a)) * prod over second (1 + (s / n2) (y2 - b)),   each factor >= 0.
 *
 * Theorem: E[E | past] <= 1 under the null, whatever the shares themselves are, also where they differ from unit to unit.
 * Proof: let p1, p2 be the mean probabilities. By independence the expectation is a product of n1 + n2 means; by the
 * inequality of the arithmetic and the geometric mean it is at most
 *     ((n1 (1 - (s/n1)(p1 - a)) + n2 (1 + (s/n2)(p2 - b))) / (n1 + n2)) ^ (n1 + n2)
 *     = (1 + s (p2 - p1 - margin) / (n1 + n2)) ^ (n1 + n2) <= 1.                                                     QED
 * So products over blocks are test supermartingales, and P(a product ever reaches 1/alpha) <= alpha (Ville 1939).
 * Only counts enter: the order of arrivals is of no matter, the arms may be of any size, and a share that moves with the
 * hour moves in both arms.
 *
 * Anchor and stake are those that grow fastest if `guess` is true: a is the point of the null that is nearest to the
 * guess by Kullback-Leibler divergence, weighted by n1 and n2, which makes E the reverse information projection of
 * Turner, Ly and Grunwald (2024, Generic E-variables for exact sequential k-sample tests; arXiv 2106.02693, theorem 1)
 * and of Turner and Grunwald (2023, Exact anytime-valid confidence intervals for contingency tables; arXiv 2203.09785).
 * A wrong guess costs power and never validity.
 */
export interface ShareCount {
  readonly units: number;
  readonly hits: number;
}

/** Factors stay above this, so that no single unit ends the evidence. */
const leastFactor = 1e-3;

/**
 * Natural logarithm of E of one block: above 0 it speaks for "second exceeds first by more than `margin`".
 *
 * @param margin in (-1, 1).
 * @param guess shares in (0, 1), made without the block. Where it is inside the null there is no bet, and the result is 0.
 */
export function logEvidenceOfExcess(
  first: ShareCount,
  second: ShareCount,
  margin: number,
  guess: { readonly first: number; readonly second: number },
): number {
  if (first.units <= 0 || second.units <= 0 || !(guess.second - guess.first > margin)) return 0;
  const a = nearestNull(first.units, second.units, margin, guess.first, guess.second);
  const b = a + margin;
  const stake = Math.min(
    (second.units * (guess.second - b)) / (b * (1 - b)),
    ((1 - leastFactor) * second.units) / b,
    ((1 - leastFactor) * first.units) / (1 - a),
  );
  if (!(stake > 0)) return 0;
  const one = stake / first.units;
  const two = stake / second.units;
  return (
    times(first.hits, -one * (1 - a)) +
    times(first.units - first.hits, one * a) +
    times(second.hits, two * (1 - b)) +
    times(second.units - second.hits, -two * b)
  );
}

function times(count: number, gain: number): number {
  return count === 0 ? 0 : count * Math.log1p(gain);
}

const edge = 1e-9;
const stepsAtMost = 60;

/**
 * The a in (0, 1) with a + margin in (0, 1) that is least n1 KL(g1 | a) + n2 KL(g2 | a + margin): the root of an
 * increasing function between g1 and g2 - margin, by Newton's method kept inside a shrinking bracket.
 */
function nearestNull(n1: number, n2: number, margin: number, g1: number, g2: number): number {
  let low = Math.max(g1, edge - margin, edge);
  let high = Math.min(g2 - margin, 1 - edge - margin, 1 - edge);
  if (high <= low) return Math.min(Math.max(low, edge), 1 - edge);
  let a = (n1 * low + n2 * high) / (n1 + n2);
  for (let step = 0; step < stepsAtMost; step += 1) {
    const b = a + margin;
    const va = a * (1 - a);
    const vb = b * (1 - b);
    const value = (n1 * (a - g1)) / va + (n2 * (b - g2)) / vb;
    if (value > 0) high = a;
    else low = a;
    const slope =
      n1 * ((a - g1) ** 2 / va ** 2 + (g1 * (1 - g1)) / va ** 2) +
      n2 * ((b - g2) ** 2 / vb ** 2 + (g2 * (1 - g2)) / vb ** 2);
    const newton = a - value / slope;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - a) <= 1e-7 * next) return next;
    a = next;
  }
  return a;
}
