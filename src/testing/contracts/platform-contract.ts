import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObservedReplica, ReplicaState } from '../../core/rollout/replica.ts';
import { digestOf } from '../../core/units/digest.ts';
import type { Platform, ReplicaOwner, ReplicaSetSpec, Workload } from '../../ports/serving/platform.ts';

/** What a replica of the contract suite does. A platform under test brings a workload that behaves so. */
export type ReplicaBehaviour =
  | { readonly kind: 'ready'; readonly afterMs?: number; readonly drainMs?: number; readonly ignoresStop?: boolean }
  | { readonly kind: 'never-ready' }
  | { readonly kind: 'exits'; readonly status: number };

export interface PlatformFixture {
  readonly platform: Platform;
  workload(behaviour: ReplicaBehaviour): Workload;
  /** Lets time pass: a moment of real time, or a step of a fake clock. */
  pass(): Promise<void>;
  /** A second platform on the same place, as a control plane that comes back has it. The first is closed before. */
  reopen(): Promise<Platform>;
  /** Ends a replica from outside, without its platform's doing. */
  kill(replica: ObservedReplica): Promise<void>;
  close(): Promise<void>;
}

const owner: ReplicaOwner = { service: 'digits', environment: 'test' };
const other: ReplicaOwner = { service: 'letters', environment: 'test' };
const never = new AbortController().signal;
/** More than a busy machine takes to start a process and to see it ready. */
const stepLimit = 4_000;

/**
 * What every platform does. On Kubernetes the words read: a set is a Deployment, `observe` its pods (a pod in
 * `CrashLoopBackOff` is `failed` with that reason, a terminating one `draining`), a new start a new pod, `reopen` another
 * client of the same API server.
 */
export function platformContract(name: string, open: () => Promise<PlatformFixture>): void {
  describe(`platform contract: ${name}`, { timeout: 120_000 }, () => {
    let fixture: PlatformFixture;
    let platform: Platform;
    beforeEach(async () => {
      fixture = await open();
      ({ platform } = fixture);
    });
    afterEach(() => fixture.close());

    const spec = (
      behaviour: ReplicaBehaviour,
      replicas: number,
      more: Partial<ReplicaSetSpec> = {},
    ): ReplicaSetSpec => ({
      set: 'digits-test-aaaaaaaaaaaa',
      pair: digestOf(more.set ?? 'pair'),
      release: 1,
      replicas,
      stopFirst: [],
      workload: fixture.workload(behaviour),
      drainTimeoutMs: 5_000,
      startTimeoutMs: 10_000,
      ...more,
    });
    const apply = (...sets: readonly ReplicaSetSpec[]): Promise<void> => platform.apply(owner, sets, never);
    const observe = (): Promise<readonly ObservedReplica[]> => platform.observe(owner, never);
    const until = async (
      what: string,
      holds: (replicas: readonly ObservedReplica[]) => boolean,
    ): Promise<readonly ObservedReplica[]> => {
      for (let step = 0; step < stepLimit; step += 1) {
        const replicas = await observe();
        if (holds(replicas)) return replicas;
        await fixture.pass();
      }
      throw new Error(`${what} did not come about; last seen: ${JSON.stringify(await observe())}`);
    };
    const untilReady = (count: number): Promise<readonly ObservedReplica[]> =>
      until(`${count} ready`, (replicas) => replicas.length === count && count === countOf(replicas, 'ready'));

    it('has nothing to show before anything was asked', async () => {
      expect(await observe()).toEqual([]);
    });

    it('brings a set to readiness, with an endpoint, phases and a reason each', async () => {
      await apply(spec({ kind: 'ready', afterMs: 30 }, 2));
      const replicas = await untilReady(2);
      expect(new Set(replicas.map((replica) => replica.replicaId)).size).toBe(2);
      expect(new Set(replicas.map((replica) => replica.endpoint)).size).toBe(2);
      for (const replica of replicas) {
        expect(replica).toMatchObject({ set: 'digits-test-aaaaaaaaaaaa', release: 1, restarts: 0 });
        expect(replica.endpoint).toMatch(/^http:\/\/[^/]+$/);
        expect(replica.reason).not.toBe('');
        expect(replica.readyAtMs).toBeGreaterThanOrEqual(replica.startedAtMs);
        expect(replica.phases.length).toBeGreaterThan(0);
        for (const phase of replica.phases) expect(phase.durationMs).toBeGreaterThanOrEqual(0);
      }
    });

    it('returns at once and shows replicas on their way as not ready', async () => {
      await apply(spec({ kind: 'never-ready' }, 1));
      const [replica] = await until('one on its way', (replicas) => replicas.length === 1);
      expect(['pending', 'starting']).toContain(replica?.state);
      expect(replica?.readyAtMs).toBeNull();
    });

    it('changes nothing when it is asked for the same again', async () => {
      await apply(spec({ kind: 'ready' }, 2));
      const before = ids(await untilReady(2));
      await apply(spec({ kind: 'ready' }, 2));
      await apply(spec({ kind: 'ready' }, 2));
      await fixture.pass();
      expect(ids(await untilReady(2))).toEqual(before);
    });

    it('grows a set and leaves alone what runs', async () => {
      await apply(spec({ kind: 'ready' }, 1));
      const [first] = await untilReady(1);
      await apply(spec({ kind: 'ready' }, 3));
      expect(ids(await untilReady(3))).toContain(first?.replicaId);
    });

    it('shrinks a set by the replicas that are named first', async () => {
      await apply(spec({ kind: 'ready' }, 3));
      const [first, second, third] = ids(await untilReady(3));
      await apply(spec({ kind: 'ready' }, 1, { stopFirst: [second ?? '', first ?? ''] }));
      expect(ids(await untilReady(1))).toEqual([third]);
    });

    it('drains before it stops', async () => {
      await apply(spec({ kind: 'ready', drainMs: 300 }, 1));
      const [replica] = await untilReady(1);
      await apply();
      const [draining] = await until('draining', (replicas) => countOf(replicas, 'draining') === 1);
      expect(draining?.replicaId).toBe(replica?.replicaId);
      await until('gone', (replicas) => replicas.length === 0);
    });

    it('ends a replica that does not leave within the drain timeout', async () => {
      await apply(spec({ kind: 'ready', ignoresStop: true }, 1, { drainTimeoutMs: 200 }));
      await untilReady(1);
      await apply();
      await until('gone', (replicas) => replicas.length === 0);
    });

    it('removes the sets that are not named, and keeps the others', async () => {
      const kept = spec({ kind: 'ready' }, 1, { set: 'digits-test-bbbbbbbbbbbb' });
      await apply(spec({ kind: 'ready' }, 1), kept);
      await untilReady(2);
      await apply(kept);
      const [left] = await until('one left', (replicas) => replicas.length === 1);
      expect(left).toMatchObject({ set: 'digits-test-bbbbbbbbbbbb', pair: kept.pair });
    });

    it('keeps the replicas of different owners apart', async () => {
      await apply(spec({ kind: 'ready' }, 1));
      await untilReady(1);
      await platform.apply(other, [], never);
      expect(await platform.observe(other, never)).toEqual([]);
      expect(countOf(await observe(), 'ready')).toBe(1);
    });

    it('shows a replica that cannot start as failed, with the reason, and starts it again as a new replica', async () => {
      await apply(spec({ kind: 'exits', status: 7 }, 1));
      const [failed] = await until('failed', (replicas) => countOf(replicas, 'failed') === 1);
      expect(failed?.reason).toMatch(/7/);
      expect(failed?.reason).toMatch(/next start/);
      const before = failed?.restarts ?? 0;
      const [again] = await until('started again', (replicas) => (replicas[0]?.restarts ?? 0) > before);
      expect(again?.replicaId).not.toBe(failed?.replicaId);
    });

    it('replaces a replica that ends on its own, under a new id', async () => {
      await apply(spec({ kind: 'ready' }, 1));
      const [first] = await untilReady(1);
      if (first === undefined) throw new Error('none');
      await fixture.kill(first);
      const [second] = await until(
        'another one ready',
        (replicas) => countOf(replicas, 'ready') === 1 && replicas.every((r) => r.replicaId !== first.replicaId),
      );
      expect(second?.restarts).toBeGreaterThan(0);
    });

    it('ends a start that takes longer than the start timeout', async () => {
      await apply(spec({ kind: 'never-ready' }, 1, { startTimeoutMs: 200 }));
      const [failed] = await until('failed', (replicas) => countOf(replicas, 'failed') === 1);
      expect(failed?.reason).toMatch(/not ready after/);
    });

    it('stops nothing when it is closed, and the next one finds the same replicas', async () => {
      await apply(spec({ kind: 'ready' }, 2));
      const before = await untilReady(2);
      platform = await fixture.reopen();
      const seen = await observe();
      expect(identities(seen)).toEqual(identities(before));
      expect(countOf(seen, 'ready')).toBe(2);
      await apply(spec({ kind: 'ready' }, 2));
      await fixture.pass();
      expect(identities(await untilReady(2))).toEqual(identities(before));
      await apply();
      await until('gone', (replicas) => replicas.length === 0);
    });

    it('gives up to the asked number of lines of a replica, and none of one that is not known', async () => {
      await apply(spec({ kind: 'ready' }, 1));
      const [replica] = await untilReady(1);
      expect((await platform.logs(replica?.replicaId ?? '', 1, never)).length).toBeLessThanOrEqual(1);
      expect(await platform.logs('no-such-replica', 10, never)).toEqual([]);
    });

    it('does nothing for a caller who has given up already', async () => {
      const gone = AbortSignal.abort(new Error('given up'));
      await expect(platform.apply(owner, [spec({ kind: 'ready' }, 1)], gone)).rejects.toThrow('given up');
      expect(await observe()).toEqual([]);
    });
  });
}

function countOf(replicas: readonly ObservedReplica[], state: ReplicaState): number {
  return replicas.filter((replica) => replica.state === state).length;
}
function ids(replicas: readonly ObservedReplica[]): readonly string[] {
  return replicas.map((replica) => replica.replicaId).sort();
}
/** What must stay the same across an adoption. */
function identities(replicas: readonly ObservedReplica[]): readonly object[] {
  return replicas
    .map(({ replicaId, pid, endpoint, startedAtMs, phases }) => ({ replicaId, pid, endpoint, startedAtMs, phases }))
    .sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1));
}
