import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleBytes, type BundledModel } from '../../core/bundle/bundle.ts';
import { artifactDigest } from '../../core/registry/artifact.ts';
import { remoteRefused, remoteUnreachable } from '../../core/registry/remote-errors.ts';
import { digestOfBytes } from '../../core/units/digest.ts';
import type { PlimsollError } from '../../core/units/errors.ts';
import type { ModelPlaces } from '../../ports/artifacts/model-places.ts';
import type { ReleaseRequest } from '../../schemas/http/operations.ts';
import { aReleaseRequest, aStoredBundle } from '../../testing/builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import { failingPorts, type Faults } from '../../testing/fakes/failing-ports.ts';
import { memoryJournal } from '../../testing/fakes/memory/memory-journal.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';

const place = 's3://models/digits/1';
const names = ['a.txt', 'b.txt', 'model.bin'];
const bytesOf = (path: string, of = 'digits'): Uint8Array => Buffer.from(`${path} of ${of}`);
const filesOf = (of = 'digits') =>
  names.map((path) => {
    const bytes = bytesOf(path, of);
    return { path, digest: digestOfBytes(bytes), bytes: bytes.length };
  });

/** A place that hands out what a test says, when a test says so. */
class HeldPlace implements ModelPlaces {
  content = new Map(names.map((path) => [path, bytesOf(path)]));
  readonly reads: string[] = [];
  readonly ended: string[] = [];
  failure: PlimsollError | null = null;
  tellsSizes = true;
  /** Files whose bytes come only when `go` is called. */
  held = new Set<string>();
  #waiting: (() => void)[] = [];

  refusal(_environment: string, asked: string): string | null {
    return asked === place ? null : 'no registry is allowed';
  }

  go(): void {
    this.held.clear();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async open() {
    if (this.failure !== null) throw this.failure;
    const files = [...this.content].map(([path, bytes]) => ({
      path,
      bytes: this.tellsSizes ? bytes.length : null,
      digest: null,
    }));
    return {
      files,
      read: (file: { readonly path: string }, signal: AbortSignal) => this.#read(file.path, signal),
      close: async () => undefined,
    };
  }

  async *#read(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    this.reads.push(path);
    const bytes = this.content.get(path) ?? new Uint8Array();
    yield bytes.subarray(0, 3);
    if (this.held.has(path)) {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      }).finally(() => this.ended.push(path));
    }
    yield bytes.subarray(3);
  }
}

let rig: ControlPlaneRig;
let held: HeldPlace;
let faults: Faults;
const real = { store: memoryStore() };

const newRig = (): ControlPlaneRig => {
  const ports = failingPorts(real.store, memoryJournal(), faults);
  const made = new ControlPlaneRig(ports.store);
  made.journal = ports.journal;
  made.fetching = held;
  return made;
};
beforeEach(() => {
  real.store = memoryStore();
  faults = { store: null, callsLeft: null };
  held = new HeldPlace();
  rig = newRig();
});
afterEach(async () => {
  faults.store = null;
  faults.callsLeft = null;
  await rig.stop();
});

/** A release of a model that only the place has; whether the bundle names its files is said. */
const requestOf = async (over: Partial<BundledModel> = {}, of = 'digits'): Promise<ReleaseRequest> => {
  const files = filesOf(of);
  const bundle = await aStoredBundle(rig.blobs, 1, { model: { digest: artifactDigest(files), files } });
  const model = { ...bundle.model, files: null, place, ...over };
  const { digest } = await rig.blobs.put(bundleBytes({ ...bundle, model }));
  return { service, environment, bundle: digest, waivers: [], again: false };
};
const ask = async () => (await real.store.releaseAsks(service, environment)).at(-1);
const numbers = async () => (await real.store.releases(service, environment)).map(({ number }) => number);
const eventKinds = () => rig.events('release.');

describe('a release whose model is elsewhere', () => {
  it.each([null, filesOf()])('is numbered once the model was fetched', async (files) => {
    await rig.start();
    const answer = await rig.operations().release(await requestOf({ files }));
    expect(answer).toMatchObject({ outcome: 'fetching', release: null, ask: { state: 'fetching' } });
    await rig.pass(2_000);
    expect(await ask()).toMatchObject({ state: 'released', release: 1, progress: null });
    expect(await numbers()).toEqual([1]);
    const [release] = await real.store.releases(service, environment);
    expect(release?.model.files).toEqual(filesOf());
    const version = await real.store.modelVersion(environment, 'digits', 1);
    expect(version?.lineage).toEqual({ source: place });
    expect(held.reads).toEqual(names);
  });

  it('stays unnumbered meanwhile, and says about once a second how much is there', async () => {
    held.held = new Set(['b.txt']);
    await rig.start();
    await rig.operations().release(await requestOf());
    await rig.pass(3_000);
    const total = filesOf().reduce((sum, { bytes }) => sum + bytes, 0);
    const [first] = filesOf();
    const progress = { doneBytes: first!.bytes + 3, totalBytes: total, files: [first] };
    expect(await ask()).toMatchObject({ state: 'fetching', progress });
    expect([await numbers(), await eventKinds()]).toEqual([[], ['release.fetching']]);
    held.go();
    await rig.pass(2_000);
    expect(await numbers()).toEqual([1]);
  });

  it('goes on with the files that are missing after its control plane was killed', async () => {
    held.held = new Set(['b.txt']);
    await rig.start();
    await rig.operations().release(await requestOf());
    await rig.pass(3_000);
    await rig.crash();
    held.go();
    await rig.start('host:boot:2:2');
    await rig.pass(3_000);
    expect(held.reads).toEqual(['a.txt', 'b.txt', 'b.txt', 'model.bin']);
    expect(await ask()).toMatchObject({ state: 'released', release: 1 });
  });

  it('is numbered once, whichever call its control plane dies at', async () => {
    let died = 0;
    for (let calls = 1; calls < 200; calls += 3) {
      real.store = memoryStore();
      faults = { store: null, callsLeft: null };
      held = new HeldPlace();
      rig = newRig();
      await rig.start();
      const request = await requestOf();
      faults.callsLeft = calls;
      await rig
        .operations()
        .release(request)
        .catch(() => undefined);
      await rig.pass(2_000);
      const isDead = faults.callsLeft <= 0;
      if (isDead) died += 1;
      await rig.crash();
      faults.callsLeft = null;
      await rig.start('host:boot:2:2');
      await rig.pass(3_000);
      const recorded = await ask();
      expect([calls, recorded?.state ?? 'released']).toEqual([calls, 'released']);
      expect([calls, await numbers()]).toEqual([calls, recorded === undefined ? [] : [1]]);
      expect(await real.store.modelVersions(environment, 'digits')).toHaveLength(recorded === undefined ? 0 : 1);
      await rig.stop();
    }
    expect(died).toBeGreaterThan(10);
    await rig.start('host:boot:3:3');
  });
});

describe('a place that holds something else', () => {
  it.each<[string, Partial<BundledModel>, () => void, string]>([
    [
      'other bytes, which the bundle did not name',
      {},
      () => held.content.set('b.txt', bytesOf('b.txt', 'cats!!')),
      'make',
    ],
    [
      'other bytes than the bundle names',
      { files: filesOf() },
      () => held.content.set('b.txt', bytesOf('b.txt', 'DIGITS')),
      'other bytes',
    ],
    ['another size', { files: filesOf() }, () => held.content.set('b.txt', bytesOf('b.txt', 'x')), 'bytes, not'],
    ['a file more', { files: filesOf() }, () => held.content.set('c.txt', bytesOf('c.txt')), 'has a file c.txt'],
    ['a file less', { files: filesOf() }, () => held.content.delete('b.txt'), 'has no file b.txt'],
    ['a file less, which nobody named', {}, () => held.content.delete('b.txt'), 'make'],
  ])('%s refuses the request, on the record', async (_what, over, change, why) => {
    change();
    await rig.start();
    await rig.operations().release(await requestOf(over));
    await rig.pass(2_000);
    expect(await ask()).toMatchObject({ state: 'refused', reason: expect.stringContaining(why), progress: null });
    expect([await numbers(), await eventKinds()]).toEqual([[], ['release.fetching', 'release.refused']]);
    expect(await real.store.modelVersions(environment, 'digits')).toEqual([]);
  });

  it('is asked for no byte where it tells sizes that are too large', async () => {
    await rig.start();
    held.open = async () => ({
      files: [{ path: 'model.bin', bytes: 2 ** 40, digest: null }],
      read: () => {
        throw new Error('it was read');
      },
      close: async () => undefined,
    });
    await rig.operations().release(await requestOf());
    await rig.pass(2_000);
    expect(await ask()).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('this control plane takes'),
    });
  });
});

it('a place that is not allowed is refused at once, and nothing is opened', async () => {
  await rig.start();
  held.open = async () => Promise.reject(new Error('it was opened'));
  const request = await requestOf({ place: 's3://elsewhere/digits' });
  await expect(rig.operations().release(request)).rejects.toMatchObject({
    code: 'place-not-allowed',
    category: 'refused',
  });
  expect(await ask()).toMatchObject({ state: 'refused' });
});

describe('a request that is taken back', () => {
  it('ends its fetch, and is never numbered', async () => {
    held.held = new Set(['model.bin']);
    await rig.start();
    const { ask: made } = await rig.operations().release(await requestOf());
    await rig.pass(1_000);
    await rig.operations().cancelAsk({ service, environment, id: made.id, reason: 'not today' });
    await rig.pass(3_000);
    expect(held.ended).toEqual(['model.bin']);
    held.go();
    await rig.pass(3_000);
    expect(await ask()).toMatchObject({ state: 'cancelled', reason: 'not today' });
    expect(await numbers()).toEqual([]);
  });

  it('by a newer one leaves the newer one', async () => {
    held.held = new Set(['model.bin']);
    await rig.start();
    await rig.operations().release(await requestOf());
    await rig.pass(1_000);
    await rig.operations().release(await aReleaseRequest(rig.blobs, 2));
    held.go();
    await rig.pass(3_000);
    const asks = await real.store.releaseAsks(service, environment);
    expect(asks.map(({ state }) => state)).toEqual(['cancelled', 'released']);
    expect(asks[0]?.reason).toBe(`the request ${asks[1]?.id} takes its place`);
    expect((await real.store.releases(service, environment)).map(({ model }) => model.digest)).toHaveLength(1);
  });
});

describe('a place that is down', () => {
  it('is asked again after growing pauses, which the request says, and then gives the model', async () => {
    held.failure = remoteUnreachable(place, 'ECONNREFUSED', 4);
    await rig.start();
    await rig.operations().release(await requestOf());
    const pauses: number[] = [];
    let last = '';
    for (let second = 0; second < 40; second += 1) {
      await rig.pass(1_000);
      const { reason = '' } = (await ask()) ?? {};
      if (reason !== last && reason.includes('next try')) pauses.push(Number(/in (\d+) s/.exec(reason)?.[1]));
      last = reason;
    }
    expect(pauses).toEqual([5, 10, 20, 40]);
    expect(last).toContain('is out of reach after 4 attempts: ECONNREFUSED');
    held.failure = null;
    await rig.pass(60_000);
    expect(await ask()).toMatchObject({ state: 'released', release: 1 });
  });

  it('for a day is given up', async () => {
    held.failure = remoteUnreachable(place, 'ECONNREFUSED', 4);
    await rig.start();
    await rig.operations().release(await requestOf());
    await rig.pass(1_000);
    const before = await ask();
    rig.clock.nowMs = () => 1_700_000_000_000 + 25 * 3_600_000 + rig.clock.monotonicMs();
    await rig.pass(20_000);
    expect(before?.state).toBe('fetching');
    expect(await ask()).toMatchObject({ state: 'refused', reason: expect.stringContaining('for 24 hours') });
  });

  it('that hangs is asked again after five minutes without a byte', async () => {
    held.held = new Set(['model.bin']);
    await rig.start();
    await rig.operations().release(await requestOf());
    await rig.pass(290_000);
    expect(held.ended).toEqual([]);
    await rig.pass(20_000);
    expect(held.ended).toEqual(['model.bin']);
    expect((await ask())?.reason).toContain('sent nothing for 5 minutes');
    held.go();
    await rig.pass(10_000);
    expect(held.reads.filter((name) => name === 'a.txt')).toHaveLength(1);
    expect(await ask()).toMatchObject({ state: 'released' });
  });

  it('that lets nobody in refuses the request: waiting mends no credentials', async () => {
    held.failure = remoteRefused(place, 'it answers 403', 'set AWS_ACCESS_KEY_ID');
    await rig.start();
    await rig.operations().release(await requestOf());
    await rig.pass(2_000);
    expect(await ask()).toMatchObject({ state: 'refused', reason: expect.stringContaining('403') });
  });
});

it('fetches on while the store is away, and records what came when it is back', async () => {
  held.held = new Set(['b.txt']);
  await rig.start();
  await rig.operations().release(await requestOf());
  await rig.pass(2_000);
  faults.store = 'unreachable';
  held.go();
  await rig.pass(5_000);
  expect(held.reads).toEqual(names);
  faults.store = null;
  await rig.pass(20_000);
  expect(held.reads).toEqual(names);
  expect(await ask()).toMatchObject({ state: 'released', release: 1 });
});
