import { describe, expect, it } from 'vitest';
import { choosePair, faultAtMost, forgetPairs, isCompared, takeComparison } from './compare-pairs.ts';
import { emptyReplays, type ReplayedReplica, type ReplayOutcome, type ReplayState } from './replay-state.ts';
import { describePair, pairFinding } from './replay-status.ts';
import { dueReplicas, seeReplicas, waitMs } from './schedule.ts';
import { observeReplays, recentAtMost, takeReplay, tellReplays, withAnswer } from './take-replay.ts';
import { triage } from '../triage/triage.ts';

const plan = { everyMs: 3_600_000, atMostShare: 0.01 };
const replica = (replicaId: string, over: Partial<ReplayedReplica> = {}): ReplayedReplica => ({
  ...{ replicaId, release: 1, node: `node-${replicaId}`, deviceClass: 'cpu', driver: null, fingerprint: 'ort' },
  ...over,
});
const outcome = (verdict: ReplayOutcome['verdict'], over: Partial<ReplayOutcome> = {}): ReplayOutcome => ({
  ...{ atMs: 1_000, verdict, replays: verdict === 'fail' ? 2 : verdict === 'pass' ? 1 : 0, path: 'gateway' },
  ...{ requests: 3, busyMs: 30, reason: verdict === 'pass' ? '' : 'input 3: y[0] is 9, expected 4' },
  ...over,
});
const seen = (...ids: readonly string[]): ReplayState =>
  seeReplicas(
    emptyReplays,
    ids.map((id) => replica(id)),
    plan,
    0,
  );
const ofOne = (state: ReplayState, id = 'a') => state.replicas.find(({ replicaId }) => replicaId === id);

describe('when a replica is replayed', () => {
  it('replicas that started together have times of their own, all within one period', () => {
    const { replicas } = seen(...Array.from({ length: 50 }, (_, at) => `r${at}`));
    const due = replicas.map(({ dueAtMs }) => dueAtMs);
    expect(new Set(due).size).toBe(50);
    expect(Math.max(...due)).toBeLessThan(plan.everyMs);
    expect(due.filter((at) => at < plan.everyMs / 2).length).toBeGreaterThan(10);
  });

  it('is the same after a restart, which sees the same replicas again', () => {
    const state = seen('a', 'b');
    expect(seeReplicas(state, [replica('a'), replica('b')], plan, 1_000_000)).toEqual(state);
  });

  it('a replay that takes long is made less often: it takes no more than its share of the time', () => {
    const slow = takeReplay(seen('a'), 'a', outcome('pass', { busyMs: 120_000 }), plan);
    expect(ofOne(slow)?.dueAtMs).toBe(1_000 + 12_000_000);
    const quick = takeReplay(seen('a'), 'a', outcome('pass', { busyMs: 10 }), plan);
    expect(ofOne(quick)?.dueAtMs).toBe(1_000 + plan.everyMs);
  });

  it('one that said nothing comes again after a minute', () => {
    expect(waitMs({ recent: [outcome('unknown')] }, plan)).toBe(60_000);
  });

  it('a clock that was set back makes no replica wait longer than its period', () => {
    const state = takeReplay(seen('a'), 'a', outcome('pass', { atMs: 1e12 }), plan);
    expect(dueReplicas(state, plan, 1e12 + 1)).toEqual([]);
    expect(dueReplicas(state, plan, 1e12 - 1e9)).toHaveLength(1);
  });

  it('a replica that is gone is not replayed, and is kept with its counts', () => {
    const state = seeReplicas(takeReplay(seen('a'), 'a', outcome('pass'), plan), [], plan, 5e9);
    expect(dueReplicas(state, plan, 9e9)).toEqual([]);
    expect(ofOne(state)).toMatchObject({ goneAtMs: 5e9, passed: 1, requests: 3, busyMs: 30, node: 'node-a' });
  });
});

describe('what is told', () => {
  it('a confirmed failure once, and its end once', () => {
    const failed = tellReplays(takeReplay(seen('a', 'b'), 'a', outcome('fail'), plan), 1_000);
    expect(failed.news).toMatchObject(
      [{ kind: 'diverged', replica: { replicaId: 'a' }, reason: /expected 4/ }].map((n) => ({
        ...n,
        reason: expect.stringMatching(n.reason),
      })),
    );
    expect(tellReplays(failed.state, 2_000).news).toEqual([]);
    const unknown = takeReplay(failed.state, 'a', outcome('unknown'), plan);
    expect(tellReplays(unknown, 3_000).news).toEqual([]);
    const passed = tellReplays(takeReplay(unknown, 'a', outcome('pass'), plan), 4_000);
    expect(passed.news).toMatchObject([{ kind: 'agrees', because: 'passes again' }]);
    expect(ofOne(passed.state)).toMatchObject({ divergedAtMs: null });
  });

  it('the end of a replica that is gone', () => {
    const failed = tellReplays(takeReplay(seen('a'), 'a', outcome('fail'), plan), 1_000).state;
    expect(tellReplays(seeReplicas(failed, [], plan, 2_000), 2_000).news).toMatchObject([{ because: 'is gone' }]);
  });

  it('nothing of one failure that was not confirmed', () => {
    expect(tellReplays(takeReplay(seen('a'), 'a', outcome('fail', { replays: 1 }), plan), 1).news).toEqual([]);
  });

  it('remembers the newest replays, and no more', () => {
    let state = seen('a');
    for (let at = 0; at < 30; at += 1) state = takeReplay(state, 'a', outcome('pass', { atMs: at }), plan);
    expect(ofOne(state)?.recent).toHaveLength(recentAtMost);
    expect(ofOne(state)).toMatchObject({ passed: 30, inARow: 30, sinceMs: 0 });
  });

  it('is a fault of the node where a peer passes, and of nothing that is known where nobody else was asked', () => {
    const failed = tellReplays(takeReplay(seen('a', 'b'), 'a', outcome('fail'), plan), 1_000).state;
    expect(triage(observeReplays(failed, [], 2_000)).verdict).toBe('abstains');
    const compared = takeReplay(failed, 'b', outcome('pass', { atMs: 1_500 }), plan);
    const answer = triage(observeReplays(compared, [], 2_000));
    expect(answer).toMatchObject({ verdict: 'named', causes: [{ cause: 'node', replicas: ['a'] }] });
    expect(ofOne(withAnswer(compared, answer))?.diagnosis).toEqual(answer);
    expect(ofOne(withAnswer(compared, answer), 'b')).not.toHaveProperty('diagnosis');
  });
});

describe('captured requests over two replicas', () => {
  const compare = (state: ReplayState, inputs: readonly string[], differs: readonly string[] = []): ReplayState => {
    const [a, b] = state.replicas;
    if (a === undefined || b === undefined) throw new Error('two replicas are needed');
    const answers = inputs.map((input) => ({ input, difference: differs.includes(input) ? `${input} differs` : null }));
    return takeComparison(state, a, b, answers);
  };

  it('counts an input once for a pair', () => {
    const twice = compare(compare(seen('a', 'b'), ['x', 'y', 'x']), ['y', 'z']);
    expect(twice.pairs).toMatchObject([{ replicas: ['a', 'b'], compared: 3, differ: 0 }]);
    const [a, b] = twice.replicas;
    if (a !== undefined && b !== undefined) expect(isCompared(twice, b, a, 'x')).toBe(true);
  });

  it('says how often a fault may hit at most, and nothing where one was seen', () => {
    expect(describePair({ ...compare(seen('a', 'b'), ['x']).pairs[0]!, compared: 1_200 })).toBe(
      '0 of 1,200 distinct inputs differ: a fault hits at most 0.25% of inputs (95%)',
    );
    expect(faultAtMost(0, 0)).toBeNull();
    expect(describePair(compare(seen('a', 'b'), ['x', 'y'], ['y']).pairs[0]!)).toBe(
      `1 of 2 distinct inputs differ; the newest: y differs. ${pairFinding}`,
    );
  });

  it('takes the pair that was compared least, and none of two releases or runtimes', () => {
    const three = compare(seen('a', 'b', 'c'), ['x']);
    expect(choosePair(three)?.map(({ replicaId }) => replicaId)).toEqual(['a', 'c']);
    const others = [replica('a'), replica('b', { release: 2 }), replica('c', { fingerprint: 'other' })];
    expect(choosePair(seeReplicas(emptyReplays, others, plan, 0))).toBeNull();
  });

  it('forgets the counts of replicas that are gone', () => {
    const gone = seeReplicas(compare(seen('a', 'b'), ['x']), [replica('a')], plan, 5);
    expect(forgetPairs(gone)).toMatchObject({ pairs: [], seen: [] });
  });
});
