import { describe, expect, it } from 'vitest';
import { seededRandom, type Random } from '../../statistics/random.ts';
import { readRow } from '../features/read-row.ts';
import { emptyDrift, type DriftState, type DriftTerms, type WatchedRow } from './drift-state.ts';
import type { Drafts } from './drafts.ts';
import { observeRow, tickDrift } from './step-drift.ts';

const terms: DriftTerms = { release: 1, rate: { count: 1, perMs: 86_400_000 }, windowMs: 500, slices: ['constructor'] };
const colours = ['red', 'green', '__proto__', 'toString'];

/** A row as the watch reads it: numbers, a category under the name of something that every object has, scores. */
function drawRow(random: Random, at: number): WatchedRow {
  const isAnswered = random.nextShare() < 0.9;
  const found = readRow({
    inputs: [
      { name: 'v', kind: 'numbers', shape: [1, 3], data: [random.nextShare(), at % 7 === 0 ? NaN : 1, at % 5] },
      { name: 'constructor', kind: 'category', value: colours[random.nextBelow(colours.length)] ?? null },
    ],
    outputs: isAnswered ? [{ name: 'probs', kind: 'numbers', shape: [1, 2], data: [0.25, 0.75] }] : [],
    status: isAnswered ? 200 : 503,
  });
  const drawn = random.nextBelow(2) === 0 ? 'a' : 'b';
  const eligible = ['a', 'b'].map((replicaId) => ({ replicaId, release: 1, propensityShare: 0.5 }));
  const outcome = isAnswered ? 'answered' : 'missing';
  return {
    ...{
      requestId: String(at),
      atMs: 50 * at,
      release: 1,
      replicaId: drawn,
      isAnswered,
      inputGroups: ['v', 'constructor'],
    },
    ...{ features: found.features, read: found.read, values: found.values, unit: null },
    control: random.nextShare() < 0.6 ? { eligible, drawn, outcome } : null,
  };
}

function watch(rowsOfBatch: number, form: (row: WatchedRow) => WatchedRow): DriftState {
  const random = seededRandom(5);
  let state = emptyDrift;
  let drafts: Drafts = new WeakSet();
  for (let at = 1; at <= 900; at += 1) {
    ({ state } = observeRow(state, form(drawRow(random, at)), terms, drafts));
    if (at % rowsOfBatch === 0) drafts = new WeakSet();
    if (at % 60 === 0) ({ state } = tickDrift(state, 50 * at, terms));
  }
  return state;
}

describe('rows that are counted in place', () => {
  it('make the same state as rows by themselves, however many share a batch', () => {
    const alone = watch(1, (row) => row);
    expect(alone.rows).toBeGreaterThan(700);
    expect(alone.controlRows).toBeGreaterThan(400);
    expect(alone.slices?.splits[0]?.slices.length).toBeGreaterThan(3);
    for (const rows of [7, 60, 900]) expect(JSON.stringify(watch(rows, (row) => row))).toBe(JSON.stringify(alone));
  });

  it('make the same state whether values are read by their place or by their name', () => {
    const byName = watch(60, ({ read: _, ...row }) => row);
    expect(JSON.stringify(byName)).toBe(JSON.stringify(watch(60, (row) => row)));
  });

  it('leave the state that a batch began with as it was', () => {
    const before = watch(60, (row) => row);
    const text = JSON.stringify(before);
    const random = seededRandom(6);
    const drafts: Drafts = new WeakSet();
    let state = before;
    for (let at = 901; at < 960; at += 1) ({ state } = observeRow(state, drawRow(random, at), terms, drafts));
    expect(state.rows).toBeGreaterThan(before.rows);
    expect(JSON.stringify(before)).toBe(text);
  });
});
