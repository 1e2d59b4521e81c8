import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '../../statistics/random.ts';
import { shareOfFleet } from '../alarms/fleet-share.ts';
import type { ControlFeature, FeatureValue } from '../detectors/control-learners.ts';
import { emptyDrift, type DriftState, type DriftTerms, type WatchedRow } from './drift-state.ts';
import { describeAlarm, driftStatus, judgeMonitoring } from './drift-status.ts';
import { acknowledge, chooseBets, countUnreadable, isChoiceDue, observeRow, tickDrift } from './step-drift.ts';
import type { DriftWindow } from './windows/windows.ts';

const features: readonly ControlFeature[] = [
  { name: 'image.mean', group: 'image', kind: 'numeric' },
  { name: 'image.contrast', group: 'image', kind: 'numeric' },
  { name: 'class', group: 'probabilities', kind: 'category' },
];
const terms: DriftTerms = { release: 2, rate: { count: 1, perMs: 30 * 86_400_000 }, windowMs: 900 };
const rowMs = 50;

type Values = Readonly<Record<string, FeatureValue>>;

function drawUsual(random: Random): Values {
  return {
    'image.mean': 0.13 + 0.03 * (random.nextShare() + random.nextShare() - 1),
    'image.contrast': 0.3 + 0.05 * (random.nextShare() - 0.5),
    class: String(Math.floor(random.nextShare() * 10)),
  };
}

/** A watch as the control plane runs it: rows in, windows kept, bets chosen when due, a tick every two seconds. */
class Watch {
  state: DriftState = emptyDrift;
  readonly windows: DriftWindow[] = [];
  readonly random = seededRandom(7);
  terms = terms;
  nowMs = 0;

  feed(rows: number, draw: (random: Random) => Values, more: (at: number) => Partial<WatchedRow> = () => ({})): void {
    for (let at = 0; at < rows; at += 1) {
      this.nowMs += rowMs;
      const row = {
        requestId: String(at),
        atMs: this.nowMs,
        release: 2,
        replicaId: 'a',
        features,
        control: null,
        inputGroups: ['image'],
        isAnswered: true,
        unit: null,
      };
      const step = observeRow(this.state, { ...row, values: draw(this.random), ...more(at) }, this.terms);
      this.state = step.state;
      if (step.closed !== null) this.windows.push(step.closed);
      if (isChoiceDue(this.state)) this.state = chooseBets(this.state, this.windows);
      if (this.nowMs % 2_000 === 0) this.state = tickDrift(this.state, this.nowMs, this.terms).state;
    }
  }

  tickFor(ms: number, drawTerms: DriftTerms): number {
    const before = this.state.budget.injected;
    this.nowMs += ms;
    this.state = tickDrift(this.state, this.nowMs, drawTerms).state;
    return this.state.budget.injected - before;
  }

  get status() {
    return driftStatus(this.state, terms);
  }
}

describe('the watch of a service', () => {
  it('judges nothing before its history is there, and says how much is missing', () => {
    const watch = new Watch();
    expect(judgeMonitoring(null, 0)).toMatchObject({ verdict: 'unknown' });
    watch.feed(1_000, drawUsual);
    expect(watch.state.windows).toBe(50);
    const judged = judgeMonitoring(watch.status, watch.nowMs);
    expect(judged.verdict).toBe('unknown');
    expect(judged.reasons).toContain('windows are not judged: 350 more than the 50 that are there are needed');
  });

  it('passes while it runs, and not after a quarter of an hour without a request', () => {
    const watch = new Watch();
    watch.feed(9_000, drawUsual);
    expect(watch.state.alarms).toEqual([]);
    expect(judgeMonitoring(watch.status, watch.nowMs)).toMatchObject({ verdict: 'pass' });
    expect(judgeMonitoring(watch.status, watch.nowMs + 16 * 60_000)).toEqual({
      verdict: 'unknown',
      reasons: ['no request was captured for 16m'],
    });
  });

  it('names what changed, latches it until somebody acknowledges, and takes what is there now as its reference', () => {
    const watch = new Watch();
    watch.feed(9_000, drawUsual);
    const inverted = (random: Random): Values => ({ ...drawUsual(random), 'image.mean': 0.87 });
    watch.feed(1_200, inverted);
    expect(watch.state.alarms).toHaveLength(1);
    const [alarm] = watch.state.alarms;
    expect(alarm).toMatchObject({ kind: 'feature', name: 'image.mean', arm: null, release: 2 });
    expect(alarm === undefined ? '' : describeAlarm(alarm)).toBe(
      'feature image.mean changed: image.mean: mean went from 0.13 up to 0.87',
    );
    expect(judgeMonitoring(watch.status, watch.nowMs).verdict).toBe('fail');
    expect(watch.status.features.find(({ name }) => name === 'image.mean')?.isLatched).toBe(true);
    watch.feed(4_000, inverted);
    expect(watch.state.alarms).toHaveLength(1);
    watch.state = acknowledge(watch.state, 'all', true);
    watch.feed(12_000, inverted);
    expect(watch.state.alarms).toEqual([]);
    expect(judgeMonitoring(watch.status, watch.nowMs).verdict).toBe('pass');
  });

  it('raises the alarm again where what changed is acknowledged and stays the reference', () => {
    const watch = new Watch();
    watch.feed(9_000, drawUsual);
    const inverted = (random: Random): Values => ({ ...drawUsual(random), 'image.mean': 0.87 });
    watch.feed(1_200, inverted);
    watch.state = acknowledge(watch.state, { kind: 'feature', name: 'image.mean' }, false);
    watch.feed(2_000, inverted);
    expect(watch.state.alarms).toMatchObject([{ name: 'image.mean' }]);
  });

  it.each([
    [
      'a class that vanished',
      (values: Values) => ({ ...values, class: values['class'] === '8' ? '3' : (values['class'] ?? null) }),
    ],
    [
      'a class that is new',
      (values: Values, random: Random) => (random.nextShare() < 0.2 ? { ...values, class: 'x' } : values),
    ],
    [
      'values that are missing',
      (values: Values, random: Random) => (random.nextShare() < 0.2 ? { ...values, class: null } : values),
    ],
  ])('finds %s', (_, change: (values: Values, random: Random) => Values) => {
    const watch = new Watch();
    watch.feed(9_000, drawUsual);
    watch.feed(6_000, (random) => change(drawUsual(random), random));
    expect(watch.state.alarms).toMatchObject([{ name: 'class' }]);
  });

  it('finds the replica that is off by the requests that were drawn, and says nothing of the data', () => {
    const watch = new Watch();
    const replicas = ['a', 'b', 'c'];
    const eligible = replicas.map((replicaId) => ({ replicaId, release: 2, propensityShare: 1 / 3 }));
    let drawn = 'a';
    watch.feed(
      3_000,
      (random) => {
        drawn = replicas[Math.floor(random.nextShare() * 3)] ?? 'a';
        const values = drawUsual(random);
        return watch.nowMs > 50_000 && drawn === 'b' ? { ...values, class: '0' } : values;
      },
      () => ({ control: { eligible, drawn, outcome: 'answered' } }),
    );
    expect(watch.state.alarms.length).toBeGreaterThan(0);
    for (const { arm } of watch.state.alarms) expect(arm).toBe('b');
    expect(watch.status.detectors[0]).toMatchObject({ detector: 'control', isRunning: true });
  });

  it('counts one row of each sticky key and window: its further rows are no draws', () => {
    const watch = new Watch();
    const eligible = ['a', 'b'].map((replicaId) => ({ replicaId, release: 2, propensityShare: 0.5 }));
    watch.feed(210, drawUsual, (at) => ({
      control: { eligible, drawn: 'a', outcome: 'answered' },
      unit: `key ${at % 3}`,
    }));
    expect(watch.state).toMatchObject({ windows: 10, controlRows: 33, units: ['key 2', 'key 0', 'key 1'] });
  });

  it('compares replicas by rows that were not answered, and lets none of them decide what is watched', () => {
    const watch = new Watch();
    const eligible = ['a', 'b'].map((replicaId) => ({ replicaId, release: 2, propensityShare: 0.5 }));
    const refused = { isAnswered: false, features: [{ name: 'evil', group: 'evil', kind: 'numeric' as const }] };
    watch.feed(300, drawUsual, () => refused);
    expect(watch.state.features).toEqual([]);
    watch.feed(200, drawUsual);
    watch.feed(300, drawUsual, () => refused);
    expect(watch.state).toMatchObject({ features, windows: 10, strange: { rows: 0 } });
    let drawn = 'a';
    const failing = (random: Random): Values => {
      drawn = random.nextShare() < 0.5 ? 'a' : 'b';
      return drawUsual(random);
    };
    watch.feed(2_000, failing, () => {
      const control = { eligible, drawn, outcome: drawn === 'b' ? ('missing' as const) : ('answered' as const) };
      return drawn === 'b' ? { ...refused, control } : { control };
    });
    expect(watch.state.alarms[0]).toMatchObject({ kind: 'aggregate', name: 'answers' });
    expect(watch.state.alarms.filter(({ arm }) => arm === 'a')).toEqual([]);
  });

  it('takes rows of another form apart, and begins anew where they go on', () => {
    const watch = new Watch();
    watch.feed(2_000, drawUsual);
    const others = [...features, { name: 'age', group: 'age', kind: 'numeric' as const }];
    watch.feed(60, drawUsual, () => ({ features: others }));
    expect(watch.state.features).toEqual(features);
    expect(watch.status.strangeRows).toBe(60);
    watch.feed(60, drawUsual, () => ({ features: others }));
    expect(watch.state.features).toEqual(others);
    expect(watch.state).toMatchObject({ rows: 20, windows: 101, historyFrom: 101 });
  });

  it('counts what could not be read by reason, of a bounded number of reasons', () => {
    let state = emptyDrift;
    for (let at = 0; at < 100; at += 1) state = countUnreadable(state, `reason ${at % 40}`);
    expect(Object.keys(state.unreadable)).toHaveLength(11);
    expect(judgeMonitoring(driftStatus(state, terms), 0).reasons[0]).toContain('captured requests could not be read');
  });

  it('goes on to the bit from what was written down', () => {
    const [one, other] = [new Watch(), new Watch()];
    one.feed(9_000, drawUsual);
    other.feed(8_500, drawUsual);
    other.state = JSON.parse(JSON.stringify(other.state)) as DriftState;
    other.feed(500, drawUsual);
    expect(JSON.stringify(other.state)).toBe(JSON.stringify(one.state));
    expect(JSON.stringify(one.state).length).toBeLessThan(120_000);
  });

  it.each([NaN, Infinity, -Infinity, 1e308, 'text', null])('is not moved to an exception by %s', (strange) => {
    const watch = new Watch();
    watch.feed(2_000, (random) => ({
      ...drawUsual(random),
      'image.mean': strange,
      class: strange === 'text' ? 'a' : strange,
    }));
    expect(watch.state.rows).toBe(2_000);
    expect(JSON.stringify(watch.state)).not.toContain('NaN');
  });
});

describe('another release', () => {
  const known: DriftTerms = { ...terms, inputsOf: 'sha256:1' };
  const next: DriftTerms = { ...known, release: 3 };
  const inverted = (random: Random): Values => ({ ...drawUsual(random), 'image.mean': 0.87 });
  const judged = ({ state }: Watch): readonly string[] => [
    ...new Set(state.series.filter(({ bet }) => bet !== null).map(({ feature }) => feature)),
  ];
  const watchUntil = (before: DriftTerms, after: DriftTerms): Watch => {
    const watch = new Watch();
    watch.terms = before;
    watch.feed(9_000, drawUsual);
    watch.terms = after;
    watch.feed(2, drawUsual, () => ({ release: 3 }));
    return watch;
  };
  const capitalOf = ({ state: { budget, series } }: Watch, feature: string): number =>
    series
      .filter((one) => one.feature === feature)
      .flatMap(({ id }) => budget.capital[id] ?? [])
      .reduce((sum, each) => sum + each, 0);

  it('carries on the windows, bets and capital of its inputs, and begins those of its outputs anew', () => {
    const watch = watchUntil(known, next);
    expect(judged(watch)).toEqual(['image.mean', 'image.contrast']);
    const before = new Watch();
    before.terms = known;
    before.feed(9_000, drawUsual);
    expect(capitalOf(before, 'image.mean')).toBeGreaterThan(0);
    expect(capitalOf(watch, 'image.mean')).toBe(capitalOf(before, 'image.mean'));
    watch.feed(7_900, drawUsual, () => ({ release: 3 }));
    expect(judged(watch)).not.toContain('class');
    watch.feed(200, drawUsual, () => ({ release: 3 }));
    expect(judged(watch)).toEqual(['image.mean', 'image.contrast', 'class']);
    expect(watch.state.alarms).toEqual([]);
    expect(watch.state.outputs?.betsSinceMs).toBeGreaterThan(watch.state.betsSinceMs ?? Infinity);
  });

  it('sees that its inputs changed at once, where a history of its own would take 400 windows', () => {
    const watch = watchUntil(known, next);
    watch.feed(600, inverted, () => ({ release: 3 }));
    expect(watch.state.alarms).toMatchObject([{ name: 'image.mean', release: 3 }]);
    const without = watchUntil(terms, { ...terms, release: 3 });
    without.feed(600, inverted, () => ({ release: 3 }));
    expect(without.state.alarms).toEqual([]);
  });

  it.each([
    ['whose windows of inputs are of something else', known, { ...next, inputsOf: 'sha256:2' }],
    ['of which that is not known', terms, next],
    ['after which that is not known', known, { ...terms, release: 3 }],
  ] as const)('begins all anew %s', (_, before, after) => {
    const watch = watchUntil(before, after);
    expect(watch.state.series).toEqual([]);
    expect(watch.state).toMatchObject({ release: 3, historyFrom: 451, windows: 450 });
  });

  it('begins all anew where what was an output is asked now', () => {
    const watch = new Watch();
    watch.terms = known;
    watch.feed(9_000, drawUsual);
    watch.terms = next;
    watch.feed(2, drawUsual, () => ({ release: 3, inputGroups: ['image', 'probabilities'] }));
    expect(watch.state.series).toEqual([]);
  });

  it('goes on with the history that a version wrote which did not know what its windows depend on', () => {
    const watch = new Watch();
    watch.feed(9_000, drawUsual);
    const { outputs: _, inputsOf: __, slices: ___, ...old } = watch.state;
    watch.state = JSON.parse(JSON.stringify(old)) as DriftState;
    watch.terms = known;
    watch.feed(20, drawUsual);
    expect(judged(watch)).toEqual(['image.mean', 'image.contrast', 'class']);
    expect(watch.state).toMatchObject({ windows: 451, inputsOf: 'sha256:1' });
  });
});

describe('a budget of the fleet', () => {
  const day = 86_400_000;
  const fleetTerms = (services: number): DriftTerms => {
    const names = Array.from({ length: services }, (_, index) => `s${index}`);
    return { ...terms, fleet: shareOfFleet({ falseAlarms: { count: 1, perMs: day } }, 's0', names) };
  };

  it('gives out the smaller of contract and share, and says so', () => {
    const watch = new Watch();
    watch.feed(40, drawUsual);
    expect(watch.tickFor(60_000, fleetTerms(10))).toBeCloseTo(60_000 / (30 * day), 12);
    expect(watch.tickFor(60_000, fleetTerms(200))).toBeCloseTo(60_000 / (200 * day), 12);
    expect(driftStatus(watch.state, fleetTerms(200))).toMatchObject({
      rate: { count: 1, perMs: 200 * day },
      fleet: { rate: { count: 1, perMs: day }, services: 200 },
    });
  });

  it('gives no more within the period when services go, also after the features changed', () => {
    const watch = new Watch();
    watch.feed(40, drawUsual);
    watch.tickFor(60_000, fleetTerms(200));
    watch.terms = fleetTerms(100);
    watch.feed(150, drawUsual, () => ({ features: features.slice(1) }));
    watch.tickFor(0, fleetTerms(100));
    expect(watch.tickFor(60_000, fleetTerms(100))).toBeCloseTo(60_000 / (200 * day), 12);
    watch.tickFor(day, fleetTerms(100));
    expect(watch.tickFor(60_000, fleetTerms(100))).toBeCloseTo(60_000 / (100 * day), 12);
  });
});
