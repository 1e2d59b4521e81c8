import { describeShape } from '../../../src/core/scaling/departure/learned-text.ts';
import type { LearnedRatio, WorkEvidence } from '../../../src/core/scaling/policy.ts';
import type { LearnedView } from '../../../src/schemas/view/view.ts';
import { counted, formatCount, formatDuration, formatShare, formatWhole } from '../parts/format.ts';

/** One thing that was told, and what live data say of it. */
export interface LearnedPart {
  readonly name: string;
  readonly value: string;
  /** The ratio with its interval, what it rests on, and how full the replicas were that it was learned on. */
  readonly detail: string;
}

/** What a replica carries, what a start takes and how requests are counted; a dash and what was told while nothing is learned. */
export function learnedParts({ capacity, starts, work, shape, told }: LearnedView): readonly LearnedPart[] {
  return [
    {
      name: 'a replica carries',
      value: capacity.samples === 0 ? '–' : `${formatCount(told.ratePerSecond * capacity.estimate)} requests/s`,
      detail: [
        detailOf(`${formatCount(told.ratePerSecond)} told`, capacity, 'answer'),
        ...(shape === undefined ? [] : [describeShape(shape, capacity.estimate)]),
      ].join('; '),
    },
    {
      name: 'a start takes',
      value: starts.samples === 0 ? '–' : formatDuration(told.startMs * starts.estimate),
      detail: detailOf(`${formatDuration(told.startMs)} told`, starts, 'start'),
    },
    ...(work === undefined ? [] : [countedBy(work)]),
  ];
}

function countedBy({ unit, isUsed, factor, explainedShare }: WorkEvidence): LearnedPart {
  const explained = `${unit} explain ${formatShare(Math.max(0, explainedShare))} of what their number does not`;
  const detail = isUsed ? `${formatCount(factor)} times the usual work arrives; ${explained}` : explained;
  return { name: 'requests are counted by', value: isUsed ? `their ${unit}` : 'their number', detail };
}

function detailOf(told: string, { estimate, lower, upper, samples }: LearnedRatio, sample: string): string {
  if (samples === 0) return `${told}, nothing learned yet`;
  const of = samples === 1 ? counted(1, sample) : `${formatWhole(samples)} ${sample}s`;
  return `${formatShare(estimate)} of ${told} (${formatShare(lower)} to ${formatShare(upper)}, ${of})`;
}

/** `trusted`, or for how long not. */
export function trustWords({ trusted, distrustedSinceMs }: LearnedView, nowMs: number): string {
  if (trusted) return 'trusted';
  return distrustedSinceMs === null
    ? 'feedback alone'
    : `feedback alone for ${formatDuration(Math.max(1_000, nowMs - distrustedSinceMs))}`;
}
