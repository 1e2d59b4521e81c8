import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlimsollError } from '../../core/units/errors.ts';
import type { JournalEntry } from '../../ports/records/journal.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import { doubled } from '../../testing/fakes/fake-replica-client.ts';
import { failingPorts, type Faults } from '../../testing/fakes/failing-ports.ts';
import { memoryJournal } from '../../testing/fakes/memory/memory-journal.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';

const rollback = { service, environment, axis: 'model' as const, reason: 'worse' };
const keptWarm = { contract: { rollout: { keepPrevious: '1h' } } };
const store = { real: memoryStore() };
let faults: Faults;
let journal = memoryJournal();
let rig: ControlPlaneRig;

const newRig = (own: Faults, itsJournal = journal): ControlPlaneRig => {
  const ports = failingPorts(store.real, itsJournal, own);
  const made = new ControlPlaneRig(ports.store);
  made.journal = ports.journal;
  return made;
};
beforeEach(() => {
  store.real = memoryStore();
  journal = memoryJournal();
  faults = { store: null, callsLeft: null };
  rig = newRig(faults);
});
afterEach(async () => {
  faults.store = null;
  faults.callsLeft = null;
  await rig.stop();
});

/** Two releases; the first is kept warm. */
const twoReleases = async (on = rig): Promise<void> => {
  await on.start();
  for (const model of [1, 2]) {
    await on.operations().release(await aReleaseRequest(on.blobs, model, keptWarm));
    await on.pass(3_000);
  }
};
const liveNow = async () => (await store.real.deployment(service, environment))?.live;
const served = (on = rig) => on.service.routing()?.splits.map(({ modelVersion }) => modelVersion);
const eventsOf = async (kindPrefix: string) => store.real.events({ service, environment, kindPrefix });

describe.each(['unreachable', 'full'] as const)('a rollback while the store is %s', (failure) => {
  it('moves traffic to the warm version at once, and is recorded when the store is back, with its true time', async () => {
    await twoReleases();
    faults.store = failure;
    await rig.pass(2_000);
    const atMs = rig.clock.nowMs();
    const answer = await rig.operations().rollback(rollback);
    expect(answer).toMatchObject({ number: 3, model: { version: 1 }, cause: { kind: 'rollback', from: 2, to: 1 } });
    expect(answer.journaled).toBeDefined();
    expect(served()).toEqual([1]);
    expect(await liveNow()).toBe(2);
    faults.store = null;
    await rig.pass(3_000);
    expect(await store.real.deployment(service, environment)).toMatchObject({ live: 3, previous: { release: 2 } });
    expect(await store.real.bars(service, environment)).toMatchObject([{ axis: 'model', by: 'ada', atMs }]);
    const created = (await eventsOf('release.created')).at(-1);
    expect(created).toMatchObject({ atMs, by: 'ada', data: { release: 3, journaled: answer.journaled } });
    expect(created?.summary).toContain('journaled');
    expect(await eventsOf('rollback.carried-over')).toHaveLength(1);
    expect(await store.real.routing(service, environment)).toEqual(rig.service.routing());
    expect(await journal.read()).toEqual({ entries: [], damaged: [] });
  });

  it('needs somebody to answer for it once the lease has run out', async () => {
    await twoReleases();
    faults.store = failure;
    await rig.pass(15_000);
    await expect(rig.operations().rollback(rollback)).rejects.toMatchObject({ code: 'emergency-needed' });
    expect(served()).toEqual([2]);
    await rig.operations().rollback({ ...rollback, emergency: true });
    expect(served()).toEqual([1]);
    faults.store = null;
    await rig.pass(3_000);
    expect(await liveNow()).toBe(3);
    expect((await eventsOf('rollback.carried-over'))[0]?.data).toMatchObject({ emergency: true });
  });

  it('that cannot be warm is refused, and nothing is journaled', async () => {
    await twoReleases();
    for (const { replicaId, spec } of rig.machine.replicas()) {
      if (spec.workload.model.version === 1) rig.machine.kill(replicaId);
    }
    faults.store = failure;
    await rig.pass(250);
    await expect(rig.operations().rollback(rollback)).rejects.toMatchObject({ code: 'rollback-not-warm' });
    expect((await journal.read()).entries).toEqual([]);
    expect(served()).toEqual([2]);
  });

  it('comes before everything else that is written when the store is back', async () => {
    await twoReleases();
    faults.store = failure;
    await rig.pass(2_000);
    await rig.operations().rollback(rollback);
    faults.store = null;
    const next = await rig.operations().release(await aReleaseRequest(rig.blobs, 3));
    expect(next.release?.number).toBe(4);
    expect(await eventsOf('rollback.carried-over')).toHaveLength(1);
    expect(await eventsOf('rollback.not-carried-over')).toEqual([]);
  });

  it('that another control plane overtook is told and not applied, and the gateways are led on', async () => {
    await twoReleases();
    faults.store = failure;
    await rig.pass(15_000);
    await rig.operations().rollback({ ...rollback, emergency: true });
    const generation = rig.service.routing()?.generation ?? 0;
    const other = newRig({ store: null, callsLeft: null }, memoryJournal());
    other.dead.add('host:boot:1:1');
    await other.start('host:boot:2:2');
    await other.operations().release(await aReleaseRequest(other.blobs, 3));
    await other.crash('host:boot:2:2');
    await rig.crash();
    faults.store = null;
    rig.dead.add('host:boot:2:2');
    await rig.start('host:boot:3:3');
    expect(await eventsOf('rollback.carried-over')).toEqual([]);
    const [told] = await eventsOf('rollback.not-carried-over');
    expect(told?.summary).toContain('somebody else moved it');
    expect((await store.real.releases(service, environment)).map(({ model }) => model.version)).toEqual([1, 2, 3]);
    expect(rig.service.routing()?.generation).toBeGreaterThan(generation);
    expect(served()).toEqual([2]);
  });
});

it('a second rollback builds on the first, and both are carried over', async () => {
  await twoReleases();
  await rig.operations().release(await aReleaseRequest(rig.blobs, 3, keptWarm));
  await rig.pass(3_000);
  faults.store = 'unreachable';
  await rig.pass(1_000);
  await rig.operations().rollback(rollback);
  expect(served()).toEqual([2]);
  await rig.operations().rollback({ ...rollback, to: 1 });
  expect(served()).toEqual([1]);
  faults.store = null;
  await rig.pass(3_000);
  expect(await liveNow()).toBe(5);
  expect(await eventsOf('rollback.carried-over')).toHaveLength(2);
  expect(await store.real.bars(service, environment)).toHaveLength(2);
});

it('a drill bars nothing, neither in what is known meanwhile nor in the store, and comes back', async () => {
  await twoReleases();
  faults.store = 'unreachable';
  await rig.pass(1_000);
  await rig.operations().rollback({ ...rollback, drill: true });
  expect(served()).toEqual([1]);
  await rig.operations().rollback({ ...rollback, drill: true, to: 2 });
  expect(served()).toEqual([2]);
  faults.store = null;
  await rig.pass(3_000);
  expect(await eventsOf('rollback.carried-over')).toHaveLength(2);
  expect(await store.real.bars(service, environment)).toEqual([]);
  expect((await store.real.release(service, environment, 3))?.cause).toMatchObject({ drill: true });
  expect(await liveNow()).toBe(4);
});

it('a lease that somebody else took is no lease to roll back under, whoever answers for it', async () => {
  await twoReleases();
  const stolen = { lease: rig.lease, holder: 'thief', ttlMs: 60_000, nowMs: rig.clock.nowMs(), isDead: () => true };
  await store.real.leases.acquire(stolen);
  await rig.pass(5_000);
  expect(await rig.outcome()).toBe('lease-lost');
  faults.store = 'unreachable';
  const refused = rig.operations().rollback({ ...rollback, emergency: true });
  await expect(refused).rejects.toMatchObject({ code: 'lease-lost' });
  expect(served()).toEqual([2]);
});

it('out of a step ends the step, also in the record', async () => {
  await rig.start();
  await rig.operations().release(await aReleaseRequest(rig.blobs, 1, keptWarm));
  await rig.pass(3_000);
  await rig
    .operations()
    .release(
      await aReleaseRequest(rig.blobs, 2, { contract: { rollout: { keepPrevious: '1m', steps: ['50%', '100%'] } } }),
    );
  await rig.pass(3_000);
  expect(await store.real.deployment(service, environment)).toMatchObject({ phase: 'stepping', live: 1, incoming: 2 });
  faults.store = 'unreachable';
  await rig.pass(1_000);
  await rig.operations().rollback(rollback);
  expect(served()).toEqual([1]);
  faults.store = null;
  await rig.pass(3_000);
  expect(await store.real.deployment(service, environment)).toMatchObject({ phase: 'live', live: 3, incoming: null });
  expect(await store.real.canary(service, environment)).toBeNull();
  expect(served()).toEqual([1]);
});

it('goes to no warm replica that gives no answer, which nobody saw while no turns were taken', async () => {
  rig.probesEngines = true;
  await twoReleases();
  faults.store = 'unreachable';
  await rig.pass(1_000);
  rig.client.answer = () => new PlimsollError({ code: 'silent', category: 'unavailable', message: 'no answer' });
  await expect(rig.operations().rollback(rollback)).rejects.toMatchObject({ code: 'rollback-not-warm' });
  expect(served()).toEqual([2]);
  rig.client.answer = doubled;
  await rig.operations().rollback(rollback);
  expect(served()).toEqual([1]);
});

describe('an entry that an earlier process left', () => {
  /** The entry of a rollback of the model to release 1, and the control plane that journaled it dead. */
  const leftEntry = async (): Promise<JournalEntry> => {
    await twoReleases();
    faults.store = 'unreachable';
    await rig.pass(1_000);
    await rig.operations().rollback(rollback);
    await rig.crash();
    faults.store = null;
    const [entry] = (await journal.read()).entries;
    await journal.settle({ done: new Set([entry!.id]), aside: new Set() });
    return entry!;
  };
  const startWith = async (...entries: readonly JournalEntry[]): Promise<void> => {
    for (const entry of entries) await journal.append(entry);
    await rig.start('host:boot:2:2');
    await rig.pass(3_000);
  };
  const why = async () =>
    (await eventsOf('rollback.not-carried-over')).map(({ data }) => (data as { why: string }).why);

  it('holds the whole release with its bundles, which is recorded as it stands there', async () => {
    const entry = await leftEntry();
    const [first, second] = await store.real.releases(service, environment);
    expect(entry.made).toMatchObject({ number: 3, model: first?.model, code: second?.code });
    expect(entry.made?.bundles).toEqual({
      ...second?.bundles,
      model: first?.bundles?.model,
      evidence: first?.bundles?.evidence,
    });
    await startWith(entry);
    expect(await store.real.release(service, environment, 3)).toEqual(entry.made);
    expect(await eventsOf('rollback.carried-over')).toHaveLength(1);
  });

  it('of version 1 is carried over, made of the releases that it names', async () => {
    const { made, ...old } = await leftEntry();
    await startWith({ ...old, journalVersion: 1 });
    expect(await store.real.release(service, environment, 3)).toEqual(made);
  });

  it('that brings back what was barred meanwhile is told and not applied', async () => {
    const entry = await leftEntry();
    const lease = await store.real.leases.acquire({ lease: 'tests', holder: 'tests', ttlMs: 1e12, nowMs: 0 });
    const bar = { service, environment, axis: 'model' as const, reason: 'unsafe', by: 'eve', atMs: 1 };
    await store.real.transaction(lease!, (tx) => tx.addBar({ ...bar, digest: entry.made!.model.digest }));
    await startWith(entry);
    expect(await why()).toEqual(['the model that it would bring back is barred: unsafe']);
    expect(await liveNow()).toBe(2);
  });

  it('that the store does not take holds up no other entry, and no release', async () => {
    const entry = await leftEntry();
    const broken = { ...entry, id: 'sha256:broken', made: { ...entry.made!, code: null } } as unknown as JournalEntry;
    await startWith(broken, entry);
    expect(await why()).toEqual([expect.stringContaining('null')]);
    expect(await eventsOf('rollback.carried-over')).toHaveLength(1);
    expect(await liveNow()).toBe(3);
    expect((await journal.read()).entries).toEqual([]);
    expect((await rig.operations().release(await aReleaseRequest(rig.blobs, 3))).release?.number).toBe(4);
    await rig.crash('host:boot:2:2');
    await rig.start('host:boot:3:3');
    expect(await why()).toHaveLength(1);
  });

  it('of another service stays where it is', async () => {
    const entry = await leftEntry();
    const other = { ...entry, id: 'sha256:other', service: 'cats' };
    await startWith(other, entry);
    expect((await journal.read()).entries).toEqual([other]);
    expect(await liveNow()).toBe(3);
  });

  it('of a version that is not read is told once, and holds nothing up', async () => {
    const entry = await leftEntry();
    const line = { key: 'line 1', what: 'line 1 is of version 3', service, environment };
    const read = journal.read.bind(journal);
    journal.read = async () => ({ ...(await read()), damaged: [line, { ...line, key: 'line 2', service: 'cats' }] });
    await startWith(entry);
    await rig.crash('host:boot:2:2');
    await rig.start('host:boot:3:3');
    expect((await eventsOf('journal.damaged')).map(({ data }) => data)).toEqual([{ what: 'line 1 is of version 3' }]);
    expect(await liveNow()).toBe(3);
  });
});

it('a release that does not fit into the journal is journaled by the releases that it is made of', async () => {
  await twoReleases();
  const append = journal.append.bind(journal);
  journal.append = async (entry) => {
    if (entry.made !== undefined) {
      throw new PlimsollError({ code: 'journal-full', category: 'unavailable', message: 'no room' });
    }
    return append(entry);
  };
  faults.store = 'unreachable';
  await rig.pass(1_000);
  await rig.operations().rollback(rollback);
  expect(served()).toEqual([1]);
  faults.store = null;
  await rig.pass(3_000);
  expect(await liveNow()).toBe(3);
});
