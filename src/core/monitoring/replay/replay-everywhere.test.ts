import { describe, expect, it } from 'vitest';
import { findLeftEverywhere } from './replay-everywhere.ts';
import { emptyReplays, type ReplayOutcome, type ReplayState } from './replay-state.ts';
import { seeReplicas } from './schedule.ts';
import { takeReplay, tellReplays } from './take-replay.ts';

const plan = { everyMs: 3_600_000, atMostShare: 1 };
type Step = readonly [string, ReplayOutcome['verdict'] | 'fail-once'] | { readonly there: readonly string[] };

/** One step each second. */
function run(steps: readonly Step[], release = 1): ReplayState {
  return steps.reduce<ReplayState>((state, step, at) => {
    const atMs = (at + 1) * 1_000;
    if ('there' in step) {
      const place = { node: 'n', deviceClass: 'cpu', driver: null, fingerprint: 'ort' };
      return seeReplicas(
        state,
        step.there.map((replicaId) => ({ replicaId, release, ...place })),
        plan,
        atMs,
      );
    }
    const [id, said] = step;
    const verdict = said === 'fail-once' ? 'fail' : said;
    const replays = said === 'fail' ? 2 : 1;
    const outcome = { atMs, verdict, replays, path: 'gateway', requests: 1, busyMs: 1, reason: '' } as const;
    return takeReplay(state, id, outcome, plan);
  }, emptyReplays);
}

describe('the golden set is left everywhere', () => {
  it.each<[string, readonly Step[], readonly string[], number]>([
    ['where both replicas fail', [{ there: ['a', 'b'] }, ['a', 'fail'], ['b', 'fail']], ['a', 'b'], 3_000],
    [
      'where the one replica took the place of another that failed too',
      [{ there: ['a'] }, ['a', 'fail'], { there: ['b'] }, ['b', 'fail']],
      ['b'],
      4_000,
    ],
  ])('%s', (_what, steps, replicas, sinceMs) => {
    expect(findLeftEverywhere(run(steps))).toEqual({ replicas, sinceMs });
  });

  it.each<[string, readonly Step[]]>([
    ['by no replica', [{ there: [] }]],
    ['by one bad replica of two', [{ there: ['a', 'b'] }, ['a', 'fail'], ['b', 'pass']]],
    ['by one replica alone: its node may be bad', [{ there: ['a'] }, ['a', 'fail'], ['a', 'fail']]],
    ['while one is not known', [{ there: ['a', 'b', 'c'] }, ['a', 'fail'], ['b', 'fail'], ['c', 'unknown']]],
    ['while one was not replayed', [{ there: ['a', 'b', 'c'] }, ['a', 'fail'], ['b', 'fail']]],
    ['while one failed once', [{ there: ['a', 'b'] }, ['a', 'fail'], ['b', 'fail-once']]],
    [
      'by a bad replica that is gone, where its peer was good since',
      [{ there: ['a', 'b'] }, ['a', 'fail'], ['b', 'pass'], { there: ['b'] }, ['b', 'fail']],
    ],
    ['where the one before passed', [{ there: ['a'] }, ['a', 'pass'], { there: ['b'] }, ['b', 'fail']]],
  ])('not %s', (_what, steps) => {
    expect(findLeftEverywhere(run(steps))).toBeNull();
  });

  it('is told once, not again while a replica is not known, and again after one passed', () => {
    const kinds = (state: ReplayState) => tellReplays(state, 9_000).news.map(({ kind }) => kind);
    const failing = run([{ there: ['a', 'b'] }, ['a', 'fail'], ['b', 'fail']]);
    expect(kinds(failing)).toEqual(['diverged', 'diverged', 'left-everywhere']);
    const { state: told } = tellReplays(failing, 9_000);
    const take = (state: ReplayState, id: string, verdict: 'pass' | 'fail' | 'unknown'): ReplayState =>
      takeReplay(
        state,
        id,
        { atMs: 10_000, verdict, replays: 2, path: 'gateway', requests: 1, busyMs: 1, reason: '' },
        plan,
      );
    const unknown = tellReplays(take(told, 'a', 'unknown'), 10_000).state;
    expect(kinds(take(unknown, 'a', 'fail'))).toEqual([]);
    const passed = tellReplays(take(told, 'a', 'pass'), 10_000).state;
    expect(kinds(take(passed, 'a', 'fail'))).toEqual(['diverged', 'left-everywhere']);
  });
});
