import { growthOf } from './burst-trend.ts';
import { findBursts, findGreatestBurst, type Burst, type Inflow } from './find-bursts.ts';

/** How many times the greatest burst of lately the next one may be, and which buckets hold the greatest. */
export interface NextBurst {
  /** 1 where what was seen tells enough. */
  readonly factor: number;
  readonly from: number;
  readonly until: number;
}

/** What a history of arrivals is asked by. */
export interface BurstQuestion extends Inflow {
  /** Bursts nearer to each other than a start are one: nothing that is ordered for the first serves before the second. */
  readonly startMs: number;
  /** What is chosen now stands for so long. */
  readonly standsMs: number;
}

export const asSeen: NextBurst = { factor: 1, from: 0, until: 0 };

/** What is chosen is to hold with this chance until it is chosen anew. */
const chanceToHold = 0.9;
/** Below half of the greatest burst nothing says how much greater the next may be. */
const burstShare = 0.5;
/** Of bursts that grow those down to this share are looked at. */
const trendShare = 0.3;
/** Spacings below so many standard deviations of the count of requests are noise. */
const noiseDeviations = 2;
/** A replay is no more exact than the one, and a burst beyond the other is met when it comes. */
const [factorAtLeast, factorAtMost] = [1.1, 2] as const;

/**
 * Returns how great the next burst may be: the 90% upper prediction limit of the greatest burst in the time for which settings are chosen.
 *
 * | seen | limit |
 * |---|---|
 * | bursts that grow, five and more, the last of them the greatest | beyond it, by how they grew |
 * | nine times as long or more | the greatest that was seen: of ten equal times the last holds the greatest with a chance of one in ten |
 * | less, one burst | the greatest that was seen: one burst says nothing of how bursts differ |
 * | less, several bursts | beyond the greatest, by how much they differ |
 *
 * Let the time seen be t and the time to come T. The greatest burst comes in T with a chance of c = T / (t + T). The logarithms of great bursts lie
 * apart like exponential variables (Rényi 1953): k spacings of mean h (Hill 1975) give the excess x of a new greatest burst, P(more than x) =
 * (1 + x / (k h))^-k. Of c times that, 0.1 is left at x = k h ((c / 0.1)^(1/k) - 1). For many spacings this is Weissman's quantile (1978).
 *
 * Worked: 3 bursts in 850 s ask for 16/s, 14.5/s and 8.5/s, T = 224 s: c = 0.209, h = (ln(16/8.5) + ln(14.5/8.5)) / 2 = 0.583, k = 2: x = 0.52. The
 * next burst may be 1.68 times the greatest.
 */
export function predictNextBurst(asked: BurstQuestion): NextBurst {
  const { arrivals, bucketMs, standsMs } = asked;
  const chance = standsMs / (arrivals.length * bucketMs + standsMs);
  const isLong = chance <= 1 - chanceToHold;
  // Bursts that grow have the greatest last.
  if (isLong && arrivals.indexOf(Math.max(...arrivals)) < arrivals.length / 2) return asSeen;
  const greatest = findGreatestBurst(asked);
  if (greatest === null) return asSeen;
  const excess = Math.max(growthUpTo(asked, greatest), isLong ? 0 : spreadUpTo(asked, greatest, chance));
  const factor = Math.min(factorAtMost, Math.exp(excess));
  return factor < factorAtLeast ? asSeen : { factor, from: greatest.from, until: greatest.until };
}

/** Logarithm of how many times the greatest of bursts that differ the next may be; 0 where they do not differ. */
function spreadUpTo(asked: BurstQuestion, greatest: Burst, chance: number): number {
  const bursts = findBursts(asked, burstShare * greatest.ratePerSecond, { apartMs: asked.startMs, greatest });
  const spacing = meanSpacing(bursts);
  if (spacing === null || spacing <= noiseOf(asked.arrivals, greatest)) return 0;
  const count = bursts.length - 1;
  return count * spacing * ((chance / (1 - chanceToHold)) ** (1 / count) - 1);
}

/** Logarithm of how many times the greatest burst the next may be, where it is the last of bursts that grow; 0 where it is not. */
function growthUpTo(asked: BurstQuestion, greatest: Burst): number {
  const { bucketMs, startMs, standsMs } = asked;
  const bursts = findBursts(asked, trendShare * greatest.ratePerSecond, { apartMs: startMs, greatest });
  const last = bursts.at(-1);
  if (last === undefined || greatest.from < last.from || greatest.until > last.until) return 0;
  return growthOf(bursts, standsMs / bucketMs, chanceToHold) ?? 0;
}

/** Mean distance of the logarithms of all but the least from the least; null with fewer than two. */
function meanSpacing(bursts: readonly Burst[]): number | null {
  if (bursts.length < 2) return null;
  const logs = bursts.map(({ ratePerSecond }) => Math.log(ratePerSecond));
  const least = Math.min(...logs);
  return logs.reduce((sum, log) => sum + log - least, 0) / (logs.length - 1);
}

/** Of n requests the logarithm scatters by 1 / sqrt(n). */
function noiseOf(arrivals: readonly number[], { from, until }: Burst): number {
  const requests = arrivals.slice(from, until).reduce((sum, count) => sum + count, 0);
  return noiseDeviations / Math.sqrt(requests);
}

/** Lists are never written to, and are asked about at each decision: the last answer of each is kept. */
const stretched = new WeakMap<readonly number[], { readonly by: NextBurst; readonly list: readonly number[] }>();

/** Returns the values of the buckets with those of the greatest burst as great as the next one may be. */
export function withNextBurst(list: readonly number[], next: NextBurst): readonly number[] {
  const { factor, from, until } = next;
  if (factor === 1) return list;
  const known = stretched.get(list);
  if (known?.by.factor === factor && known.by.from === from && known.by.until === until) return known.list;
  const made = list.map((value, at) => (at >= from && at < until ? factor * value : value));
  stretched.set(list, { by: next, list: made });
  return made;
}
