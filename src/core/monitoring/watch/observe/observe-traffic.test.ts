import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../statistics/random.ts';
import { triage } from '../../triage/triage.ts';
import { emptyDrift, type DriftState, type DriftTerms, type WatchedRow } from '../drift-state.ts';
import { describeAlarm } from '../drift-status.ts';
import type { MonitoringTerms } from '../monitoring-terms.ts';
import { observeAlarm } from '../alarm/observe-alarm.ts';
import { describeObservations } from '../observed-words.ts';
import { acknowledge, observeRow, tickDrift } from '../step-drift.ts';

const features = [
  { name: 'length', group: 'prompt', kind: 'numeric' },
  { name: 'class', group: 'answer', kind: 'category' },
] as const;
const terms: DriftTerms = { release: 2, rate: { count: 1, perMs: 30 * 86_400_000 }, windowMs: 900 };
const eligible = ['a', 'b', 'c'].map((replicaId) => ({ replicaId, release: 2, propensityShare: 1 / 3 }));
const seen = { golden: [], changes: [], files: [], nodeEvents: [] };

/** Long prompts go to replica a from then on, but for those that are drawn. */
function watch(rows: number, skewedFrom: number, inputGroups: readonly string[] = ['prompt']): DriftState {
  const random = seededRandom(9);
  let state = emptyDrift;
  for (let at = 0; at < rows; at += 1) {
    const length = random.nextShare();
    const isRandom = random.nextShare() < 0.6;
    const to = !isRandom && at >= skewedFrom && length > 0.6 ? 0 : random.nextBelow(3);
    const replicaId = eligible[to]?.replicaId ?? 'a';
    const row: WatchedRow = {
      ...{ requestId: String(at), atMs: at * 50, release: 2, replicaId, isAnswered: true, features, inputGroups },
      values: { length, class: length > 0.5 ? 'long' : 'short' },
      control: isRandom ? { eligible, drawn: replicaId, outcome: 'answered' } : null,
      unit: null,
    };
    state = observeRow(state, row, terms).state;
    if (at % 40 === 39) state = tickDrift(state, at * 50, terms).state;
  }
  return state;
}
const observe = (state: DriftState) => {
  const [alarm] = state.alarms;
  const of = alarm ?? { sinceMs: 0, atMs: 0 };
  return observeAlarm(state, of, { ...terms, reference: null } as unknown as MonitoringTerms, seen);
};

describe('a gateway that sends long prompts to one replica', () => {
  const state = watch(6_000, 3_000);
  const [alarm, ...more] = state.alarms;

  it('raises one alarm, which says who gets other requests, since about then', () => {
    expect(more).toEqual([]);
    expect(alarm).toMatchObject({ kind: 'aggregate', name: 'routing', arm: null, release: 2 });
    expect(alarm === undefined ? '' : describeAlarm(alarm)).toMatch(
      /^aggregate routing changed: [abc] gets other requests in ordinary traffic than in the random share, by /,
    );
    expect(alarm?.sinceMs).toBeGreaterThan(140_000);
    expect(alarm?.sinceMs).toBeLessThan(alarm?.atMs ?? 0);
  });

  it('is named: no replica is blamed for it', () => {
    const observed = observe(state);
    expect(observed).toMatchObject({ traffic: { verdict: 'differs', shares: 'skewed' } });
    expect(observed.replicas.verdict).not.toBe('named');
    expect(triage(observed)).toMatchObject({ verdict: 'named', causes: [{ cause: 'routing', replicas: [] }] });
    expect(describeObservations(observed)).toContainEqual({
      ...{ what: 'ordinary traffic', state: 'off' },
      found: expect.stringMatching(/^[abc] gets other requests than in the random share, by/) as unknown,
    });
  });

  it('is watched again once somebody acknowledged it', () => {
    const acknowledged = acknowledge(state, { kind: 'aggregate', name: 'routing' }, false);
    expect(observe(acknowledged).traffic.verdict).toBe('alike');
  });
});

it('replicas that get the same requests are alike, as soon as that would show', () => {
  expect(observe(watch(100, Infinity)).traffic).toEqual({ verdict: 'unknown', arm: null, shares: 'unknown' });
  const state = watch(3_000, Infinity);
  expect(state.alarms).toEqual([]);
  expect(observe(state).traffic).toEqual({ verdict: 'alike', arm: null, shares: 'as-ordered' });
});

it('a feature group with the name of the aggregate is not mixed with it', () => {
  const named = features.map((each) => ({ ...each, group: each.group === 'prompt' ? 'routing' : each.group }));
  const row = {
    ...{ requestId: '1', atMs: 1, release: 2, replicaId: 'a', isAnswered: true, features: named, unit: null },
    ...{ inputGroups: ['routing'], values: { length: 1, class: 'long' }, control: null },
  };
  expect(observeRow(emptyDrift, row, terms).state.routed).toBeUndefined();
});

describe('a client that chooses what it asks', () => {
  /** Sees who answered before. The gateway places ordinary requests in turn, or by load, which nobody foresees. */
  function attack(choose: (last: number, at: number) => number, isForeseen: boolean, seed: number): DriftState {
    const random = seededRandom(seed);
    let [state, last, turn] = [emptyDrift, 0, 0];
    for (let at = 0; at < 6_000; at += 1) {
      const length = choose(last, at);
      const isRandom = random.nextShare() < 0.5;
      turn = (turn + (isRandom ? 0 : 1)) % 3;
      last = isRandom || !isForeseen ? random.nextBelow(3) : turn;
      const replicaId = eligible[last]?.replicaId ?? 'a';
      const row: WatchedRow = {
        ...{ requestId: String(at), atMs: at * 50, release: 2, replicaId, isAnswered: true, features, unit: null },
        ...{ inputGroups: ['prompt'], values: { length, class: length > 0.5 ? 'long' : 'short' } },
        control: isRandom ? { eligible, drawn: replicaId, outcome: 'answered' } : null,
      };
      state = observeRow(state, row, terms).state;
      if (at % 40 === 39) state = tickDrift(state, at * 50, terms).state;
    }
    return state;
  }

  it.each<[string, (last: number, at: number) => number]>([
    ['by who answered before', (last) => (last === 0 ? 100 : 0)],
    ['in bursts', (_last, at) => (at % 400 < 200 ? 1e300 : -1e300)],
    ['ever more', (_last, at) => 1.01 ** (at / 10)],
  ])('%s, raises no alarm of replicas and none of routing', (_what, choose) => {
    for (const seed of [1, 2, 3]) expect(attack(choose, false, seed).alarms).toEqual([]);
  });

  it('by the replica that comes next, where it can be foreseen, is found as what it is', () => {
    const { alarms } = attack((last) => (last === 2 ? 100 : 0), true, 1);
    expect(alarms).toMatchObject([{ kind: 'aggregate', name: 'routing', arm: null }]);
  });
});
