import { describe, expect, it } from 'vitest';
import { score, textOf, type Run } from './score.ts';

const run = (name: string, more: Partial<Run>): Run => ({
  name,
  expected: null,
  verdict: 'none',
  cause: null,
  alsoShown: [],
  effect: null,
  suspected: [],
  reasons: [],
  experiments: [],
  readings: {},
  tookMs: 9_000,
  loadPerCore: 0.4,
  ...more,
});
const named = (cause: Run['cause']): Partial<Run> => ({ verdict: 'shown', cause });

describe('the score of diagnoses', () => {
  it('counts the right cause of a fault, and no cause where there is none', () => {
    const runs = [
      ...Array.from({ length: 19 }, () => run('cpu-quota', { expected: 'cpu-quota', ...named('cpu-quota') })),
      run('cpu-quota', { expected: 'cpu-quota', ...named('network') }),
      run('none', {}),
    ];
    expect(score(runs)).toMatchObject({
      named: { right: 19, runs: 20 },
      falselyNamed: { count: 0, runs: 1 },
      isMet: true,
    });
    expect(score([...runs, run('none', named('storage'))]).isMet).toBe(false);
    expect(score([...runs, run('cpu-quota', { expected: 'cpu-quota', verdict: 'undetermined' })]).isMet).toBe(false);
  });

  it('calls the machine busy by the runs without a fault alone', () => {
    const hogs = run('busy-core', { expected: 'cpu-pressure', ...named('cpu-pressure'), loadPerCore: 3 });
    const quiet = [run('none', {}), run('none', { loadPerCore: 1.8 }), run('none', {})];
    expect(textOf(score([hogs, ...quiet]))).not.toContain('the machine was busy');
    expect(textOf(score([hogs]))).not.toContain('the machine was busy');
    const busy = [run('none', { loadPerCore: 1.8 }), run('none', { loadPerCore: 1.2 }), run('none', {})];
    expect(textOf(score([hogs, ...busy]))).toContain('1.2 programs wanted each core');
  });

  it('counts pairs by either cause, and as no part of the aim', () => {
    const pair = (cause: Run['cause'], alsoShown: Run['alsoShown'] = []): Run =>
      run('cpu-quota + slow-network', {
        ...{ expected: 'cpu-quota', otherExpected: 'network', alsoShown },
        ...(cause === null ? { verdict: 'undetermined' } : named(cause)),
      });
    const scored = score([pair('network'), pair('cpu-quota', ['network']), pair(null), pair('storage')]);
    expect(scored.pairs).toEqual([
      {
        name: 'cpu-quota + slow-network',
        runs: 4,
        oneNamed: 2,
        bothShown: 1,
        undetermined: 1,
        wrong: ['storage'],
      },
    ]);
    expect(scored.named).toEqual({ right: 0, runs: 0 });
  });
});
