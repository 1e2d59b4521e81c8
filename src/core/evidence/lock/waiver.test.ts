import { describe, expect, it } from 'vitest';
import type { EvidenceState, Waiver } from './lock.ts';
import { waivedKinds, waivedMarks } from './waived-marks.ts';
import { chooseWaiver, coversState, isWaivedFailure, waivedWords } from './waiver.ts';

const ordinary: Waiver = { kind: 'golden', reason: 'r', untilMs: 9, by: 'ann', atMs: 1 };
const ofFailure: Waiver = { ...ordinary, failing: true, untilMs: 5 };
const row = (freshness: EvidenceState['freshness'], verdict: EvidenceState['verdict']) => ({ freshness, verdict });
const failing = row('fresh', 'fail');

describe('a waiver', () => {
  it.each([
    [row('missing', 'unknown'), true, false],
    [row('stale', 'unknown'), true, false],
    [row('fresh', 'inconclusive'), true, false],
    [row('fresh', 'unknown'), true, false],
    [failing, false, true],
  ] as const)('over %o is covered by an ordinary one: %s, by one of failures: %s', (state, byOrdinary, byFailing) => {
    expect(coversState(ordinary, state)).toBe(byOrdinary);
    expect(coversState(ofFailure, state)).toBe(byFailing);
  });

  it('is the one that covers the row, however long another one lasts', () => {
    expect(chooseWaiver([ordinary, ofFailure], failing)).toBe(ofFailure);
    expect(chooseWaiver([ofFailure, ordinary], row('stale', 'unknown'))).toBe(ordinary);
    expect(chooseWaiver([ordinary], failing)).toBe(ordinary);
    expect(chooseWaiver([{ ...ordinary, untilMs: 8 }, ordinary], row('stale', 'unknown'))).toBe(ordinary);
    expect(chooseWaiver([], failing)).toBeNull();
  });

  it('says of a failure that it is one', () => {
    expect(isWaivedFailure({ ...failing, waiver: ofFailure })).toBe(true);
    expect(isWaivedFailure({ ...failing, waiver: ordinary })).toBe(false);
    expect(isWaivedFailure({ ...row('stale', 'unknown'), waiver: ofFailure })).toBe(false);
    expect(waivedWords(ofFailure, failing)).toBe('waived although it fails');
    expect(waivedWords(ordinary, failing)).toBe('waived, which does not cover a failure');
    expect(waivedWords(ofFailure, row('stale', 'unknown'))).toBe('waived, which does not cover this');
  });
});

describe('what a release went out without', () => {
  it('is one mark for failures and one for the rest, each kind once', () => {
    const kinds = waivedKinds([ordinary, ordinary, { ...ofFailure, kind: 'evaluation' }]);
    expect(kinds).toEqual({ waived: ['golden', 'evaluation'], waivedFailing: ['evaluation'] });
    expect(waivedMarks(kinds)).toEqual([
      { text: 'waived although it fails: evaluation', failing: true },
      { text: 'waived: golden', failing: false },
    ]);
    expect(waivedMarks({ waived: [] })).toEqual([]);
  });

  it('is not told apart by a control plane of before', () => {
    expect(waivedMarks({ waived: ['golden'] })).toEqual([{ text: 'waived: golden', failing: false }]);
  });
});
