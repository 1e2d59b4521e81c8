import { describe, expect, it } from 'vitest';
import type { SlicesStatus, SliceStatus } from '../../../src/core/monitoring/slices/slice-status.ts';
import { FakeDrift } from '../../dev/fake-drift.ts';
import {
  alarmName,
  budgetWords,
  capitalWords,
  featuresBehind,
  findingOf,
  referenceWords,
  sliceDistanceWords,
  standingOf,
  steadyOrder,
  valueWords,
} from './drift-story.ts';

const nowMs = 1_800_000_000_000;
const minuteMs = 60_000;

const slices: SlicesStatus = {
  follows: ['amount', 'a @ b'],
  by: [
    {
      ...{ feature: 'country', state: 'fixed', because: '1 value and all others' },
      slices: [
        {
          ...{ name: 'country=DE', rows: 9, windows: 0, series: 0, judged: 0, capitalShare: 0, isLatched: false },
          ...{ because: 'unknown: 400 more windows are needed', distance: null },
        },
      ],
    },
  ],
};

describe('slices', () => {
  it('are shown by what rows are sliced by, and the feature of all rows', () => {
    expect(featuresBehind('amount @ country=DE', slices)).toEqual(['country', 'amount']);
    expect(featuresBehind('a @ b @ country=DE', slices)).toEqual(['country', 'a @ b']);
    expect(featuresBehind('@ country=DE', slices)).toEqual(['country', 'amount', 'a @ b']);
    for (const name of ['amount', 'amount @ country=FR']) expect(featuresBehind(name, slices)).toEqual([name]);
    expect(featuresBehind('amount', undefined)).toEqual(['amount']);
  });

  it('have a distance that is never fine by not being known', () => {
    const words = (distance: SliceStatus['distance']): string => sliceDistanceWords({ distance });
    expect(words(null)).toBe('unknown: no such rows were evaluated');
    expect(words({ measured: 2, unknown: 1, outside: 0 })).toBe('2 known, none outside, 1 unknown yet');
    expect(words({ measured: 2, unknown: 0, outside: 1 })).toBe('1 outside the tolerance');
  });

  it('by what rows do not have leave the watch unknown', () => {
    const drift = new FakeDrift(nowMs, false);
    drift.slices = slices;
    expect(standingOf(drift.answer(nowMs), nowMs).state).toBe('watching');
    drift.slices = { follows: [], by: [{ feature: 'x', state: 'missing', because: '`x` is none', slices: [] }] };
    expect(standingOf(drift.answer(nowMs), nowMs)).toMatchObject({
      state: 'unknown',
      words: 'rows are not sliced: `x` is none',
    });
  });
});

describe('the watch in one line', () => {
  it('is watched, with the budget and what runs', () => {
    const answer = new FakeDrift(nowMs, false).answer(nowMs);
    expect(standingOf(answer, nowMs)).toMatchObject({ state: 'watching', word: 'Watching' });
    expect(budgetWords(answer)).toBe('1 per 30d; 2 detectors run');
  });

  it('is never watched where nothing comes, nothing runs, or nobody says', () => {
    const drift = new FakeDrift(nowMs, false);
    expect(standingOf(drift.answer(nowMs), nowMs + 20 * minuteMs)).toMatchObject({
      state: 'unknown',
      words: 'no request was captured for 20 min 2 s',
    });
    drift.because = 'nothing is captured';
    expect(standingOf(drift.answer(nowMs), nowMs)).toMatchObject({ state: 'unknown', words: 'nothing is captured' });
    expect(budgetWords(drift.answer(nowMs))).toBeNull();
    const { status } = new FakeDrift(nowMs, false).answer(nowMs);
    if (status === null) throw new Error('no status');
    const idle = {
      ...status,
      detectors: status.detectors.map((each) => ({ ...each, isRunning: false, because: 'x' })),
    };
    const stopped = { status: idle, because: null, golden: null, nowMs };
    expect(standingOf(stopped, nowMs)).toMatchObject({ state: 'unknown', words: 'x; x' });
    expect(budgetWords(stopped)).toBe('1 per 30d; 0 detectors run');
    const unread = { ...status, lastRowAtMs: null, unreadable: { 'no JSON': 7, other: 1 } };
    expect(standingOf({ status: unread, because: null, golden: null, nowMs }, nowMs).words).toBe(
      '7 captured requests could not be read: no JSON',
    );
  });

  it('says first that alarms are open, also where nothing came for long', () => {
    const answer = new FakeDrift(nowMs, true).answer(nowMs);
    expect(standingOf(answer, nowMs + 60 * minuteMs)).toEqual({
      ...{ state: 'alarm', word: '2 alarms open', words: 'image.mean, group probabilities' },
    });
  });
});

describe('live data that left what was evaluated', () => {
  const left = {
    ...{ atMs: nowMs, release: 3, reason: 'live data left what was evaluated: x, mean 2.0 sd up', features: ['x'] },
    ...{ sinceMs: nowMs - minuteMs, isChange: true },
  };

  it('stands in the one line, with and without alarms', () => {
    const { status } = new FakeDrift(nowMs, false).answer(nowMs);
    if (status === null) throw new Error('no status');
    const answer = { status: { ...status, left }, because: null, golden: null, nowMs };
    expect(standingOf(answer, nowMs + 60 * minuteMs)).toEqual({
      ...{ state: 'alarm', word: 'Evaluation no longer holds', words: left.reason },
    });
    const both = new FakeDrift(nowMs, true).answer(nowMs);
    if (both.status === null) throw new Error('no status');
    const told = standingOf({ ...both, status: { ...both.status, left } }, nowMs);
    expect(told.words).toBe('image.mean, group probabilities, distance to what was evaluated');
  });

  it('is shown as an alarm of its own kind', () => {
    expect(findingOf(left)).toEqual({
      ...{ kind: 'distance', name: 'distance', arm: null, atMs: nowMs, sinceMs: nowMs - minuteMs },
      moved: 'Live data left what was evaluated: x, mean 2.0 sd up',
    });
    expect(alarmName(findingOf(left))).toBe('distance to what was evaluated');
  });
});

describe('numbers of a feature', () => {
  const reference = { value: 0.1, low: 0, high: 0.2, from: 'evaluation' } as const;
  it('are shares in percent, and unknown is a dash', () => {
    expect(valueWords(0.0312, { of: 'category' })).toBe('3.12%');
    expect(valueWords(12.3456, { of: 'mean' })).toBe('12.3');
    expect(valueWords(null, { of: 'mean' })).toBe('–');
    expect(referenceWords({ of: 'missing', reference })).toBe('evaluated 10% (0% to 20%)');
    expect(referenceWords({ of: 'mean', reference: { ...reference, from: 'history' } })).toBe('usual 0.1 (0 to 0.2)');
    expect(referenceWords({ of: 'mean', reference: null })).toBe('no reference yet');
    expect([0, 0.00123, 0.5, 1e9].map(capitalWords)).toEqual(['under 0.000001', '0.0012', '0.5', 'over 1,000']);
  });
});

describe('the order of features', () => {
  const { history } = new FakeDrift(nowMs, false).history(nowMs);
  const features = history?.features ?? [];
  const names = features.map(({ name }) => name);
  it('stays while nothing is named, and follows an alarm', () => {
    expect(steadyOrder(names, features.toReversed()).map(({ name }) => name)).toEqual(names);
    const alarmed = features.map((feature, at) => ({ ...feature, isLatched: at === 5 }));
    const worstFirst = alarmed.toSorted((a, b) => Number(b.isLatched) - Number(a.isLatched));
    expect(steadyOrder(names, worstFirst)).toBe(worstFirst);
  });
  it('is new where the features are others', () => {
    expect(steadyOrder(names.slice(1), features)).toBe(features);
    expect(steadyOrder([...names, 'gone'], features)).toBe(features);
    expect(steadyOrder([], features)).toBe(features);
  });
});
