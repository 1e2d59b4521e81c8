import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import type { ControlFeature } from '../detectors/control-learners.ts';
import { emptyDrift, type DriftState, type DriftTerms } from '../watch/drift-state.ts';
import { acknowledge, chooseBets, isChoiceDue, observeRow, tickDrift } from '../watch/step-drift.ts';
import type { DriftWindow } from '../watch/windows/windows.ts';
import { explainSeries } from './explain-series.ts';
import { stampTick } from './keep-replay.ts';

const features: readonly ControlFeature[] = [
  { name: 'amount', group: 'inputs', kind: 'numeric' },
  { name: 'class', group: 'outputs', kind: 'category' },
];
const terms: DriftTerms = { release: 1, rate: { count: 1, perMs: 30 * 86_400_000 }, windowMs: 0 };
const random = seededRandom(11);

interface Kept {
  readonly state: DriftState;
  readonly windows: readonly DriftWindow[];
}

/** As the control plane writes: a batch of rows, its windows, one tick; all through JSON, as the store does. */
function feed({ state, windows }: Kept, batches: number, level: number, rows = 50): Kept {
  let [present, kept] = [state, windows];
  for (let batch = 0; batch < batches; batch += 1) {
    const nowMs = (present.tickedAtMs ?? 0) + 2_000;
    const closed: DriftWindow[] = [];
    for (let row = 0; row < rows; row += 1) {
      const values = { amount: level + random.nextShare(), class: random.nextShare() < 0.8 ? 'a' : 'b' };
      const step = observeRow(
        present,
        {
          ...{ requestId: `${batch} ${row}`, atMs: nowMs, release: 1, replicaId: null, isAnswered: true, features },
          ...{ inputGroups: ['inputs'], values, control: null, unit: null },
        },
        terms,
      );
      present = step.state;
      if (step.closed === null) continue;
      closed.push(step.closed);
      if (isChoiceDue(present)) present = chooseBets(present, [...kept, ...closed]);
    }
    kept = [...kept, ...stampTick(closed, present, nowMs, terms)].slice(-2_000);
    present = tickDrift(present, nowMs, terms).state;
    present = JSON.parse(JSON.stringify(present));
  }
  return { state: present, windows: kept };
}

const explained = ({ state, windows }: Kept) => state.series.map((one) => explainSeries(state, one, windows));
const differences = (kept: Kept) => explained(kept).map(({ difference }) => difference);

describe('drift explained', () => {
  let quiet: Kept;
  beforeAll(() => {
    quiet = feed({ state: emptyDrift, windows: [] }, 200, 0);
  });

  it('is the live state to the bit, with the windows between the choice and now', () => {
    expect(quiet.state.series.every(({ bet }) => bet !== null)).toBe(true);
    expect(new Set(differences(quiet))).toEqual(new Set([null]));
    const [mean] = explained(quiet);
    expect(mean?.windows.at(-1)?.number).toBe(quiet.state.windows);
    expect(mean?.windows.length).toBeGreaterThan(50);
    const given = mean?.windows.filter(({ given: each }) => each !== null) ?? [];
    expect(given.length).toBeGreaterThan(20);
    expect(mean?.windows.at(-1)?.capital).toBe(mean?.capital);
  });

  it('stays so through an alarm, quiet ticks, an acknowledgement and what follows, and tells of both', () => {
    const alarmed = feed(quiet, 10, 3);
    expect(alarmed.state.alarms.length).toBeGreaterThan(0);
    expect(new Set(differences(alarmed))).toEqual(new Set([null]));
    const marks = explained(alarmed).flatMap(({ windows }) => windows.flatMap((window) => window.marks));
    expect(marks).toContain('alarm: feature amount');
    const latched = feed(alarmed, 3, 3, 0);
    expect(new Set(differences(latched))).toEqual(new Set([null]));
    const acknowledged = feed({ ...latched, state: acknowledge(latched.state, 'all', false) }, 5, 0);
    expect(new Set(differences(acknowledged))).toEqual(new Set([null]));
    const renewed = feed({ ...acknowledged, state: acknowledge(acknowledged.state, 'all', true) }, 180, 3);
    expect(new Set(differences(renewed))).toEqual(new Set([null]));
    expect(renewed.state.series[0]?.bet).not.toBeNull();
  });

  it('begins again after a thousand windows, and is of bounded size', () => {
    const long = feed(quiet, 480, 0);
    expect(new Set(differences(long))).toEqual(new Set([null]));
    expect(long.state.windows - (long.state.replay?.window ?? 0)).toBeLessThan(1_000);
    expect(JSON.stringify(long.state.replay).length).toBeLessThan(6_000);
  });

  it('begins again where an earlier version chose the bets and held other stakes', () => {
    const { state, windows } = quiet;
    const series = state.series.map(({ bet, ...one }) => {
      if (bet === null) return { ...one, bet };
      const { ranks: _ranks, fair: _fair, ...rest } = bet;
      return { ...one, bet: { ...rest, tails: { count: 300, deadBand: 0.4 } } };
    });
    const capital = Object.fromEntries(
      Object.entries(state.budget.capital).map(([id, held]) => [id, [...held, 1e-9, 1e-9]]),
    );
    const earlier = { windows, state: { ...state, series, budget: { ...state.budget, capital } } };
    const after = feed(earlier, 10, 0);
    expect(new Set(differences(after))).toEqual(new Set([null]));
    expect(after.state.replay?.window).toBeGreaterThan(state.windows);
    expect(feed(after, 10, 3).state.alarms.map(({ name }) => name)).toContain('amount');
  });

  it('names the first difference where a window or the state was changed, and windows that are gone', () => {
    const { state, windows } = quiet;
    const changed = windows.map((window) =>
      window.number === state.windows - 5
        ? { ...window, tallies: { ...window.tallies, amount: { ...window.tallies['amount']!, mean: 9 } } }
        : window,
    );
    expect(differences({ state, windows: changed })[0]).toMatch(/^capital of stake 1: replayed .*, live /);
    expect(differences({ state, windows: windows.slice(0, -1) })[0]).toMatch(/of the windows \d+ to \d+ are kept/);
  });
});
