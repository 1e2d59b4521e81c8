import { describe, expect, it } from 'vitest';
import type { Observations } from '../triage/observations.ts';
import { describeObservations } from './observed-words.ts';

const nothing: Observations = {
  onset: { fromMs: 0, toMs: 1 },
  golden: [],
  replicas: { verdict: 'unknown' },
  releases: { verdict: 'unknown' },
  inputs: { verdict: 'unknown', features: [] },
  outputs: { verdict: 'unknown', features: [] },
  quality: { verdict: 'unknown' },
  traffic: { verdict: 'unknown', arm: null, shares: 'unknown' },
  files: [],
  nodeEvents: [],
  changes: [],
};
const golden = (replicaId: string, verdict: 'pass' | 'fail' | 'unknown') => ({
  ...{ replicaId, verdict, release: 1, node: null, deviceClass: null, fingerprint: null, replays: 2, atMs: 5 },
});
const told = (observations: Partial<Observations>): readonly string[] =>
  describeObservations({ ...nothing, ...observations }).map(({ what, state, found }) => `${what} ${state}: ${found}`);

describe('what triage was told', () => {
  it('is never fine where nobody looked', () => {
    const states = describeObservations(nothing).filter(({ what }) => what !== 'changes');
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['unknown']));
  });

  it('names replicas where one fails, and counts them where all pass', () => {
    expect(told({ golden: [golden('a', 'pass'), golden('b', 'pass')] })[0]).toBe(
      'golden replays fine: pass on 2 replicas',
    );
    expect(told({ golden: [golden('a', 'pass'), golden('b', 'fail')] })[0]).toBe(
      'golden replays off: a: pass, b: fail',
    );
    expect(told({ golden: [golden('a', 'unknown')] })[0]).toBe('golden replays unknown: a: unknown');
  });

  it('says how many rows the random share still needs', () => {
    expect(told({ replicas: { verdict: 'none', rows: 40, neededRows: 99.5 } })[1]).toBe(
      'random share unknown: 40 of 100 rows that are needed',
    );
    expect(told({ replicas: { verdict: 'none', rows: 100, neededRows: 99.5 } })[1]).toMatch(/^random share fine/);
    expect(told({ replicas: { verdict: 'named', arm: null, rows: 9 } })[1]).toBe(
      'random share off: replicas differ, over 9 rows',
    );
  });

  it('tells the newest changes, and how many came before', () => {
    const changes = Array.from(
      { length: 5 },
      (_, at) => ({ kind: 'scaling', atMs: at, what: `change ${at}` }) as const,
    );
    expect(told({ changes }).at(-1)).toBe('changes off: change 2; change 3; change 4 and 2 before');
    const features = Array.from({ length: 10 }, (_, at) => `f${at}`);
    expect(told({ inputs: { verdict: 'moved', features } })[2]).toMatch(/f7 and 2 more$/);
  });
});
