import { expect, it } from 'vitest';
import { readEvent } from '../records/event.ts';
import { outcomeKinds, outcomeOf, outcomesOf } from './outcome.ts';

const event = (kind: string, release: unknown) => readEvent({ kind, data: { release } });

it('three kinds of events decide an outcome, and no others', () => {
  expect(outcomeKinds.map((kind) => outcomeOf(event(kind, 7)))).toEqual([
    { release: 7, outcome: 'was-live' },
    { release: 7, outcome: 'failed' },
    { release: 7, outcome: 'superseded' },
  ]);
  expect(outcomeOf(event('release.retired', 7))).toBeNull();
  expect(outcomeOf(event('release.live', undefined))).toBeNull();
});

it('the newest event of a release decides, also over what was known before', () => {
  const before = outcomesOf([event('release.live', 1), event('release.failed', 2)]);
  expect([...outcomesOf([event('release.live', 2), event('release.superseded', 3)], before)]).toEqual([
    [1, 'was-live'],
    [2, 'was-live'],
    [3, 'superseded'],
  ]);
  expect(before.get(2)).toBe('failed');
});
