import { describe, expect, it } from 'vitest';
import type { LabelPlan } from '../../labels/label-plan.ts';
import { beginLabels, type ClosedCohort, type LabelState } from '../../labels/label-state.ts';
import { hasLabelAlarm, isLabelAlarm, lastAgreedMs, observeQuality } from './observe-quality.ts';

const minuteMs = 60_000;
const plan: LabelPlan = {
  ...{ releases: [1], withinMs: 2 * minuteMs, cohortMs: minuteMs, unknown: [] },
  metrics: [{ metric: 'accuracy', worst: 1, evaluated: { low: 0.02, high: 0.04 }, limit: 0.06, noLimitBecause: null }],
};
const wide: LabelPlan = { ...plan, metrics: plan.metrics.map((each) => ({ ...each, limit: 0.3 })) };
const cohort = (at: number, low: number, high = low, labelled = 1_000): ClosedCohort => ({
  ...{ fromMs: at * minuteMs, rows: 1_000, labelled, risks: [{ low, high }] },
});
const many = (count: number, low: number, high = low, from = 0): readonly ClosedCohort[] =>
  Array.from({ length: count }, (_, at) => cohort(from + at, low, high));
const labels = (recent: readonly ClosedCohort[], of = plan): LabelState => ({ ...beginLabels(of), recent });
const all = { fromMs: 0, toMs: 1e9 };

describe('what labels say of quality', () => {
  it.each([
    ['nothing is judged', null, all, false, 'unknown', false],
    ['no cohort closed', labels([]), all, false, 'unknown', false],
    ['one bad cohort proves nothing', labels(many(1, 0.9)), all, false, 'unknown', false],
    ['ten bad cohorts', labels(many(10, 0.9)), all, false, 'fell', true],
    ['ten bad cohorts, of rows that inputs are not known of', labels(many(10, 0.9)), null, false, 'unknown', false],
    [
      'ten bad cohorts before these rows',
      labels(many(10, 0.9)),
      { fromMs: 600_000, toMs: 1e9 },
      false,
      'unknown',
      false,
    ],
    ['ten bad cohorts after these rows', labels(many(10, 0.9)), { fromMs: 0, toMs: 30_000 }, false, 'unknown', false],
    ['an alarm stands, and these rows are not judged', labels(many(1, 0.9)), all, true, 'fell', false],
    ['an alarm stands, and these rows are bad', labels(many(10, 0.9)), all, true, 'fell', true],
    ['every label is right, for long', labels(many(60, 0.001), wide), all, false, 'held', false],
    ['every label is right, not for long', labels(many(20, 0.001), wide), all, false, 'unknown', false],
    ['missing labels decide', labels(many(60, 0.01, 0.5)), all, false, 'unknown', false],
    ['half of the labels are there, and most are wrong', labels(many(20, 0.45, 0.95)), all, false, 'fell', true],
    [
      'there is no limit',
      labels(many(60, 0.9), { ...plan, metrics: plan.metrics.map((each) => ({ ...each, limit: null })) }),
      ...([all, false, 'unknown', false] as const),
    ],
  ] as const)('%s', (_what, state, rows, isAlarmed, verdict, isOfStable) => {
    expect(observeQuality(state, rows, isAlarmed)).toEqual({ quality: { verdict }, isOfStable });
  });

  it('a metric that fell is told beside one that held', () => {
    const [metric] = plan.metrics;
    if (metric === undefined) throw new Error('no metric');
    const two = { ...plan, metrics: [metric, { ...metric, metric: 'recall' }] };
    const recent = many(20, 0.001).map((each) => ({
      ...each,
      risks: [
        { low: 0, high: 0 },
        { low: 0.9, high: 0.9 },
      ],
    }));
    expect(observeQuality(labels(recent, two), all, false).quality.verdict).toBe('fell');
  });
});

describe('an alarm of labels', () => {
  it.each([
    ['feature', 'accuracy', true],
    ['group', 'quality', true],
    ['group', 'accuracy', false],
    ['feature', 'amount', false],
    ['aggregate', 'quality', false],
  ] as const)('%s %s: %s', (kind, name, expected) => {
    expect(isLabelAlarm({ kind, name }, { plan })).toBe(expected);
    const alarm = {
      ...{ kind, name, arm: null, statistic: 1, share: 1 },
      ...{ atMs: 1, release: 1, moved: '', sinceMs: 0 },
    };
    expect(hasLabelAlarm({ alarms: [alarm] }, labels([]))).toBe(expected);
    expect(hasLabelAlarm({ alarms: [alarm] }, null)).toBe(false);
  });
});

describe('when what labels found began', () => {
  it.each([
    ['no cohort', [], null],
    ['the newest cohort agrees', [...many(3, 0.02), cohort(3, 0.9), cohort(4, 0.02)], null],
    ['after the last one that agrees', [...many(3, 0.02), cohort(3, 0.9), cohort(4, 0.9)], 2 * minuteMs],
    ['none ever agreed', many(5, 0.9), null],
    ['the last before has too few labels', [...many(3, 0.02), cohort(3, 0.01, 0.9, 50), cohort(4, 0.9)], null],
    ['half of the labels are there', [cohort(0, 0.02, 0.52, 500), cohort(1, 0.45, 0.95, 500)], 0],
  ] as const)('%s', (_what, recent, expected) => {
    expect(lastAgreedMs(labels(recent))).toBe(expected);
  });
});
