import { beforeEach, describe, expect, it } from 'vitest';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import { aReplica, aRelease } from '../../../testing/builders/rollout-builders.ts';
import { FakeClock, settled } from '../../../testing/fakes/fake-clock.ts';
import type { GatewayReport } from '../../../schemas/gateway/gateway-report.ts';
import type { ProbeOutcome, ProbeTarget } from './engine-probe.ts';
import { LivenessBook } from './liveness-book.ts';

const { signal } = new AbortController();
const release = aRelease(1, { stuckAfterMs: 10_000 });
type Progress = NonNullable<GatewayReport['replicas'][number]['progress']>;

let clock: FakeClock;
let book: LivenessBook;
/** Ids of replicas whose probe gets no answer, and whether the gateway answers by itself. */
let silent: Set<string>;
let reachesGateway: boolean;
let hasGateway: boolean;
let asked: string[];
let isProbed: boolean;
let engineCounters: string | null;
/** Added to the time of day of the gateway at each report. */
let gatewayStepMs: number;
/** Told the signal that ends each probe. */
let asking: (ends: AbortSignal) => unknown;

beforeEach(() => {
  clock = new FakeClock();
  isProbed = true;
  engineCounters = null;
  gatewayStepMs = 0;
  asking = () => undefined;
  [silent, reachesGateway, hasGateway, asked] = [new Set(), true, true, []];
  const way = { client: {} as never, endpoint: 'http://127.0.0.1:1' };
  book = new LivenessBook({
    probe: {
      canAsk: () => isProbed,
      ways: () => ({
        direct: { path: 'direct', ...way },
        gateway: hasGateway ? { path: 'gateway', ...way } : null,
      }),
      ask: ({ path }, { replicaId }: ProbeTarget, ends: AbortSignal) => {
        asking(ends);
        asked.push(`${path} ${replicaId}`);
        return silent.has(replicaId) ? new Promise<ProbeOutcome>(() => undefined) : Promise.resolve('answered');
      },
      reaches: () => Promise.resolve(reachesGateway),
    },
    clock,
    logs: () => Promise.resolve(['the last line']),
    counters: () => engineCounters,
    changed: () => undefined,
  });
});

const replica = (replicaId: string, over: Partial<ObservedReplica> = {}): ObservedReplica =>
  aReplica(release, { replicaId, ...over });

const quiet: Progress = { bytes: 0, finished: 0, waiting: 0, givenUp: 0, oldestMs: 0, longestMs: 0, allowedMs: 0 };

async function turns(
  count: number,
  replicas: readonly ObservedReplica[],
  progress: Partial<Progress> = {},
): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await clock.advance(1_000);
    if (hasGateway) {
      const told = replicas.map(({ replicaId }) => ({
        replicaId,
        inFlight: 0,
        requests: 0,
        progress: { ...quiet, ...progress },
        work: { busyMs: clock.monotonicMs() },
      }));
      const atMs = clock.nowMs() + turn * gatewayStepMs;
      book.report({ gatewayId: 'g', startedAtMs: 1, atMs, replicas: told } as unknown as GatewayReport);
    }
    book.consider(replicas, [release], () => false, signal);
    await settled();
  }
}
const states = (replicas: readonly ObservedReplica[]) => book.show(replicas).map(({ state }) => state);

describe('LivenessBook', () => {
  it('names the only replica stuck once control plane and gateway get no answer, with what is kept of it', async () => {
    const one = [replica('a')];
    engineCounters = 'tokens_total 7';
    await turns(4, one);
    engineCounters = null;
    silent.add('a');
    await turns(9, one);
    expect(states(one)).toEqual(['ready']);
    await turns(8, one);
    expect(states(one)).toEqual(['stuck']);
    expect(book.evidenceOf('a')).toMatchObject({ lastLines: ['the last line'], engineCounters: 'tokens_total 7' });
    expect(asked).toContain('gateway a');
  });

  it.each([
    ['the gateway is not reached', () => (reachesGateway = false)],
    ['no gateway reports, and the platform hears it', () => (hasGateway = false)],
  ])('leaves the only replica alone where %s, and says so', async (_what, given) => {
    given();
    const one = [replica('a')];
    silent.add('a');
    await turns(40, one);
    expect(states(one)).toEqual(['ready']);
    expect(book.show(one)[0]).toMatchObject({
      reason: expect.stringContaining('left alone'),
      silent: expect.any(String),
    });
  });

  it('ends one at a time where all seem stuck', async () => {
    const both = [replica('a'), replica('b')];
    for (const id of ['a', 'b']) silent.add(id);
    await turns(40, both);
    expect(states(both).filter((state) => state === 'stuck')).toHaveLength(1);
  });

  it('counts no silence of the time in which it was stopped, and asks anew', async () => {
    const one = [replica('a')];
    silent.add('a');
    await turns(6, one);
    await clock.advance(600_000);
    silent.clear();
    await turns(20, one);
    expect(states(one)).toEqual(['ready']);
  });

  it.each([3_600_000, -3_600_000])(
    'judges by what a gateway counts while its clock steps by %d ms with each report',
    async (stepMs) => {
      gatewayStepMs = stepMs;
      const one = [replica('a')];
      silent.add('a');
      for (let finished = 1; finished < 40; finished += 1) await turns(1, one, { finished });
      expect(states(one)).toEqual(['ready']);
      await turns(20, one, { finished: 39 });
      expect(states(one)).toEqual(['stuck']);
    },
  );

  it('asks again after the limit of now, and leaves a probe that waits longer alone until then', async () => {
    const one = [replica('a'), replica('b')];
    const given: AbortSignal[] = [];
    asking = (ends) => given.push(ends);
    for (let finished = 1; finished < 40; finished += 1) await turns(1, one, { finished, isAlike: true });
    silent.add('a');
    for (let second = 1; second <= 60; second += 1)
      await turns(1, one, { finished: 39, waiting: 1, oldestMs: 1_000 * second, allowedMs: 60_000 });
    expect(given.filter(({ aborted }) => aborted)).toEqual([]);
    expect(states(one)).toEqual(['ready', 'ready']);
  });

  it('leaves a replica alone that trickles a byte a second while its probe waits', async () => {
    const one = [replica('a')];
    silent.add('a');
    for (let bytes = 1; bytes < 60; bytes += 1) await turns(1, one, { bytes, waiting: 1, allowedMs: 3_000 });
    expect(states(one)).toEqual(['ready']);
  });

  it('names one stuck after its limit that answered each second, whatever deadline its requests have', async () => {
    const one = [replica('a')];
    const waits = { waiting: 4, oldestMs: 1_000, allowedMs: 30_000, isAlike: true };
    for (let finished = 1; finished < 40; finished += 1) await turns(1, one, { ...waits, finished });
    silent.add('a');
    await turns(9, one, { ...waits, finished: 39 });
    expect(states(one)).toEqual(['ready']);
    await turns(30, one, { ...waits, finished: 39 });
    expect(states(one)).toEqual(['stuck']);
  });

  it('names a replica stuck that answers its probe and nothing else', async () => {
    const one = [replica('a')];
    await turns(5, one);
    await turns(40, one, { waiting: 4, oldestMs: 3_000, allowedMs: 3_000 });
    expect(states(one)).toEqual(['stuck']);
  });

  it('judges a replica that nothing probes by its requests, and not by silence', async () => {
    isProbed = false;
    const one = [replica('a')];
    silent.add('a');
    await turns(60, one);
    expect(states(one)).toEqual(['ready']);
    await turns(40, one, { waiting: 4, oldestMs: 3_000, allowedMs: 3_000 });
    expect([asked, states(one)]).toEqual([[], ['stuck']]);
  });

  it('says of a replica without a probe and without counters that its requests alone judge it', async () => {
    const one = [replica('a', { reason: 'ready after 1 s' })];
    await turns(1, one);
    expect(book.show(one)[0]?.reason).toBe('ready after 1 s');
    isProbed = false;
    await turns(1, one);
    expect(book.show(one)[0]?.reason).toMatch(/^ready after 1 s; judged by requests alone/);
    engineCounters = 'tokens_total 1';
    await turns(1, one);
    expect(book.show(one)[0]?.reason).toBe('ready after 1 s');
  });

  it('judges nobody that was never ready, sleeps or ends', async () => {
    const others = [replica('a', { readyAtMs: null, state: 'starting' }), replica('b', { state: 'draining' })];
    await turns(40, others);
    expect(asked).toEqual([]);
    expect(states(others)).toEqual(['starting', 'draining']);
  });

  it('asks at once where no turns are taken, and shows those without an answer as silent', async () => {
    silent.add('a');
    const ending = new AbortController();
    const asked = book.askNow([replica('a'), replica('b')], [release], ending.signal);
    ending.abort();
    const both = await asked;
    expect(both.map(({ silent: told }) => told !== undefined)).toEqual([true, false]);
  });
});
