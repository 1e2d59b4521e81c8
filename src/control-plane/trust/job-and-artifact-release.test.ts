/** Releases whose evidence a CI job sent, or whose model has to be signed in its registry. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { CiIdentity } from '../../core/access/identity.ts';
import type { EvidenceKind } from '../../core/evidence/lock/lock.ts';
import type { EnvironmentPolicy } from '../../core/fleet/environment/environment-record.ts';
import { readCiIdentity } from '../../core/trust/ci/ci-job.ts';
import { isReceiptOf, type EvidenceReceipt } from '../../core/trust/evidence-receipt.ts';
import { isDigest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ArtifactSignatures } from '../../ports/artifacts/artifact-signatures.ts';
import { makeCountersign } from '../../prove/trust/countersign.ts';
import { verifyEd25519 } from '../../prove/trust/ed25519.ts';
import { bundleBytes } from '../../core/bundle/bundle.ts';
import { aReleaseRequest, aStoredBundle } from '../../testing/builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import { makeTestKey } from '../../testing/builders/trust-builders.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';
import { testJudging } from '../../testing/rigs/test-judging.ts';
import { withOrigin } from '../audit/origin.ts';
import { makeOperations } from '../operations/operations.ts';

let world: StoreOperations;
beforeEach(async () => {
  world = await openStoreOperations();
});

const job: CiIdentity = {
  ...{ issuer: 'https://ci.example', subject: 'repo:acme/digits', repository: 'acme/digits' },
  ...{ ref: 'refs/heads/main', isRefProtected: true, isFork: false, run: '42' },
};
const setPolicy = (policy: EnvironmentPolicy) =>
  world.operationsFor('root').setEnvironmentRecord({ environment, terms: { policy } });
const failure = (work: Promise<unknown>): Promise<PlimsollError> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (thrown: unknown) => thrown as PlimsollError,
  );
const releaseAs = async (of: CiIdentity | undefined, by = 'ci') => {
  const request = await aReleaseRequest(world.blobs, 1);
  return withOrigin({ host: '10.0.0.7', job: of }, () => world.operationsFor(by).release(request));
};

describe('a policy that counts jobs of a repository', () => {
  const jobs = [{ issuer: job.issuer, repository: job.repository, ref: job.ref }];
  beforeEach(() => setPolicy({ evidenceFrom: { any: { jobs } } }));

  it('counts evidence that such a job sent, also where somebody copied it first', async () => {
    expect(JSON.stringify((await failure(releaseAs(undefined, 'mallory'))).details)).toContain('sent by mallory');
    expect(await releaseAs(job)).toMatchObject({ outcome: 'released' });
  });

  it.each<readonly [string, Partial<CiIdentity>, string]>([
    ['a fork', { isFork: true }, 'it is of a fork'],
    ['a branch that is not protected', { isRefProtected: false }, 'is not protected'],
    ['another repository', { repository: 'mallory/digits' }, 'it is of another repository'],
    ['another provider', { issuer: 'https://evil.example' }, 'it is of another repository'],
  ])('does not count a job of %s', async (_what, over, why) => {
    expect(JSON.stringify((await failure(releaseAs({ ...job, ...over }))).details)).toContain(why);
  });

  it('does not take the name of a token for a repository', async () => {
    expect((await failure(releaseAs(undefined, 'acme/digits'))).category).toBe('refused');
  });

  it('keeps the job with a request that is decided later', async () => {
    await releaseAs(job);
    expect(await world.store.releaseAsks(service, environment)).toMatchObject([{ by: 'ci', job }]);
  });
});

it('countersigns the job with its run, tells it in the history, and shows who sent evidence', async () => {
  const operations = makeOperations({
    ...world.sourceFor('ci'),
    countersign: makeCountersign(makeTestKey('control').signer),
  });
  const request = await aReleaseRequest(world.blobs, 1);
  await withOrigin({ host: '10.0.0.7', job }, () => operations.release(request));
  const [event] = await world.store.events({ kindPrefix: 'evidence.received' });
  if (event?.kind !== 'evidence.received') throw new Error('another event');
  expect(event.summary).toBe(
    'golden evidence was received from ci, job 42 of acme/digits at refs/heads/main (protected, told by ci.example)',
  );
  const { digest = '', sender = '', receipt } = event.data;
  const told = readCiIdentity(event.data.job);
  if (!isDigest(digest) || told === null) throw new Error('no digest or no job');
  const kind: EvidenceKind = 'golden';
  const facts = { service, environment, kind, digest, sender, job: told, receivedAtMs: event.atMs };
  const of = receipt as unknown as EvidenceReceipt;
  expect(isReceiptOf(facts, of, verifyEd25519)).toBe(true);
  expect(isReceiptOf({ ...facts, job: { ...job, run: '43' } }, of, verifyEd25519)).toBe(false);
  const { job: _, ...without } = facts;
  expect(isReceiptOf(without, of, verifyEd25519)).toBe(false);
});

/** A request whose bundle says that the model lies there. */
async function placedRequest(place: string) {
  const bundle = await aStoredBundle(world.blobs, 1);
  const { digest } = await world.blobs.put(bundleBytes({ ...bundle, model: { ...bundle.model, place } }));
  return { service, environment, bundle: digest, waivers: [], again: false };
}

const pem = `-----BEGIN PUBLIC KEY-----\n${'A'.repeat(64)}\n-----END PUBLIC KEY-----\n`;
const signedModels: EnvironmentPolicy = {
  artifactKeys: [{ name: 'release', key: pem }],
  artifactsFrom: { model: { keys: ['release'] } },
};

describe('a policy that asks for signed models', () => {
  const away: ArtifactSignatures = {
    ofImage: () => Promise.reject(new Error('not asked')),
    ofModel: () =>
      Promise.reject(new PlimsollError({ code: 'remote-unreachable', category: 'unavailable', message: 'it is away' })),
  };

  it('refuses a model that lies in no registry, and records the refusal', async () => {
    await setPolicy(signedModels);
    const refused = await failure(releaseAs(undefined));
    expect(refused).toMatchObject({ category: 'refused', code: 'artifact-unknown' });
    expect(refused.message).toContain('the lock names no OCI registry');
    expect(await world.store.events({ kindPrefix: 'release.refused' })).toHaveLength(1);
  });

  it('refuses where the registry is away: what nobody can tell is no signature', async () => {
    world = await openStoreOperations(undefined, (blobs) => ({ ...testJudging(blobs), signatures: away }));
    await setPolicy(signedModels);
    const refused = await failure(world.operationsFor('ada').release(await placedRequest('oci://r.example/digits:1')));
    expect(refused.message).toContain('nobody can tell who signed the model: it is away');
  });

  it('delays no rollback', async () => {
    const operations = world.operationsFor('ada');
    for (const model of [1, 2]) {
      await operations.release(await aReleaseRequest(world.blobs, model));
      await world.bringIn();
    }
    await setPolicy(signedModels);
    const back = await operations.rollback({ service, environment, axis: 'model', reason: 'worse' });
    expect(back.model.version).toBe(1);
  });
});
