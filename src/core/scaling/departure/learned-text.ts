import { formatElapsed } from '../../units/quantity/quantity-duration.ts';
import type { LearnedEvidence, LearnedRatio, ShapeEvidence, WorkEvidence } from '../policy.ts';

/** What the evidence tells, that the ratios are of. */
export interface ToldNumbers {
  readonly ratePerSecond: number;
  /** Half of the starts are ready within it. */
  readonly startMs: number;
}

/** `52% (48% to 56%, 1,240 answers)`. */
export function ratioText({ estimate, lower, upper, samples }: LearnedRatio, sample: 'answer' | 'start'): string {
  const of = `${samples.toLocaleString('en-US')} ${sample}${samples === 1 ? '' : 's'}`;
  return `${percent(estimate)} (${percent(lower)} to ${percent(upper)}, ${of})`;
}

/** `a replica carries 52% (48% to 56%, 1,240 answers) of the 18 requests/s told: 9.36 requests/s`. */
export function describeCapacity({ capacity }: LearnedEvidence, { ratePerSecond }: ToldNumbers): string {
  const told = `${short(ratePerSecond)} requests/s told`;
  if (capacity.samples === 0) return `of the ${told} nothing is learned yet`;
  const real = `${short(ratePerSecond * capacity.estimate)} requests/s`;
  return `a replica carries ${ratioText(capacity, 'answer')} of the ${told}: ${real}`;
}

/** `it was learned on replicas that were 35% to 60% full, where it is 85%: full ones slow down by more than the curve says` */
export function describeShape({ lowerShare, upperShare, seenRatio }: ShapeEvidence, fullRatio: number): string {
  const why = fullRatio < seenRatio ? 'full ones slow down by more than the curve says' : 'full ones slow down by less';
  const where = `replicas that were ${percent(lowerShare)} to ${percent(upperShare)} full`;
  return `it was learned on ${where}, where it is ${percent(seenRatio)}: ${why}`;
}

/** `a start takes 210% (180% to 240%, 14 starts) of the 10.5 s told: 22.1 s`. */
export function describeStarts({ starts }: LearnedEvidence, { startMs }: ToldNumbers): string {
  const told = `${short(startMs / 1_000)} s told`;
  if (starts.samples === 0) return `of the ${told} of a start nothing is learned yet`;
  const real = `${short((startMs * starts.estimate) / 1_000)} s`;
  return `a start takes ${ratioText(starts, 'start')} of the ${told}: ${real}`;
}

const kindNames = { tokens: ['tokens read', 'tokens written'], rows: ['rows'], bytes: ['bytes'] } as const;

/**
 * `requests are counted by their rows (84% of a mean request's cost); those that arrive take 2.2 times the usual work`, or why they are not.
 */
export function describeWork({ unit, isUsed, explainedShare, costShares, factor }: WorkEvidence): string {
  if (!isUsed)
    return `requests are counted by their number: ${unit} explain ${percent(Math.max(0, explainedShare))} of the rest`;
  const parts = kindNames[unit].map((name, at) => `${name} ${percent(costShares[at + 1] ?? 0)}`);
  const now = factor === 1 ? 'of the usual work' : `of ${short(factor)} times the usual work`;
  return `requests are counted by their work (${parts.join(', ')} of the cost of one); those that arrive are ${now}`;
}

/** `acts on feedback alone for 3m 0s, because what it promised did not come true`; else `decides by it`. */
export function describeTrust({ trusted, distrustedSinceMs }: LearnedEvidence, nowMs: number): string {
  if (trusted) return 'decides by it';
  const lasted = distrustedSinceMs === null ? '' : ` for ${formatElapsed(Math.max(0, nowMs - distrustedSinceMs))}`;
  return `acts on feedback alone${lasted}, because what it promised did not come true`;
}

const percent = (share: number): string => `${short(100 * share)}%`;

/** Three digits, as far as they say something. */
const short = (value: number): string => String(Number(value.toPrecision(3)));
