import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReleaseSignals } from '../signals/release-signals.ts';
import type { Replica, Seat } from './replica.ts';
import { chooseSeat, leastOutstanding, type Split } from './seat-choice.ts';

function seat(release: number, inFlight = 0): Seat {
  const replica = { replicaId: `r${release}`, inFlight } as Replica;
  return { replica, release, signals: new ReleaseSignals(release, 1), answerHeaders: [] };
}
const always = (): boolean => true;

test('the replica with the fewest outstanding requests is chosen', () => {
  const seats = [seat(1, 3), seat(2, 1), seat(3, 2)];
  for (let from = 0; from < 7; from += 1) expect(leastOutstanding(seats, always, from)?.release).toBe(2);
});

test('equals take turns', () => {
  const seats = [seat(1), seat(2), seat(3)];
  expect([0, 1, 2, 3].map((from) => leastOutstanding(seats, always, from)?.release)).toEqual([1, 2, 3, 1]);
});

test('a replica that is not free is passed over, and none free is null', () => {
  const seats = [seat(1, 0), seat(2, 9)];
  expect(leastOutstanding(seats, (each) => each.release === 2, 0)?.release).toBe(2);
  expect(leastOutstanding(seats, () => false, 0)).toBeNull();
  expect(leastOutstanding([], always, 5)).toBeNull();
});

test('every split gets its share to within one request, at every moment', () => {
  const weights = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 400 }), (parts, requests) => {
      const total = parts.reduce((sum, part) => sum + part, 0);
      const splits: Split[] = parts.map((part, index) => ({ share: part / total, seats: [seat(index)], credit: 0 }));
      const counts = parts.map(() => 0);
      for (let n = 1; n <= requests; n += 1) {
        const release = chooseSeat(splits, always, n)?.release ?? -1;
        counts[release] = (counts[release] ?? 0) + 1;
      }
      counts.forEach((count, index) => {
        // The scheme keeps a split of k within (k - 1) of its share; within 1 for two.
        const bound = Math.max(1, parts.length - 1) + 1e-6;
        expect(Math.abs(count - ((parts[index] ?? 0) / total) * requests)).toBeLessThanOrEqual(bound);
      });
    }),
  );
});

test('a split without a free replica hands its requests over and does not catch up', () => {
  const splits: Split[] = [
    { share: 0.9, seats: [seat(1)], credit: 0 },
    { share: 0.1, seats: [seat(2)], credit: 0 },
  ];
  for (let n = 0; n < 100; n += 1) expect(chooseSeat(splits, (each) => each.release === 2, n)?.release).toBe(2);
  const after = Array.from({ length: 20 }, (_, n) => chooseSeat(splits, always, n)?.release);
  expect(after.filter((release) => release === 2)).toHaveLength(2);
});

test('a share of zero gets nothing, also when it alone is free', () => {
  const splits: Split[] = [
    { share: 1, seats: [seat(1)], credit: 0 },
    { share: 0, seats: [seat(2)], credit: 0 },
  ];
  expect(chooseSeat(splits, (each) => each.release === 2, 0)).toBeNull();
});
