import { expect, test } from 'vitest';
import { ReleaseSignals } from '../signals/release-signals.ts';
import { drawSeat } from './control-draw.ts';
import type { Replica, Seat } from './replica.ts';
import type { Split } from './seat-choice.ts';

const seat = (replicaId: string, release: number): Seat => {
  const replica = { replicaId, inFlight: 0 } as Replica;
  return { replica, release, signals: new ReleaseSignals(release, 1), answerHeaders: [] };
};
const split = (share: number, ...seats: Seat[]): Split => ({ share, seats, credit: 0 });
const [a, b, c, d] = [seat('a', 1), seat('b', 1), seat('c', 2), seat('d', 3)];
const splits = [split(0.9, a, b), split(0.1, c), split(0, d)];
const always = (): boolean => true;
const setOf = (drawn: ReturnType<typeof drawSeat>): unknown =>
  drawn?.eligible.map(({ replicaId, release, propensityShare }) => [replicaId, release, propensityShare]);

test('the split is drawn by its share and the replica evenly within it; all of them are told', () => {
  expect(setOf(drawSeat(splits, always, 0))).toEqual([
    ['a', 1, 0.45],
    ['b', 1, 0.45],
    ['c', 2, 0.1],
  ]);
  const counts: Record<string, number> = {};
  for (let n = 0; n < 1000; n += 1) {
    const drawn = drawSeat(splits, always, (n + 0.5) / 1000)?.seat.replica.replicaId ?? '';
    counts[drawn] = (counts[drawn] ?? 0) + 1;
  }
  expect(counts).toEqual({ a: 450, b: 450, c: 100 });
});

test('who is not free is not eligible, and a split without a free replica leaves its share to the others', () => {
  expect(setOf(drawSeat(splits, (each) => each !== a, 0))).toEqual([
    ['b', 1, 0.9],
    ['c', 2, 0.1],
  ]);
  expect(setOf(drawSeat(splits, (each) => each !== c, 0))).toEqual([
    ['a', 1, 0.5],
    ['b', 1, 0.5],
  ]);
  expect(drawSeat(splits, () => false, 0.5)).toBeNull();
  expect(drawSeat([], always, 0.5)).toBeNull();
});

test('a draw neither earns nor pays in the weighted choice', () => {
  drawSeat(splits, always, 0.3);
  expect(splits.map(({ credit }) => credit)).toEqual([0, 0, 0]);
});

test('a split that a key decided is drawn within, whatever its share', () => {
  expect(setOf(drawSeat([split(0.1, c, d)], always, 0.9))).toEqual([
    ['c', 2, 0.5],
    ['d', 3, 0.5],
  ]);
});
