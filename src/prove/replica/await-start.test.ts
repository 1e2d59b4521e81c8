import { describe, expect, it } from 'vitest';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { SelfMovingClock } from '../../testing/fakes/self-moving-clock.ts';
import { waitProgress } from '../progress.ts';
import { awaitStart, foreignAtMostMs } from './await-start.ts';

const foreign = 'this server does not speak open-inference-v2 (GET /v2/health/ready: 404)';
const replica = (patch: Partial<ObservedReplica>): ObservedReplica => ({
  ...{ replicaId: 'r-1', set: 's', pair: 'sha256:0' as ObservedReplica['pair'], release: 0, pid: 1, node: 'n' },
  ...{ restarts: 0, startedAtMs: 0, readyAtMs: null, phases: [], endpoint: 'http://127.0.0.1:1' },
  ...{ state: 'starting' as const, reason: 'process 1 is starting: no answer in time' },
  ...patch,
});
const owner = { service: 's', environment: 'e' };

async function wait(at: (nowMs: number) => ObservedReplica[], timeoutMs = 60_000) {
  const clock = new SelfMovingClock();
  const told: string[] = [];
  const note = (text: string): void => void told.push(text);
  const beganMs = clock.monotonicMs();
  const platform = {
    observe: () => Promise.resolve(at(clock.monotonicMs() - beganMs)),
    logs: () => Promise.resolve(['no such file']),
  };
  const tell = waitProgress({ terminal: { note } }, 'replica', timeoutMs, 0);
  const context = { clock, signal: new AbortController().signal };
  return { told, ended: await awaitStart(context, platform, owner, { timeoutMs, pollMs: 100, tell }) };
}

describe('the wait for a start', () => {
  it('tells another kind of server at once, and gives it up after 10 s', async () => {
    const { told, ended } = await wait(() => [replica({ reason: `process 1 is starting: ${foreign}`, foreign })]);
    expect(told[0]).toContain(foreign);
    expect(told[0]).toContain('given up');
    expect(ended).toMatchObject({ outcome: 'failed', failure: { code: 'replica-foreign' } });
    expect(ended.lastedMs).toBe(foreignAtMostMs);
    expect(ended.outcome === 'failed' && ended.failure.message).toContain(foreign);
  });

  it('waits on for a server that answered 404 only while it booted, again and again', async () => {
    const { ended } = await wait((ms) => {
      if (ms >= 30_000) return [replica({ state: 'ready' })];
      return [ms % 10_000 < 9_000 ? replica({ foreign }) : replica({})];
    });
    expect(ended).toMatchObject({ outcome: 'ready', lastedMs: 30_000 });
  });

  it('says every 5 s how long it has waited and how long at most, and ends at its deadline', async () => {
    const { told, ended } = await wait(() => [replica({})], 12_000);
    expect(ended).toMatchObject({ outcome: 'running', lastedMs: 12_000 });
    expect(told).toEqual([
      '  replica starting: process 1 is starting: no answer in time',
      '  replica starting: process 1 is starting: no answer in time; waited 5s, at most 7s more',
      '  replica starting: process 1 is starting: no answer in time; waited 10s, at most 2s more',
    ]);
  });

  it('has words where the platform shows nothing yet', async () => {
    const { told, ended } = await wait(() => [], 1_000);
    expect(told[0]).toBe('  replica is not there yet');
    expect(ended).toMatchObject({ outcome: 'running', replica: null });
  });

  it('fails with what a failed replica said', async () => {
    const { ended } = await wait(() => [replica({ state: 'failed', reason: 'exit status 1' })]);
    expect(ended.outcome === 'failed' && ended.failure.message).toMatch(/exit status 1\n\s+no such file/);
  });
});
