import { describe, expect, test } from 'vitest';
import { decideShareState, type SeenShare } from './state.ts';

const free: SeenShare = {
  inTwoPools: false,
  isLayoutUnknown: false,
  isStranded: false,
  claims: 0,
  hasOwner: false,
  activity: null,
  hasAccount: false,
  isSighted: false,
  gap: null,
  isReserved: false,
};
const held: SeenShare = { ...free, claims: 1, hasOwner: true, activity: 'ready' };

/** The rows of the table, each with what makes it match. */
const rows: readonly (readonly [row: number, seen: Partial<SeenShare>, decided: string])[] = [
  [1, { inTwoPools: true }, 'unattributable device-in-two-pools'],
  [2, { claims: 2 }, 'unattributable claimed-twice'],
  [3, { claims: 1, hasOwner: false, activity: 'ready' }, 'unattributable no-owner'],
  [4, { ...held, hasAccount: true }, 'worked'],
  [5, { gap: 'node-gone' }, 'unattributable node-gone'],
  [6, { ...held, activity: 'draining' }, 'draining'],
  [7, { ...held, activity: 'loading' }, 'loading'],
  [8, { ...held, activity: 'asleep' }, 'idle'],
  [9, held, 'unattributable work-not-reported'],
  [10, { isSighted: true }, 'unattributable claim-lost'],
  [11, { isLayoutUnknown: true }, 'unattributable layout-unknown'],
  [12, { isStranded: true }, 'stranded'],
  [13, { isReserved: true }, 'reserved'],
  [14, {}, 'unallocated'],
];
const decided = (seen: Partial<SeenShare>): string => {
  const { state, reason } = decideShareState({ ...free, ...seen });
  return reason === null ? state : `${state} ${reason}`;
};

describe('decideShareState', () => {
  test.each(rows)('row %d', (_, seen, expected) => {
    expect(decided(seen)).toBe(expected);
  });

  test.each([
    [1, 2],
    [1, 4],
    [2, 5],
    [4, 5],
    [5, 8],
    [5, 10],
    [5, 13],
    [10, 12],
    [11, 12],
    [12, 13],
  ])('row %d is looked at before row %d', (first, second) => {
    const [, before, expected] = rows[first - 1] ?? [0, {}, ''];
    expect(decided({ ...rows[second - 1]?.[1], ...before })).toBe(expected);
  });

  test('a gap hides what a claim does, unless an account covers it', () => {
    for (const activity of ['loading', 'ready', 'asleep', 'draining'] as const) {
      expect(decided({ ...held, activity, gap: 'control-plane-down' })).toBe('unattributable control-plane-down');
    }
    expect(decided({ ...held, hasAccount: true, gap: 'control-plane-down' })).toBe('worked');
  });

  test('a sighting beside a claim changes nothing', () => {
    expect(decided({ ...held, hasAccount: true, isSighted: true, isReserved: true })).toBe('worked');
  });
});
