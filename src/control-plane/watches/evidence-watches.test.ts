import { beforeEach, describe, expect, it } from 'vitest';
import type { Fence, Store } from '../../ports/records/store.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { EvidenceWatches, type EvidenceWatchesParts } from './evidence-watches.ts';
import { makeWatches } from './make-watches.ts';
import type { Watch, WatchNews } from './watch.ts';

const scope = { service: 'digits', environment: 'prod' };
const seen = { replicas: [] };
const clock = new FakeClock(5_000);
const { signal } = new AbortController();
const cpu = { accelerator: 'cpu' };
const newsOf = (reason: string): WatchNews => ({
  invalidation: { kind: 'hardware', environment: 'prod', reason, remedy: 'plimsoll verify', atMs: 5_000 },
  event: { kind: 'hardware.changed', summary: reason, data: { change: reason, found: cpu, before: null } },
});

let store: Store;
let fence: Fence;
let warned: string[];
let changes: number;
beforeEach(async () => {
  store = memoryStore();
  const lease = await store.leases.acquire({ lease: 'l', holder: 'tests', ttlMs: 1e12, nowMs: 0 });
  if (lease === null) throw new Error('the lease is free');
  [fence, warned, changes] = [lease, [], 0];
});

/** A watch of a test: what each look gives in turn, and how often it heard that its news were recorded. */
function scripted(subject: string, ...looks: readonly (() => Promise<readonly WatchNews[]>)[]) {
  const told = { looks: 0, recorded: 0 };
  const watch: Watch = {
    subject,
    look: async () => (await looks[told.looks++]?.()) ?? [],
    recorded: () => void (told.recorded += 1),
  };
  return { watch, told };
}

function watchesOf(...watches: readonly Watch[]): EvidenceWatches {
  const log = { warn: (_problem: unknown, said: string) => void warned.push(said) } as EvidenceWatchesParts['log'];
  const recorded = (): void => void (changes += 1);
  return new EvidenceWatches({ ...scope, store, clock, log, watches, fence: () => fence, recorded });
}

const reasons = async (): Promise<readonly string[]> =>
  (await store.invalidations(scope.service, scope.environment)).map(({ reason }) => reason);

describe('the watches over the evidence of a service', () => {
  it('each look, and what is new is recorded with its event', async () => {
    const [one, other] = [scripted('a', async () => [newsOf('x')]), scripted('b', async () => [newsOf('y')])];
    const watches = watchesOf(one.watch, other.watch);
    await watches.look(seen, signal);
    expect(await reasons()).toEqual(['x', 'y']);
    const events = await store.events(scope);
    expect(events.map(({ by, summary }) => [by, summary])).toEqual([
      ['watch', 'x'],
      ['watch', 'y'],
    ]);
    expect([one.told, other.told, changes]).toEqual([{ looks: 1, recorded: 1 }, { looks: 1, recorded: 1 }, 2]);
    await watches.look(seen, signal);
    expect([await reasons(), changes]).toEqual([['x', 'y'], 2]);
  });

  it('hold up no other where one fails, which is told and looks again', async () => {
    const failing = scripted(
      'hardware',
      () => Promise.reject(new Error('the probe crashed')),
      async () => [newsOf('x')],
    );
    const watches = watchesOf(failing.watch, scripted('b', async () => [newsOf('y')]).watch);
    await watches.look(seen, signal);
    expect([await reasons(), warned]).toEqual([['y'], ['the hardware could not be looked at; the evidence stands']]);
    await watches.look(seen, signal);
    expect(await reasons()).toEqual(['y', 'x']);
  });

  it('hold up no other where one is slow, and do not ask it again meanwhile', async () => {
    let end = (): void => undefined;
    const slow = scripted('a', () => new Promise((resolve) => (end = () => resolve([newsOf('x')]))));
    const quick = scripted('b');
    const watches = watchesOf(slow.watch, quick.watch);
    const first = watches.look(seen, signal);
    await expect.poll(() => quick.told.recorded).toBe(1);
    await watches.look(seen, signal);
    expect([slow.told.looks, quick.told]).toEqual([1, { looks: 2, recorded: 2 }]);
    end();
    await first;
    expect(await reasons()).toEqual(['x']);
  });

  it('record all of a look or nothing, and say nothing of recording where the store did not take it', async () => {
    const { watch, told } = scripted('a', async () => [newsOf('x'), newsOf('y')]);
    const held = fence;
    fence = { ...held, token: held.token + 1 };
    await watchesOf(watch).look(seen, signal);
    fence = held;
    expect([await reasons(), told.recorded, changes, warned]).toEqual([[], 0, 0, [expect.stringContaining('the a ')]]);
  });

  it('say nothing of what ends with the control plane', async () => {
    const stopping = new AbortController();
    stopping.abort();
    await watchesOf(scripted('a', () => Promise.reject(new Error('aborted'))).watch).look(seen, stopping.signal);
    expect(warned).toEqual([]);
  });

  it('are over the starts, what scaling learns and the cost, and over the hardware where replicas land on this machine', () => {
    const starts = { measured: async () => null };
    const costs = { judge: async () => null };
    const evidence = { measured: async () => null };
    const learned = () => null;
    const hardware = { verified: async () => null, present: async () => [] };
    const subjects = (given: typeof hardware | null) =>
      makeWatches({
        ...{ ...scope, store, clock, starts, evidence, learned, costs, hardware: given },
        ...{ metricsSource: {}, gateways: () => [] },
      }).watches.map(({ subject }) => subject);
    expect(subjects(hardware)).toEqual(['hardware', 'starts', 'learned capacity', 'cost']);
    expect(subjects(null)).toEqual(['starts', 'learned capacity', 'cost']);
  });
});
