import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeDurably } from '../../adapters/files/write-durably.ts';
import { bundleBytes, bundledFile, type BundleRole } from '../../core/bundle/bundle.ts';
import type { LockedEnvironment, Waiver } from '../../core/evidence/lock/lock.ts';
import { controlPlaneLease } from '../../core/rollout/names.ts';
import type { Release } from '../../core/rollout/release.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import { buildEvidence } from '../../testing/builders/evidence-builders.ts';
import { aStoredBundle } from '../../testing/builders/release-fixture.ts';
import {
  aRelease,
  testEnvironment as environment,
  testService as service,
} from '../../testing/builders/rollout-builders.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';
import { testJudging } from '../../testing/rigs/test-judging.ts';
import { startContractOf } from './start-contract.ts';

const waiver = { kind: 'hardware', reason: 'a new board', untilMs: 3_000_000, by: 'ann', atMs: 1 } as const;
const asking = { hardware: { accelerator: 'cpu' } };
let folder: string;
let world: StoreOperations;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-start-contract-'));
  world = await openStoreOperations();
  await world.clock.advance(2_000_000 - world.clock.nowMs());
});
afterEach(() => rm(folder, { recursive: true }));

/** A bundle whose hardware was verified, and fails where `objection` is against it. */
async function storeBundle(contract: object, objection: string | null = null, model = 1) {
  const objections = objection === null ? [] : [{ verdict: 'fail', reason: objection }];
  const measurements = { pool: 'p', takenAtMs: 1, restsOnDeclared: false, classes: {}, nodes: [], objections };
  const lock = (locked: LockedEnvironment): LockedEnvironment => ({
    ...locked,
    evidence: { ...locked.evidence, hardware: buildEvidence('hardware', {}, { measurements }) },
  });
  const bundle = await aStoredBundle(world.blobs, model, { contract: { ...asking, ...contract }, lock });
  return { bundle, digest: (await world.blobs.put(bundleBytes(bundle))).digest };
}

async function write<T>(work: (tx: StoreWriter) => Promise<T>): Promise<T> {
  const lease = await world.store.leases.current(controlPlaneLease);
  if (lease === null) throw new Error('no lease');
  return world.store.transaction(lease, work);
}

/** The contract that the next replica of a recorded release is checked against. */
async function startContract(bundles: Release['bundles'], waivers: readonly Waiver[] = []): Promise<string | null> {
  const { store, blobs, clock } = world;
  const { number: _number, ...release } = aRelease(1);
  const { number } = await write(async (tx) => {
    await tx.withdrawWaivers(service, environment, 'hardware');
    await tx.withdrawWaivers(service, environment, 'golden');
    for (const each of waivers) await tx.addWaiver(service, environment, each);
    return tx.addRelease({ ...release, ...(bundles === undefined ? {} : { bundles }) });
  });
  const { shelf } = testJudging(blobs);
  return startContractOf({ store, shelf, blobs, clock, folder, writeDurably })(
    { service, environment },
    { release: number },
  );
}
const madeOf = (digest: Digest, evidence = digest) => ({ contract: digest, code: digest, model: evidence, evidence });

describe('the contract that a node is checked against', () => {
  it('is that of the release, laid out beside the lock that its evidence is in', async () => {
    const { digest, bundle } = await storeBundle({ owner: 'first' });
    const other = await storeBundle({ owner: 'second' }, null, 2);
    const file = await startContract(madeOf(digest, other.digest));
    expect(path.dirname(path.dirname(file ?? ''))).toBe(folder);
    const text = async (of: typeof bundle, role: BundleRole) =>
      Buffer.from(await world.blobs.read(bundledFile(of, role)?.digest ?? digest)).toString();
    expect(await readFile(file ?? '', 'utf8')).toBe(await text(bundle, 'contract'));
    const lock = path.join(path.dirname(file ?? ''), 'plimsoll.lock');
    expect(await readFile(lock, 'utf8')).toBe(await text(other.bundle, 'lock'));
    expect(await startContract(madeOf(digest))).not.toBe(file);
  });

  it('is none where the release asks for no hardware', async () => {
    const { digest } = await storeBundle({ hardware: null });
    expect(await startContract(madeOf(digest))).toBeNull();
  });

  it('is none while somebody has waived that, and again when the waiver has ended', async () => {
    const made = madeOf((await storeBundle({})).digest);
    expect(await startContract(made, [waiver])).toBeNull();
    expect(await startContract(made, [{ ...waiver, untilMs: 1_999_999 }])).not.toBeNull();
    expect(await startContract(made, [{ ...waiver, kind: 'golden' }])).not.toBeNull();
    expect(await startContract(made, [{ ...waiver, failing: true }])).toBeNull();
  });

  it('is the one that was measured and fails, unless a waiver of failures was given', async () => {
    const made = madeOf((await storeBundle({}, 'no node holds such a device')).digest);
    expect(await startContract(made, [waiver])).toMatch(/plimsoll\.yaml$/);
    expect(await startContract(made, [{ ...waiver, failing: true }])).toBeNull();
  });

  it('is none where it cannot be read', async () => {
    expect(await startContract(undefined)).toBeNull();
    expect(await startContract(madeOf(digestOf('a bundle that is gone')))).toBeNull();
  });
});
