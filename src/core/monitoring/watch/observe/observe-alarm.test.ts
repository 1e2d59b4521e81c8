import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../statistics/random.ts';
import { digestOf } from '../../../units/digest.ts';
import type { ReferenceFeature, ReferenceSummary } from '../../features/reference.ts';
import { beginLabels, type LabelState } from '../../labels/label-state.ts';
import type { ReplicaGolden } from '../../triage/observations.ts';
import { triage } from '../../triage/triage.ts';
import { emptyDrift, type DriftState, type OpenAlarm, type WatchedRow } from '../drift-state.ts';
import type { MonitoringTerms } from '../monitoring-terms.ts';
import { observeAlarm, type SeenOfAlarm } from '../alarm/observe-alarm.ts';
import { learnDistance, restartDistance } from '../windows/reference-distance.ts';

const minuteMs = 60_000;
const quantiles = { p05: 0, p25: 0, p50: 0, p75: 0, p95: 0 };
const features: readonly ReferenceFeature[] = [
  { name: 'x', group: 'in', kind: 'numeric', missingShare: 0, numeric: { mean: 0.5, sd: 0.29, quantiles } },
  { name: 'class', group: 'out', kind: 'category', missingShare: 0, shares: { a: 0.5, b: 0.5 } } as ReferenceFeature,
];
const summary: ReferenceSummary = {
  ...{ referenceVersion: 1, featuresVersion: 1, rows: 5_000, ofRows: 5_000, cut: null, features },
};
const terms = {
  ...{ release: 1, rate: { count: 1, perMs: 30 * 86_400_000 }, tolerance: { sd: 0.2, totalVariation: 0.1 } },
  reference: { digest: digestOf(summary), summary },
} as unknown as MonitoringTerms;
const golden: readonly ReplicaGolden[] = ['a', 'b'].map((replicaId) => ({
  ...{ replicaId, release: 1, node: 'n', deviceClass: 'cpu', fingerprint: 'one', verdict: 'pass', replays: 1, atMs: 0 },
}));
/** Twenty minutes of 300 rows each, of which inputs are off as `off` says by minute. */
function watch(off: (minute: number) => { readonly x?: number; readonly a?: number } = () => ({})): DriftState {
  const random = seededRandom(7);
  let state: DriftState = { ...emptyDrift, inputGroups: ['in'], controlRows: 6_000, slots: 2 };
  state = { ...state, budget: { ...state.budget, watchedMs: 20 * minuteMs } };
  state = { ...state, control: { rows: 6_000 } as unknown as DriftState['control'] };
  state = { ...state, features: [{ name: 'x', group: 'in', kind: 'numeric' }] };
  for (let at = 0; at < 120; at += 1) {
    const { x = 0, a = 0.5 } = off(Math.floor(at / 6));
    const rows = Array.from({ length: 50 }, () => ({
      release: 1,
      values: { status: '200', x: x + random.nextShare(), class: random.nextShare() < a ? 'a' : 'b' },
    })) as unknown as WatchedRow[];
    state = learnDistance(state, rows, terms, at * 10_000 + 1);
  }
  return state;
}
/** Cohorts of a minute, bad from the sixth on. */
function labels(bad = 0.9, from = 5, to = 18): LabelState {
  const metric = { metric: 'accuracy', worst: 1, evaluated: { low: 0, high: 0.04 }, limit: 0.06, noLimitBecause: null };
  const plan = { releases: [1], withinMs: 2 * minuteMs, cohortMs: minuteMs, metrics: [metric], unknown: [] };
  const recent = Array.from({ length: 18 }, (_, at) => {
    const risk = at < from || at >= to ? 0.02 : bad;
    return { fromMs: at * minuteMs, rows: 300, labelled: 300, risks: [{ low: risk, high: risk }] };
  });
  return { ...beginLabels(plan), recent };
}
const alarm: OpenAlarm = {
  ...{ kind: 'feature', name: 'accuracy', arm: null, statistic: 1, share: 1, release: 1, moved: '', sinceMs: 0 },
  atMs: 18 * minuteMs,
};
const seen = (over: Partial<SeenOfAlarm> = {}): SeenOfAlarm => ({
  ...{ golden, changes: [], files: [], nodeEvents: [], labels: labels() },
  ...over,
});
const observe = (state: DriftState, over: Partial<SeenOfAlarm> = {}, of = alarm) =>
  observeAlarm({ ...state, alarms: [of] }, of, terms, seen(over));
const causesOf = (...asked: Parameters<typeof observe>) => {
  const answer = triage(observe(...asked));
  return answer.verdict === 'named' ? answer.causes.map(({ cause }) => cause) : [];
};
const released = (minute: number) => [{ kind: 'release', atMs: minute * minuteMs, what: 'release 1 is live' } as const];

describe('an alarm of labels, inputs and answers as evaluated', () => {
  it('is of the concept', () => {
    expect(observe(watch())).toMatchObject({
      ...{ inputs: { verdict: 'stable' }, outputs: { verdict: 'stable' }, quality: { verdict: 'fell' } },
      ...{ replicas: { verdict: 'none' }, onset: { fromMs: 4 * minuteMs } },
    });
    expect(causesOf(watch())).toEqual(['concept']);
  });

  it.each([
    ['a release just before it began', watch(), { changes: released(3) }],
    [
      'no label agreed before, so that the release may explain it',
      watch(),
      { labels: labels(0.9, 0), changes: released(0) },
    ],
    [
      'a replica that was not replayed',
      watch(),
      { golden: golden.map((each) => ({ ...each, verdict: 'unknown' as const })) },
    ],
    [
      'inputs that moved for as long as quality fell',
      watch((at) => (at >= 5 && at < 9 ? { x: 3 } : {})),
      { labels: labels(0.9, 5, 9) },
    ],
    ['answers that moved', watch((at) => (at >= 5 ? { a: 0.8 } : {})), {}],
    ['too few rows since the last alarm', restartDistance({ ...watch(), distance: null }), {}],
    ['labels that are not judged', watch(), { labels: null }],
  ] as const)('%s: the concept is not named', (_what, state, over) => {
    expect(causesOf(state, over)).not.toContain('concept');
  });

  it('a release long before explains nothing', () => {
    expect(causesOf(watch(), { changes: released(1) })).toEqual(['concept']);
  });

  it('what live data left stands until somebody says so, wherever it is now', () => {
    const left = { atMs: 1, release: 1, reason: 'x', features: ['x'], sinceMs: 0, isChange: false };
    expect(observe({ ...watch(), left })).toMatchObject({ inputs: { verdict: 'unknown' } });
  });
});

describe('another alarm', () => {
  it('names a replica while no other alarm names another one', () => {
    const at = (name: string, arm: string | null): OpenAlarm => ({ ...alarm, kind: 'aggregate', name, arm });
    const namedBy = (...alarms: readonly OpenAlarm[]) =>
      observeAlarm({ ...watch(), alarms }, at('y', 'a'), terms, seen()).replicas;
    expect(namedBy(at('y', 'a'))).toMatchObject({ verdict: 'named', arm: 'a' });
    expect(namedBy(at('y', 'a'), at('z', null), at('x', 'a'))).toMatchObject({ verdict: 'named', arm: 'a' });
    expect(namedBy(at('y', 'a'), at('x', 'b'))).toMatchObject({ verdict: 'named', arm: null });
  });

  const of: OpenAlarm = { ...alarm, name: 'x', moved: 'x: mean moved' };
  it('takes no rows from before it for those since', () => {
    expect(observe(watch(), { labels: null }, of).inputs.verdict).toBe('unknown');
    expect(observe(watch(), { labels: null }, { ...of, atMs: 1 }).inputs.verdict).toBe('stable');
  });

  it('of two replicas is one of replicas, also where it does not tell which', () => {
    const control = { ...of, moved: '' };
    expect(observe(watch(), {}, control).replicas).toMatchObject({ verdict: 'named', arm: null });
    expect(causesOf(watch(), {}, control)).toEqual([]);
  });
});
