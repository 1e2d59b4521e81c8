/** Which evidence is shown beside a release: that of the release, judged by the facts of now. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { EvidenceKind, EvidenceState } from '../../core/evidence/lock/lock.ts';
import type { Release } from '../../core/rollout/release.ts';
import type { Operations } from '../../ports/records/operations.ts';
import { aReleaseRequest, type BundleOver } from '../../testing/builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import type { MemoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { asOperator, openTestServer } from '../../testing/rigs/control-plane-server.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';
import { testJudging, testMachine } from '../../testing/rigs/test-judging.ts';
import type { Judging } from './judging.ts';
import { judgeProof, readShownProof } from './release-proof.ts';

let world: StoreOperations;
let operations: Operations;
/** Of the machine of now. */
let runtime: Readonly<Record<string, string>>;

/** As the control plane judges on its own, with a shelf that has read nothing yet. */
async function judge(): Promise<readonly EvidenceState[]> {
  const judging = judgingOfNow();
  return judgeProof(
    judging,
    world.store,
    world.clock,
    await readShownProof(judging.shelf, world.store, service, environment),
  );
}
const judgingOfNow = (): Judging => testJudging(world.blobs, { ...testMachine, runtime });

beforeEach(async () => {
  runtime = testMachine.runtime;
  world = await openStoreOperations(() => judge());
  operations = world.operationsFor('ada');
});

const release = async (model: number, over: BundleOver = {}): Promise<Release> => {
  const { release: made } = await operations.release(await aReleaseRequest(world.blobs, model, over));
  if (made === null) throw new Error('nothing was released');
  return made;
};
const releaseAndBringIn = async (model: number, over: BundleOver = {}): Promise<Release> => {
  const made = await release(model, over);
  await world.bringIn();
  return made;
};
const rollBack = async (): Promise<Release> => {
  const made = await operations.rollback({ service, environment, axis: 'model', reason: 'it was worse' });
  await world.bringIn();
  return made;
};
const rowOf = (states: readonly EvidenceState[], kind: EvidenceKind) => states.find((state) => state.kind === kind);
const golden = async () => rowOf(await judge(), 'golden');
const measuredModel = async () => (await golden())?.subjects?.find(({ subject }) => subject === 'model')?.measured;

/** A contract that asks for one kind more, which the release goes out without. */
const asking: BundleOver = {
  contract: { coldStart: { p90: '45s', from: 'node-disk' } },
  waivers: [{ kind: 'cold-start', reason: 'first try', untilMs: 2e12 }],
};

describe('after a rollback of the model', () => {
  let [one, two, three]: Release[] = [];
  beforeEach(async () => {
    one = await releaseAndBringIn(1);
    two = await releaseAndBringIn(2, asking);
    expect(await measuredModel()).toBe(two.model.digest);
    three = await rollBack();
  });

  it('the evidence of the target is shown, judged by the contract of the release that was left', async () => {
    const proof = await readShownProof(judgingOfNow().shelf, world.store, service, environment);
    expect(proof).toMatchObject({
      release: { number: 3 },
      contract: { digest: two?.bundles?.contract },
      evidence: { digest: one?.bundles?.evidence },
    });
    expect(await golden()).toMatchObject({ freshness: 'fresh', verdict: 'pass' });
    expect(await measuredModel()).toBe(one?.model.digest);
    // Only the contract that was left asks for it.
    expect(rowOf(await judge(), 'cold-start')).toMatchObject({ freshness: 'missing' });
  });

  it('replicas are held to the golden outputs of the target', () => {
    expect(three?.golden).toEqual(one?.golden);
    expect(three?.golden).not.toEqual(two?.golden);
  });

  it('page, status and /v1/view show the same, and nothing of the barred release', async () => {
    const view = await operations.view(service, environment);
    expect(view.evidence).toEqual(await judge());
    expect(view.bars).toMatchObject([{ axis: 'model', digest: two?.model.digest }]);
    expect(JSON.stringify(view.evidence)).not.toContain(two?.model.digest);
    const server = await openTestServer({ store: world.store, operationsFor: (by) => world.operationsFor(by) });
    const headers = { host: '127.0.0.1:7070', ...asOperator };
    expect((await server.inject({ url: '/v1/view', headers })).json().evidence).toEqual(view.evidence);
    expect((await server.inject({ url: '/v1/evidence', headers })).json()).toEqual(view.evidence);
    await server.close();
  });

  it('it is judged by the facts of now: another runtime makes it stale', async () => {
    runtime = { onnxruntime: '1.31.0' };
    expect(await golden()).toMatchObject({
      freshness: 'stale',
      verdict: 'unknown',
      reasons: [expect.stringContaining('runtime moved')],
    });
  });
});

describe('evidence that was measured again', () => {
  const measuredAt = (measuredAtMs: number): BundleOver => ({
    lock: (locked) => ({ ...locked, evidence: { golden: { ...locked.evidence.golden!, measuredAtMs } } }),
  });

  it('is shown in the place of the old, and the release keeps its number', async () => {
    await releaseAndBringIn(1);
    const renewed = await aReleaseRequest(world.blobs, 1, measuredAt(7));
    expect(await operations.release(renewed)).toMatchObject({ outcome: 'renewed', release: { number: 1 } });
    expect(await golden()).toMatchObject({ freshness: 'fresh', measuredAtMs: 7 });
    expect(await operations.release(renewed)).toMatchObject({ outcome: 'live' });
    const events = await world.store.events({ service, environment, kindPrefix: 'evidence.renewed' });
    expect(events).toMatchObject([{ kind: 'evidence.renewed', data: { release: 1, bundle: renewed.bundle } }]);
    expect(await world.store.releases(service, environment)).toHaveLength(1);
  });

  it('is that of the release also when something goes back to it', async () => {
    await releaseAndBringIn(1);
    await operations.release(await aReleaseRequest(world.blobs, 1, measuredAt(7)));
    await releaseAndBringIn(2);
    await rollBack();
    expect(await golden()).toMatchObject({ freshness: 'fresh', measuredAtMs: 7 });
    expect(await measuredModel()).toBe((await world.store.release(service, environment, 1))?.model.digest);
  });

  it('renews nothing where it does not hold', async () => {
    await releaseAndBringIn(1);
    const lock: BundleOver['lock'] = (locked) => ({ ...locked, evidence: {} });
    await expect(release(1, { lock })).rejects.toMatchObject({ code: 'evidence-refused' });
    expect(await golden()).toMatchObject({ freshness: 'fresh', measuredAtMs: 0 });
  });
});

describe('a release of which nobody knows what it went out on', () => {
  const everyKindUnknown = async (why: string): Promise<void> => {
    const states = await judge();
    expect(states.length).toBeGreaterThan(4);
    for (const state of states) {
      expect(state).toMatchObject({
        freshness: 'unknown',
        verdict: 'unknown',
        reasons: [expect.stringContaining(why)],
      });
    }
  };

  it('is shown as unknown where it is older than bundles, and something can go back to it', async () => {
    const one = await releaseAndBringIn(1);
    const { bundles: _none, number: _number, ...older } = one;
    await world.write(async (tx) => {
      const { number } = await tx.addRelease(older);
      const deployment = (await tx.deployment(service, environment))!;
      await tx.setDeployment({ ...deployment, incoming: number, phase: 'starting' }, deployment.revision);
    });
    await world.bringIn();
    await everyKindUnknown('older than bundles');
    await releaseAndBringIn(2);
    expect(await golden()).toMatchObject({ freshness: 'fresh' });
    const back = await operations.rollback({ service, environment, axis: 'model', reason: 'r', to: 2 });
    expect([back.model.digest, back.bundles]).toEqual([one.model.digest, undefined]);
    await world.bringIn();
    await everyKindUnknown('older than bundles');
  });

  it('is shown as unknown where its bundle is gone or unreadable, which holds up no way back', async () => {
    await releaseAndBringIn(1);
    const two = await releaseAndBringIn(2);
    (world.blobs as MemoryBlobs).lose(two.bundles!.contract);
    await everyKindUnknown(`the bundle of release 2 cannot be read`);
    expect((await rollBack()).number).toBe(3);
    // The contract that stays is of the bundle that is gone.
    await everyKindUnknown('the bundle of release 3 cannot be read');
  });

  it('is shown as unknown where another version wrote its bundle', async () => {
    const one = await releaseAndBringIn(1);
    const later = (await world.blobs.put(Buffer.from('{"bundleVersion":9,"files":[]}'))).digest;
    await world.write((tx) => tx.setReleaseEvidence(service, environment, one.number, later));
    await everyKindUnknown('cannot be read');
  });
});

it('before the first release no evidence is shown', async () => {
  expect(await judge()).toEqual([]);
  expect((await operations.view(service, environment)).evidence).toEqual([]);
});
