/** Whose evidence counts where the environment has a policy, and who has to approve. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { EvidenceKind, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import type { EnvironmentPolicy } from '../../core/fleet/environment/environment-record.ts';
import { readRequiredPolicies } from '../../core/fleet/environment/required-policy.ts';
import type { BundleFile } from '../../core/bundle/bundle.ts';
import { isReceiptOf, type EvidenceReceipt } from '../../core/trust/evidence-receipt.ts';
import type { EvidenceSignature } from '../../core/trust/evidence-signatures.ts';
import { localOperator } from '../../core/access/requester.ts';
import { isDigest } from '../../core/units/digest.ts';
import type { PlimsollError } from '../../core/units/errors.ts';
import { makeCountersign } from '../../prove/trust/countersign.ts';
import { verifyEd25519 } from '../../prove/trust/ed25519.ts';
import { signaturesText } from '../../schemas/lock/lock-signatures.ts';
import { aReleaseRequest, aStoredBundle, type BundleOver } from '../../testing/builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../testing/builders/rollout-builders.ts';
import { makeTestKey, type TestKey } from '../../testing/builders/trust-builders.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';
import { testJudging } from '../../testing/rigs/test-judging.ts';
import { makeOperations } from '../operations/operations.ts';

let world: StoreOperations;
const [ci, thief] = [makeTestKey('ci'), makeTestKey('thief')];

beforeEach(async () => {
  world = await openStoreOperations();
});

const setPolicy = (policy: EnvironmentPolicy) =>
  world.operationsFor('root').setEnvironmentRecord({ environment, terms: { policy } });
const byKey: EnvironmentPolicy = { keys: [ci.trusted], evidenceFrom: { golden: { keys: ['ci'] } } };

/** A request whose bundle holds these signatures of its golden evidence. */
async function signedRequest(
  model: number,
  sign: (locked: LockedEnvironment) => readonly EvidenceSignature[],
  over: BundleOver = {},
) {
  let locked: LockedEnvironment | undefined;
  const seen: BundleOver = { ...over, lock: (fitting, present) => (locked = over.lock?.(fitting, present) ?? fitting) };
  await aStoredBundle(world.blobs, model, seen);
  if (locked === undefined) throw new Error('the fixture made no lock');
  const golden = sign(locked);
  const text = signaturesText({ signaturesVersion: 1, environments: { [environment]: { golden } } });
  return requestWith(model, text, over);
}

async function requestWith(model: number, text: string, over: BundleOver = {}) {
  const bytes = Buffer.from(text);
  const { digest } = await world.blobs.put(bytes);
  const file: BundleFile = { path: 'plimsoll.lock.sigs', digest, bytes: bytes.length, role: 'signatures' };
  return aReleaseRequest(world.blobs, model, { ...over, files: (files) => [...files, file] });
}

const goldenBy =
  (key: TestKey, at = { service, environment }) =>
  (locked: LockedEnvironment): readonly EvidenceSignature[] =>
    locked.evidence.golden === undefined ? [] : [key.sign(at, locked.evidence.golden)];
const failure = (work: Promise<unknown>): Promise<PlimsollError> =>
  work.then(
    () => Promise.reject(new Error('it was not refused')),
    (thrown: unknown) => thrown as PlimsollError,
  );
const edited: BundleOver = {
  lock: (fitting) => {
    const { golden } = fitting.evidence;
    if (golden === undefined) return fitting;
    return { ...fitting, evidence: { golden: { ...golden, measuredAtMs: 5 } } };
  },
};

describe('a policy that counts one key', () => {
  beforeEach(() => setPolicy(byKey));

  it('lets a release out whose evidence that key signed', async () => {
    const request = await signedRequest(1, goldenBy(ci));
    expect(await world.operationsFor('ada').release(request)).toMatchObject({ outcome: 'released' });
  });

  it.each<readonly [string, (locked: LockedEnvironment) => readonly EvidenceSignature[], string]>([
    ['no signature', () => [], 'the policy asks for golden evidence with a signature by ci'],
    ['another key', goldenBy(thief), 'is no key of the policy'],
    ['a statement of another environment', goldenBy(ci, { service, environment: 'staging' }), 'of other facts'],
    ['a statement of another service', goldenBy(ci, { service: 'letters', environment }), 'of other facts'],
    [
      'two signatures, one bad',
      (locked) => [...goldenBy(ci)(locked), ...goldenBy(ci, { service: 'letters', environment })(locked)],
      'is wrong',
    ],
  ])('refuses %s, names why, and records the refusal', async (_what, sign, reason) => {
    const refused = await failure(world.operationsFor('ada').release(await signedRequest(1, sign)));
    expect(refused.category).toBe('refused');
    expect(JSON.stringify(refused.details)).toContain(reason);
    expect(await world.store.events({ kindPrefix: 'release.refused' })).toHaveLength(1);
  });

  it('refuses evidence that was edited after it was signed', async () => {
    const original = await signedRequest(1, goldenBy(ci));
    const bundle = await world.blobs.read(original.bundle);
    const { files } = JSON.parse(new TextDecoder().decode(bundle)) as { files: readonly BundleFile[] };
    const own = files.find(({ role }) => role === 'signatures');
    if (own === undefined) throw new Error('no signatures');
    const request = await aReleaseRequest(world.blobs, 1, { ...edited, files: (all) => [...all, own] });
    expect(JSON.stringify((await failure(world.operationsFor('ada').release(request))).details)).toContain('is wrong');
  });

  it.each([
    ['no JSON', 'not json'],
    ['a key twice', '{"signaturesVersion":1,"environments":{"default":{"golden":[{"keyId":"none","signature":""}]}}}'],
    ['another version', '{"signaturesVersion":2,"environments":{}}'],
    ['deep nesting', `${'['.repeat(50)}${']'.repeat(50)}`],
    [
      'more than sixteen of one kind',
      JSON.stringify({
        signaturesVersion: 1,
        environments: {
          [environment]: {
            golden: Array.from({ length: 17 }, (_, at) => ({
              keyId: `ed25519:${String(at).padStart(32, '0')}`,
              signature: `${'A'.repeat(86)}==`,
            })),
          },
        },
      }),
    ],
    ['more bytes than the bound', `{"signaturesVersion":1,"environments":{}${' '.repeat(1024 * 1024)}}`],
  ])('fails closed where the signatures are %s', async (_what, text) => {
    const refused = await failure(world.operationsFor('ada').release(await requestWith(1, text)));
    expect(JSON.stringify(refused.details)).toContain('plimsoll.lock.sigs cannot be read');
  });

  it('counts what it received before the key was revoked, and nothing of that key after', async () => {
    const operations = world.operationsFor('ada');
    await operations.release(await signedRequest(1, goldenBy(ci)));
    await world.bringIn();
    const revokedAtMs = world.clock.nowMs() + 1_000;
    await setPolicy({ ...byKey, keys: [{ ...ci.trusted, revokedAtMs }] });
    await world.clock.advance(2_000);
    const again = { ...(await signedRequest(1, goldenBy(ci))), again: true };
    expect(await operations.release(again)).toMatchObject({ outcome: 'released' });
    const later = await failure(operations.release(await signedRequest(2, goldenBy(ci))));
    expect(JSON.stringify(later.details)).toContain('was revoked on');
  });

  it('is not told that a signature came early by one that is bad', async () => {
    const operations = world.operationsFor('mallory');
    const announced = await signedRequest(1, (locked) =>
      goldenBy(ci)(locked).map((one) => ({ ...one, signature: goldenBy(thief)(locked)[0]?.signature ?? '' })),
    );
    await failure(operations.release(announced));
    const revokedAtMs = world.clock.nowMs() + 1_000;
    await setPolicy({ ...byKey, keys: [{ ...ci.trusted, revokedAtMs }] });
    await world.clock.advance(2_000);
    const stolen = await failure(operations.release(await signedRequest(1, goldenBy(ci))));
    expect(JSON.stringify(stolen.details)).toContain('was revoked on');
  });

  it('delays no rollback', async () => {
    const operations = world.operationsFor('ada');
    await operations.release(await signedRequest(1, goldenBy(ci)));
    await world.bringIn();
    await operations.release(await signedRequest(2, goldenBy(ci)));
    await world.bringIn();
    await setPolicy({ ...byKey, keys: [{ ...ci.trusted, revokedAtMs: 0 }], approvers: ['nobody'] });
    const back = await operations.rollback({ service, environment, axis: 'model', reason: 'worse' });
    expect(back.model.version).toBe(1);
  });
});

describe('a policy that counts senders', () => {
  beforeEach(() => setPolicy({ evidenceFrom: { any: { senders: ['ci-job'] } } }));

  it('counts evidence that the sender sent, also where somebody copied it first', async () => {
    const request = await aReleaseRequest(world.blobs, 1);
    const copied = await failure(world.operationsFor('mallory').release(request));
    expect(JSON.stringify(copied.details)).toContain('sent by ci-job: sent by mallory');
    expect(await world.operationsFor('ci-job').release(request)).toMatchObject({ outcome: 'released' });
  });
});

describe('who sent evidence', () => {
  it('is countersigned once, by the key of the control plane', async () => {
    const countersign = makeCountersign(thief.signer);
    const operations = makeOperations({ ...world.sourceFor('ci-job'), countersign });
    await operations.release(await aReleaseRequest(world.blobs, 1));
    await operations.release({ ...(await aReleaseRequest(world.blobs, 1)), again: true });
    const events = await world.store.events({ kindPrefix: 'evidence.received' });
    expect(events).toHaveLength(1);
    const [event] = events;
    if (event?.kind !== 'evidence.received') throw new Error('another event');
    const { digest = '', sender = '', receipt } = event.data;
    if (!isDigest(digest)) throw new Error('no digest');
    const kind: EvidenceKind = 'golden';
    const facts = { service, environment, kind, digest, sender, receivedAtMs: event.atMs };
    const of = receipt as unknown as EvidenceReceipt;
    expect(sender).toBe('ci-job');
    expect(isReceiptOf(facts, of, verifyEd25519)).toBe(true);
    expect(isReceiptOf({ ...facts, sender: 'ada' }, of, verifyEd25519)).toBe(false);
    expect(isReceiptOf(facts, { ...of, keyId: 'ed25519:other' }, verifyEd25519)).toBe(false);
    expect(isReceiptOf(facts, { ...of, key: ci.trusted.key }, verifyEd25519)).toBe(false);
  });
});

describe('approval', () => {
  beforeEach(() => setPolicy({ approvers: ['ada', 'grace'] }));
  const approve = (by: string, bundle: Awaited<ReturnType<typeof aReleaseRequest>>['bundle']) =>
    world.operationsFor(by).approveRelease({ service, environment, bundle, reason: 'read and tried' });

  it('is asked of somebody else than the releaser, for this bundle', async () => {
    const request = await aReleaseRequest(world.blobs, 1);
    const other = await aReleaseRequest(world.blobs, 2);
    const ada = world.operationsFor('ada');
    expect(await failure(ada.release(request))).toMatchObject({ code: 'approval-missing' });
    await approve('ada', request.bundle);
    await approve('grace', other.bundle);
    const alone = await failure(ada.release(request));
    expect(alone).toMatchObject({
      code: 'approval-missing',
      message: expect.stringContaining('one of grace can do it'),
    });
    await approve('grace', request.bundle);
    expect(await ada.release(request)).toMatchObject({ outcome: 'released' });
  });

  it('is refused of whom the policy does not name', async () => {
    const { bundle } = await aReleaseRequest(world.blobs, 1);
    expect(await failure(approve('mallory', bundle))).toMatchObject({ code: 'not-an-approver' });
  });
});

describe('a policy that fails closed', () => {
  const requiring = (setting: string) =>
    openStoreOperations(undefined, (blobs) => ({
      ...testJudging(blobs),
      requiredPolicies: readRequiredPolicies(setting),
    }));

  it('refuses where a policy is required and missing, or older', async () => {
    world = await requiring(`${environment}=7`);
    const request = await aReleaseRequest(world.blobs, 1);
    const refusals = async () =>
      (await failure(world.operationsFor('ada').release(request))).details['refusals'] as readonly { code: string }[];
    expect((await refusals()).map(({ code }) => code)).toContain('policy-missing');
    await setPolicy({ serial: 6 });
    expect((await refusals()).map(({ code }) => code)).toContain('policy-older');
    await setPolicy({ serial: 7 });
    expect(await world.operationsFor('ada').release(request)).toMatchObject({ outcome: 'released' });
  });

  it('refuses where the policy is of a form that this version does not know, and takes no waiver by it', async () => {
    const waivers = [{ kind: 'golden', reason: 'r', untilMs: 2e12 }] as const;
    const request = await aReleaseRequest(world.blobs, 1, { waivers });
    await world.write(async (tx) => {
      const policy = { threshold: 3 } as unknown as EnvironmentPolicy;
      await tx.setEnvironmentRecord({ environment, by: 'newer', atMs: 0, policy });
    });
    const refused = await failure(world.operationsFor('ada').release(request));
    expect(JSON.stringify(refused.details)).toContain('has the key `threshold`');
    expect(await world.store.waivers(service, environment)).toEqual([]);
  });

  it('refuses a release that asks for no waiver by a policy that it does not know', async () => {
    const request = await aReleaseRequest(world.blobs, 1);
    await world.write(async (tx) => {
      const policy = { threshold: 3 } as unknown as EnvironmentPolicy;
      await tx.setEnvironmentRecord({ environment, by: 'newer', atMs: 0, policy });
    });
    const refused = await failure(world.operationsFor('ada').release(request));
    const refusals = refused.details['refusals'] as readonly { code: string }[];
    expect(refusals.map(({ code }) => code)).toContain('policy-unreadable');
  });

  it('is not replaced by an older one, nor by none without saying so', async () => {
    await setPolicy({ serial: 3, neverWaived: ['golden'] });
    expect(await failure(setPolicy({ serial: 2 }))).toMatchObject({ code: 'policy-older' });
    expect(await failure(setPolicy({ serial: 3, neverWaived: [] }))).toMatchObject({ code: 'policy-older' });
    expect(await setPolicy({ serial: 3, neverWaived: ['golden'] })).toMatchObject({ version: 1 });
    expect(await failure(setPolicy({}))).toMatchObject({ code: 'policy-older' });
    const dropped = world.operationsFor('root').setEnvironmentRecord({ environment, terms: { platform: 'local' } });
    expect(await failure(dropped)).toMatchObject({ code: 'policy-older' });
    expect(await setPolicy({ serial: 4 })).toMatchObject({ policy: { serial: 4 } });
  });

  it('bounds how long a waiver lasts, also one from before', async () => {
    const untilMs = world.clock.nowMs() + 10_000;
    const operations = world.operationsFor('ada', localOperator);
    const waive = (until: number) =>
      operations.waive({ service, environment, kind: 'golden', reason: 'r', untilMs: until });
    await waive(untilMs);
    await setPolicy({ longestWaiverMs: 5_000 });
    expect(await failure(waive(untilMs))).toMatchObject({ code: 'waiver-too-long' });
    const without: BundleOver = { lock: (fitting) => ({ ...fitting, evidence: {} }) };
    const refused = await failure(operations.release(await aReleaseRequest(world.blobs, 1, without)));
    expect(refused.category).toBe('refused');
    await waive(world.clock.nowMs() + 5_000);
    expect(await operations.release(await aReleaseRequest(world.blobs, 1, without))).toMatchObject({
      outcome: 'released',
    });
  });
});
