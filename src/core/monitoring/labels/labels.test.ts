import { describe, expect, it } from 'vitest';
import type { Gate } from '../../contract/contract.ts';
import type { EvaluationMeasurements, MetricMeasurement } from '../../evaluation/measure/measurements.ts';
import { seededRandom } from '../../statistics/random.ts';
import { acknowledgeAlarm, emptyBudget, stepBudget } from '../alarms/alarm-budget.ts';
import { splitWeights } from '../alarms/alarm-weights.ts';
import { judgeLabels } from './judge-labels.ts';
import { labelFeatures, labelTerms, takeLabelEvidence } from './label-evidence.ts';
import { cohortLengthMs, planLabels, type LabelPlan, type LabelQuestion } from './label-plan.ts';
import { beginLabels, maturePart, takeMature, type LabelledPrediction, type LabelState } from './label-state.ts';

const minuteMs = 60_000;
const withinMs = 10 * minuteMs;
const gate = (metric: string): Gate => ({ metric, confidenceShare: 0.95 });
const measured = (metric: string, more: Partial<MetricMeasurement> = {}): MetricMeasurement => ({
  metric,
  slice: null,
  rows: 2_000,
  value: 0.9,
  largerIsBetter: true,
  ...more,
});
const measurements = (...metrics: readonly MetricMeasurement[]): EvaluationMeasurements =>
  ({ evaluationVersion: 1, metrics, comparisons: [] }) as unknown as EvaluationMeasurements;
const evaluatedWell = measurements(measured('accuracy', { proportion: { successes: 1_800, rows: 2_000 } }));
const plan = (more: Partial<LabelQuestion> = {}): LabelPlan =>
  planLabels({
    ...{ releases: [1], withinMs, marginShare: 0.01, errorAtMost: null },
    ...{ gates: [gate('accuracy')], measurements: evaluatedWell },
    ...more,
  });

const row = (seq: number, more: Partial<LabelledPrediction> = {}): LabelledPrediction => ({
  ...{ seq, requestId: `r${seq}`, atMs: seq * 1_000, release: 1, replicaId: null, confidence: null },
  ...{ prediction: 'cat', truth: { label: 'cat' }, labelledAtMs: seq * 1_000 + 5_000 },
  ...more,
});
/** Rows of cohorts of one minute, 60 each unless told otherwise, of which a share is wrong. */
const cohortRows = (cohorts: number, wrong: (cohort: number, row: number) => boolean | null, from = 0, rows = 60) =>
  Array.from({ length: cohorts * rows }, (_, at) => {
    const is = wrong(from + Math.floor(at / rows), at % rows);
    const seq = from * rows + at + 1;
    const truth = is === null ? null : { label: is ? 'dog' : 'cat' };
    const atMs = ((from * rows + at) * minuteMs) / rows;
    return row(seq, { atMs, truth, labelledAtMs: truth === null ? null : atMs + 1 });
  });
const take = (state: LabelState, rows: readonly LabelledPrediction[]): LabelState => takeMature(state, rows, 1e15);

describe('the plan of labels', () => {
  it('takes the risk of the gates from the evaluation evidence, and adds the margin', () => {
    const [accuracy] = plan().metrics;
    expect(accuracy?.evaluated?.low).toBeGreaterThan(0.08);
    expect(accuracy?.evaluated?.high).toBeGreaterThan(0.1);
    expect(accuracy?.limit).toBeCloseTo((accuracy?.evaluated?.high ?? 0) + 0.01, 12);
  });

  it('names each metric that labels cannot judge, with the reason', () => {
    const { metrics, unknown } = plan({
      gates: [
        'accuracy',
        'f1-macro',
        'recall[cat]',
        'brier',
        'ndcg@10',
        'quantile-loss@0.9',
        'mae',
        'own',
        'latency-p99',
      ].map(gate),
    });
    expect(metrics.map(({ metric }) => metric)).toEqual(['accuracy']);
    expect(Object.fromEntries(unknown.map(({ metric, reason }) => [metric, reason]))).toMatchObject({
      'f1-macro': expect.stringContaining('no mean'),
      'recall[cat]': expect.stringContaining('one class'),
      brier: expect.stringContaining('probability'),
      'ndcg@10': expect.stringContaining('each document'),
      'quantile-loss@0.9': expect.stringContaining('quantile'),
      mae: expect.stringContaining('errorAtMost'),
      own: expect.stringContaining('own program'),
    });
  });

  it('counts an error up to its stated bound', () => {
    const limits = { '0.95': { lower: 2, upper: 4 } };
    const mae = measured('mae', { value: 3, largerIsBetter: false, limits });
    const made = plan({ gates: [gate('mae')], measurements: measurements(mae), errorAtMost: 20 });
    expect(made.metrics[0]).toMatchObject({ worst: 20, evaluated: { low: 0.1, high: 0.2 } });
    const far = row(1, { prediction: 100, truth: { label: 1 } });
    const near = row(2, { prediction: 5, truth: { label: 1 } });
    expect(take(beginLabels(made), [far, near]).recent[0]?.risks[0]?.low).toBeCloseTo(0.6, 12);
  });

  it('has no limit without evidence, and says why', () => {
    expect(plan({ measurements: null }).metrics[0]).toMatchObject({ limit: null, evaluated: null });
    const [one] = judgeLabels(
      take(
        beginLabels(plan({ measurements: null })),
        cohortRows(3, () => false),
      ),
    ).metrics;
    expect(one).toMatchObject({ verdict: 'unknown', reason: expect.stringContaining('does not measure accuracy') });
    expect(one?.live?.high).toBeLessThan(1);
  });

  it('makes cohorts of a day where labels take days, and of a part of a day else', () => {
    expect([cohortLengthMs(7 * 86_400_000), cohortLengthMs(86_400_000 / 2), cohortLengthMs(1)]).toEqual([
      86_400_000, 1_800_000, 60_000,
    ]);
  });
});

describe('labels that come late', () => {
  it('are judged at maturity, in order of arrival, each prediction once', () => {
    const rows = [row(1), row(2, { atMs: 900_000 }), row(3)];
    expect(maturePart(rows, withinMs, 700_000)).toEqual([rows[0]]);
    const once = takeMature(beginLabels(plan()), rows, null);
    expect(takeMature(once, rows, null)).toEqual(once);
    expect(once.rows.mature).toBe(3);
  });

  it('count as missing when they came after labels.within, or tell nothing', () => {
    const { rows, recent } = take(beginLabels(plan()), [
      row(1, { labelledAtMs: 1_000 + withinMs + 1 }),
      row(2, { truth: null, labelledAtMs: null }),
      row(3, { truth: { right: false } }),
      row(4, { release: 9 }),
    ]);
    expect(rows).toEqual({ mature: 3, labelled: 1, late: 1, unusable: 0, otherRelease: 1 });
    expect(recent[0]?.risks[0]?.low).toBeCloseTo(1 / 3, 12);
    expect(recent[0]?.risks[0]?.high).toBe(1);
  });

  it('give no verdict before a cohort is mature', () => {
    const [accuracy] = judgeLabels(takeMature(beginLabels(plan()), [row(1)], 1_000)).metrics;
    expect(accuracy).toMatchObject({ verdict: 'unknown', live: null });
  });

  it('fail where the live risk is above the limit, pass where it is below', () => {
    const bad = judgeLabels(
      take(
        beginLabels(plan()),
        cohortRows(40, (_, at) => at % 3 === 0),
      ),
    );
    expect(bad.metrics[0]).toMatchObject({ verdict: 'fail', moreCohorts: 0 });
    const good = judgeLabels(
      take(
        beginLabels(plan()),
        cohortRows(150, (_, at) => at % 60 === 0),
      ),
    );
    expect(good.metrics[0]).toMatchObject({ verdict: 'pass' });
    expect(good.completenessShare).toBe(1);
  });

  it('say how many cohorts more decide', () => {
    const few = take(
      beginLabels(plan()),
      cohortRows(5, (_, at) => at % 6 === 0),
    );
    const [first] = judgeLabels(few).metrics;
    expect(first).toMatchObject({ verdict: 'inconclusive' });
    const more = (first?.moreCohorts ?? 0) + 2;
    const [then] = judgeLabels(
      take(
        few,
        cohortRows(more, (_, at) => at % 6 === 0, 5),
      ),
    ).metrics;
    expect(then?.verdict).toBe('fail');
  });

  it('are unknown where the missing ones decide', () => {
    const half = take(
      beginLabels(plan()),
      cohortRows(100, (_, at) => (at % 2 === 0 ? null : at % 20 === 1)),
    );
    expect(judgeLabels(half).metrics[0]).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringContaining('missing labels decide'),
    });
  });

  it('show that labels of wrong answers come first', () => {
    const rows = cohortRows(10, (_, at) => at % 5 === 0).map((each) => {
      const isWrong = each.truth !== null && 'label' in each.truth && each.truth.label === 'dog';
      return { ...each, labelledAtMs: each.atMs + (isWrong ? 10_000 : 500_000) };
    });
    const { delays } = judgeLabels(take(beginLabels(plan()), rows));
    expect(delays.differs).toBe(true);
    expect(delays.wrong.medianMs).toBeLessThan(delays.right.medianMs ?? 0);
    expect(
      judgeLabels(
        take(
          beginLabels(plan()),
          cohortRows(10, (_, at) => at % 5 === 0),
        ),
      ).delays.differs,
    ).toBe(false);
  });

  it('keep a state of bounded size that is JSON', () => {
    const state = take(
      beginLabels(plan()),
      cohortRows(400, (cohort, at) => at < cohort % 30),
    );
    expect(JSON.stringify(state).length).toBeLessThan(20_000);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});

describe('the alarm of labels', () => {
  const made = plan();
  const weights = splitWeights([], labelFeatures(made));
  const rate = { count: 1, perMs: 100 * minuteMs };
  /** One cohort a tick of a minute; each alarm is acknowledged. */
  const alarmsOf = (cohorts: number, wrong: (cohort: number, row: number) => boolean, rows = 60) => {
    let state = beginLabels(made);
    let budget = emptyBudget;
    let last: number | null = null;
    for (let cohort = 0; cohort < cohorts; cohort += 1) {
      state = takeMature(state, cohortRows(1, wrong, cohort, rows), 1e15);
      const taken = takeLabelEvidence(state, withinMs + (cohort + 1) * minuteMs);
      state = taken.state;
      const terms = labelTerms(made, weights);
      const step = stepBudget(budget, { elapsedMs: minuteMs, rate, terms, evidence: taken.evidence });
      if (step.alarm !== null) last ??= cohort;
      budget = acknowledgeAlarm(step.budget, 'all');
    }
    return { alarms: budget.alarms, promised: budget.injected, firstAt: last };
  };

  it('is raised soon after the risk goes up, also late in a long good time', () => {
    const random = seededRandom(4);
    const { firstAt, alarms } = alarmsOf(330, (cohort) => random.nextShare() < (cohort < 300 ? 0.08 : 0.35));
    expect(firstAt).toBeGreaterThanOrEqual(300);
    expect(firstAt).toBeLessThan(312);
    expect(alarms).toBeGreaterThan(0);
  });

  it('bets nothing between two cohorts, and has no evidence while no label comes', () => {
    expect(takeLabelEvidence(beginLabels(made), 0).evidence).toEqual({});
    const closed = takeMature(
      beginLabels(made),
      cohortRows(1, () => false),
      1e15,
    );
    const first = takeLabelEvidence(closed, withinMs + minuteMs);
    expect(first.evidence['labels/accuracy']?.[0]).toBeCloseTo(0.1, 12);
    const then = (nowMs: number) => takeLabelEvidence(first.state, nowMs).evidence;
    expect(then(withinMs + 2 * minuteMs)).toEqual({ 'labels/accuracy': [1, 1, 1, 1] });
    expect(then(withinMs + 3 * minuteMs)).toEqual({});
  });

  // What holds: given the cohorts before, a cohort is expected to have the limit as its risk. Rows inside a cohort depend on
  // one another here as much as they can. Cohorts that depend on one another break the null: no promise is made for them.
  // Half above the limit there are 132, 51 and 17 alarms: more than promised, so that the test can fail.
  it.each([
    [1, 0, 1],
    [2, 0.5, 1],
    [3, 1, 1],
    [1, 0, 1.5],
  ])('is raised no oftener than promised at the limit, but above it (seed %i, dependence %f, %f of it)', (...of) => {
    const [seed, dependence, part] = of;
    const risk = part * (made.metrics[0]?.limit ?? 0);
    const random = seededRandom(seed);
    let shared = false;
    const wrong = (_: number, at: number): boolean => {
      if (at === 0) shared = random.nextShare() < risk;
      return random.nextShare() < dependence ? shared : random.nextShare() < risk;
    };
    const { alarms, promised } = alarmsOf(3_000, wrong, 20);
    expect(promised).toBeCloseTo(30, 6);
    expect(alarms < promised + 3 * Math.sqrt(promised)).toBe(part === 1);
  });
});
