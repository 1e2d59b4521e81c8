import { describe, expect, it } from 'vitest';
import { bundleBytes, type Bundle } from '../../core/bundle/bundle.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import { blobsLease } from '../../core/rollout/names.ts';
import type { ReleaseAsk } from '../../core/rollout/release-ask.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import { aModel, aRelease, anEvent, fenceOf, someData } from '../../testing/builders/store-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { memoryPredictionIndex } from '../../testing/fakes/memory/memory-prediction-index.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { collectBlobs, type Collection } from './collect-blobs.ts';

const hourMs = 3_600_000;
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

function makeWorld() {
  const clock = new FakeClock();
  const store = memoryStore();
  const blobs = memoryBlobs(clock);
  const predictionIndex = memoryPredictionIndex();
  const put = async (words: string) => {
    const { digest, bytes } = await blobs.put(text(words));
    return { path: words, digest, bytes };
  };
  return {
    ...{ clock, store, blobs, predictionIndex, put },
    collect: (over: Partial<Collection> = {}) =>
      collectBlobs({
        ...{ store, blobs, predictionIndex, clock, lock: [], graceMs: 24 * hourMs, dryRun: false },
        ...{ holder: 'collector', isDead: () => false, signal: new AbortController().signal, ...over },
      }),
    write: async <T>(work: (tx: StoreWriter) => Promise<T>): Promise<T> =>
      store.transaction(await fenceOf(store), work),
    left: async () => {
      const words: string[] = [];
      for await (const { digest } of blobs.list()) words.push(Buffer.from(await blobs.read(digest)).toString());
      return words.sort();
    },
  };
}

const anAsk = (bundle: Digest): ReleaseAsk => ({
  ...{ id: 'one', service: 'digits', environment: 'prod', bundle, waivers: [], again: false, by: 'ada', atMs: 5 },
  ...{ state: 'requested', reason: 'asked', release: null, changedAtMs: 5, progress: null },
});

async function putBundle(world: ReturnType<typeof makeWorld>): Promise<Digest> {
  const lock = await world.put(`lock that names ${(await world.put('golden of the lock')).digest}`);
  const bundle: Bundle = {
    bundleVersion: 1,
    service: 'digits',
    environment: 'prod',
    files: [
      { ...(await world.put('serve.py')), role: 'code' },
      { ...lock, role: 'lock' },
    ],
    model: { name: 'digits', digest: digestOf('m'), files: [await world.put('weights')], place: null },
  };
  return (await world.blobs.put(bundleBytes(bundle))).digest;
}

describe('collecting blobs', () => {
  it('removes what no record names and is older than the grace period, and counts what keeps the rest', async () => {
    const world = makeWorld();
    const model = await world.put('model');
    const code = await world.put('code');
    const data = await world.put('data');
    const profile = await world.put('profile');
    const predictions = await world.put('predictions');
    const pinned = await world.put('pinned');
    await world.put('orphan, old');
    await world.clock.advance(23 * hourMs);
    await world.put('orphan, recent');
    await world.predictionIndex.remember(digestOf('key'), {
      ...{ predictions: predictions.digest, golden: null, atMs: 1 },
      latency: {} as never,
    });
    await world.write(async (tx) => {
      await tx.addModelVersion({ ...aModel(), files: [model] });
      await tx.addDataVersion({ ...someData(), environment: 'lab', files: [data], profile: profile.digest });
      await tx.addRelease({ ...aRelease(), code: { ...aRelease().code, files: [code] } });
    });
    await world.clock.advance(hourMs + 1);
    const expected = {
      graceMs: 24 * hourMs,
      removed: { blobs: 1, bytes: 'orphan, old'.length },
      recent: { blobs: 1, bytes: 'orphan, recent'.length },
      kept: {
        releases: { blobs: 1, bytes: 4 },
        requests: { blobs: 0, bytes: 0 },
        models: { blobs: 1, bytes: 5 },
        data: { blobs: 2, bytes: 11 },
        predictions: { blobs: 1, bytes: 11 },
        lock: { blobs: 1, bytes: 6 },
      },
    };
    const all = await world.left();
    expect(await world.collect({ dryRun: true, lock: [pinned.digest] })).toEqual({ ...expected, dryRun: true });
    expect(await world.left()).toEqual(all);
    expect(await world.collect({ lock: [pinned.digest] })).toEqual({ ...expected, dryRun: false });
    expect(await world.left()).toEqual(all.filter((words) => words !== 'orphan, old'));
    expect(await world.store.leases.current(blobsLease)).toBeNull();
  });

  it('keeps all that the bundle of an open request names, also by its lock, until it is decided', async () => {
    const world = makeWorld();
    const bundle = await putBundle(world);
    await world.write((tx) => tx.setReleaseAsk(anAsk(bundle)));
    await world.clock.advance(48 * hourMs);
    expect(await world.collect()).toMatchObject({ removed: { blobs: 0 }, kept: { requests: { blobs: 5 } } });
    await world.write((tx) => tx.setReleaseAsk({ ...anAsk(bundle), state: 'refused' }));
    expect(await world.collect()).toMatchObject({ removed: { blobs: 5 } });
    expect(await world.left()).toEqual([]);
  });

  it.each(['lose', 'flipBit'] as const)(
    'removes nothing where a bundle or its lock cannot be read: %s',
    async (harm) => {
      for (const part of ['bundle', 'lock'] as const) {
        const world = makeWorld();
        const bundle = await putBundle(world);
        const orphan = await world.put('orphan');
        const lock = (JSON.parse(Buffer.from(await world.blobs.read(bundle)).toString()) as Bundle).files.find(
          ({ role }) => role === 'lock',
        );
        world.blobs[harm](part === 'bundle' ? bundle : lock!.digest);
        await world.write((tx) => tx.setReleaseAsk(anAsk(bundle)));
        await world.clock.advance(48 * hourMs);
        await expect(world.collect()).rejects.toMatchObject({ code: 'bundle-unreadable', details: { bundle } });
        expect(await world.collect({ dryRun: true }).catch((thrown: Error) => thrown.message)).toContain(bundle);
        expect(await world.blobs.has(orphan.digest)).toBe(true);
      }
    },
  );

  it('removes nothing where predictions cannot be read', async () => {
    const world = makeWorld();
    const { digest } = await world.put('orphan');
    await world.clock.advance(48 * hourMs);
    const predictionIndex = {
      ...world.predictionIndex,
      async *list(): AsyncGenerator<never> {
        await Promise.reject(new Error('unreadable'));
        yield* [];
      },
    };
    await expect(world.collect({ predictionIndex })).rejects.toThrow('unreadable');
    expect(await world.blobs.has(digest)).toBe(true);
  });

  it('sees what is recorded while it looks, and what is stored again', async () => {
    const world = makeWorld();
    const named = await world.put('named meanwhile');
    const again = await world.put('stored again meanwhile');
    await world.put('orphan');
    await world.clock.advance(48 * hourMs);
    const blobs: Blobs = {
      ...world.blobs,
      async *list() {
        yield* world.blobs.list();
        // What is unnamed is known by now, and nothing is removed yet.
        await world.write((tx) => tx.addModelVersion({ ...aModel(), files: [named] }));
        await world.put('stored again meanwhile');
      },
    };
    expect(await world.collect({ blobs })).toMatchObject({ removed: { blobs: 1, bytes: 6 } });
    expect(await world.blobs.has(named.digest)).toBe(true);
    expect(await world.blobs.has(again.digest)).toBe(true);
  });

  it('is done by one at a time, and stops when somebody took its place', async () => {
    const world = makeWorld();
    for (let orphan = 0; orphan < 60; orphan += 1) await world.put(`orphan ${orphan}`);
    await world.clock.advance(48 * hourMs);
    const other = await world.store.leases.acquire({
      ...{ lease: blobsLease, holder: 'other', ttlMs: hourMs, nowMs: world.clock.nowMs() },
    });
    await expect(world.collect()).rejects.toMatchObject({ code: 'collection-running', category: 'conflict' });
    expect(await world.left()).toHaveLength(60);
    await world.store.leases.release(other!);

    const blobs: Blobs = {
      ...world.blobs,
      async remove(digest, beforeMs) {
        const isRemoved = await world.blobs.remove(digest, beforeMs);
        if ((await world.left()).length === 10) {
          await world.store.leases.acquire({
            ...{ lease: blobsLease, holder: 'other', ttlMs: hourMs, nowMs: world.clock.nowMs(), isDead: () => true },
          });
        }
        return isRemoved;
      },
    };
    await expect(world.collect({ blobs })).rejects.toMatchObject({ code: 'lease-lost' });
    expect(await world.left()).toHaveLength(10);
  });

  it('ends between two batches when it is interrupted', async () => {
    const world = makeWorld();
    for (let orphan = 0; orphan < 60; orphan += 1) await world.put(`orphan ${orphan}`);
    await world.clock.advance(48 * hourMs);
    const aborter = new AbortController();
    const blobs: Blobs = {
      ...world.blobs,
      remove: (digest, beforeMs) => {
        aborter.abort(new Error('interrupted'));
        return world.blobs.remove(digest, beforeMs);
      },
    };
    await expect(world.collect({ blobs, signal: aborter.signal })).rejects.toThrow('interrupted');
    expect(await world.left()).toHaveLength(10);
    expect(await world.store.leases.current(blobsLease)).toBeNull();
    await world.write((tx) => tx.appendEvent(anEvent('fine')));
  });
});
