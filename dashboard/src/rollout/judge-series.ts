import type { CanaryMetric, CanarySample, MetricJudgement } from '../../../src/core/rollout/judge/canary.ts';

/** One look of the judge at one metric; places are shares of the drawing, from its left and from its top. */
export interface SeriesPoint {
  readonly x: number;
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** What the judge saw of one metric over a whole rollout, ready to draw: each step begins anew. */
export interface JudgeSeries {
  readonly steps: readonly { readonly step: number; readonly x: number; readonly points: readonly SeriesPoint[] }[];
  /** Places of the lines `margin` and `no difference`, from the top. */
  readonly margin: number;
  readonly none: number;
  /** Whether worse lies below the margin: agreement falls, all else rises. */
  readonly worseIsBelow: boolean;
  readonly last: MetricJudgement | null;
}

/** A drawing of a few hundred pixels shows no more. */
const pointsAtMost = 240;

/** How much of the axis lies beyond the margin where nothing reaches further: an interval that is cut off ends at the edge. */
const marginsShown = 2.4;

/**
 * Samples of one release, oldest first, as one drawing of a metric. An interval that is wider than the axis is cut off at its
 * edge; a `high` of null is unbounded, and reaches the edge too.
 *
 * @returns null where no sample judges the metric.
 */
export function judgeSeries(samples: readonly CanarySample[], metric: CanaryMetric): JudgeSeries | null {
  const seen = samples.flatMap(({ step, judgement }) => {
    const found = judgement.metrics.find((each) => each.metric === metric);
    return found === undefined ? [] : [{ step, atMs: judgement.atMs, found }];
  });
  const last = seen.at(-1)?.found ?? null;
  if (last === null) return null;
  const fromMs = samples[0]?.judgement.atMs ?? 0;
  const spanMs = Math.max(1, (samples.at(-1)?.judgement.atMs ?? 0) - fromMs);
  const reach = reachOf(seen.map(({ found }) => found));
  const place = (value: number): number => 0.5 - Math.max(-1, Math.min(1, value / reach)) / 2;
  const xOf = (atMs: number): number => (atMs - fromMs) / spanMs;
  const steps = [...new Set(seen.map(({ step }) => step))].map((step) => {
    const own = seen.filter((each) => each.step === step);
    const points = thinned(own).flatMap(({ atMs, found: { difference } }): SeriesPoint[] =>
      difference === null
        ? []
        : [
            {
              x: xOf(atMs),
              estimate: place(difference.estimate),
              low: place(difference.low),
              high: place(difference.high ?? Infinity),
            },
          ],
    );
    return { step, x: xOf(own[0]?.atMs ?? fromMs), points };
  });
  return { steps, margin: place(last.margin), none: place(0), worseIsBelow: metric === 'agreement', last };
}

/** The margin is well inside; so is the estimate where it ended, and half of those before: the first few requests may say anything. */
function reachOf(judged: readonly MetricJudgement[]): number {
  const sizes = judged.flatMap(({ difference }) => (difference === null ? [] : [Math.abs(difference.estimate)]));
  const ended = sizes.at(-1) ?? 0;
  const median = [...sizes].sort((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? 0;
  const margin = Math.abs(judged.at(-1)?.margin ?? 0);
  return Math.max(margin * marginsShown, ended * 1.25, median * 1.25, 1e-6);
}

function thinned<T>(points: readonly T[]): readonly T[] {
  const every = Math.ceil(points.length / pointsAtMost);
  return points.filter((_, index) => index % every === 0 || index === points.length - 1);
}

/** Outlines for an SVG of 100 by 100: the band from low to high, and the line of the estimate. */
export function bandPath(points: readonly SeriesPoint[]): string {
  if (points.length === 0) return '';
  const there = points.map(({ x, high }) => at(x, high));
  const back = [...points].reverse().map(({ x, low }) => at(x, low));
  return `M${[...there, ...back].join('L')}Z`;
}

export function estimatePath(points: readonly SeriesPoint[]): string {
  return points.length === 0 ? '' : `M${points.map(({ x, estimate }) => at(x, estimate)).join('L')}`;
}

const at = (x: number, y: number): string => `${(x * 100).toFixed(2)} ${(y * 100).toFixed(2)}`;
