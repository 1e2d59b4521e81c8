/** Somebody with every right who sends what is not so: each is refused, and the refusal is on the record. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeHttpOperations } from '../../../adapters/http-control/http-operations.ts';
import { bundleBytes, type Bundle } from '../../../core/bundle/bundle.ts';
import { codeDigest } from '../../../core/contract/code-digest.ts';
import type { Evidence, LockedEnvironment } from '../../../core/evidence/lock/lock.ts';
import { goldenFile } from '../../../core/rollout/names.ts';
import { canonicalJson, digestOf, type Digest } from '../../../core/units/digest.ts';
import type { PlimsollError } from '../../../core/units/errors.ts';
import type { Operations } from '../../../ports/records/operations.ts';
import { readContract } from '../../../schemas/contract/contract.ts';
import type { ReleaseRequest } from '../../../schemas/http/operations.ts';
import { buildImageFacts } from '../../../testing/builders/pools/hardware-builders.ts';
import {
  aGoldenSet,
  aReleaseRequest,
  aStoredBundle,
  storedModel,
  type BundleOver,
} from '../../../testing/builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../../testing/builders/rollout-builders.ts';
import { openTestServer, testToken } from '../../../testing/rigs/control-plane-server.ts';
import { openStoreOperations, type StoreOperations } from '../../../testing/rigs/store-operations.ts';

let world: StoreOperations;
let operations: Operations;
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function open(form: string): Promise<void> {
  world = await openStoreOperations();
  operations = form === 'in process' ? world.operationsFor('ada') : await overHttp();
}

async function overHttp(): Promise<Operations> {
  const server = await openTestServer({ store: world.store, operationsFor: (by) => world.operationsFor(by) });
  closing.push(() => server.close());
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return makeHttpOperations({ url, token: testToken, signal: new AbortController().signal });
}

const request = (over: BundleOver = {}): Promise<ReleaseRequest> => aReleaseRequest(world.blobs, 1, over);
/** A request by a bundle that the caller changes after it was made. */
async function requestBy(change: (bundle: Bundle) => unknown, over: BundleOver = {}): Promise<ReleaseRequest> {
  const bundle = await aStoredBundle(world.blobs, 1, over);
  return requestOfBytes(Buffer.from(canonicalJson(change(bundle))));
}
async function requestOfBytes(bytes: Uint8Array): Promise<ReleaseRequest> {
  return { service, environment, bundle: (await world.blobs.put(bytes)).digest, waivers: [], again: false };
}
/** A bundle whose lock is another text. */
async function withLockText(change: (text: string) => string): Promise<ReleaseRequest> {
  const bundle = await aStoredBundle(world.blobs, 1);
  const lock = bundle.files.find(({ role }) => role === 'lock')!;
  const text = Buffer.from(change(Buffer.from(await world.blobs.read(lock.digest)).toString()));
  const { digest } = await world.blobs.put(text);
  const files = bundle.files.map((file) => (file === lock ? { ...file, digest, bytes: text.length } : file));
  return requestOfBytes(bundleBytes({ ...bundle, files }));
}

const withGolden =
  (change: (golden: Evidence) => Evidence) =>
  (locked: LockedEnvironment): LockedEnvironment => ({
    ...locked,
    evidence: { ...locked.evidence, golden: change(locked.evidence.golden!) },
  });
const of = (subjects: Readonly<Record<string, Digest>>) =>
  withGolden((golden) => ({ ...golden, subjects: { ...golden.subjects, ...subjects } }));
const measuring = (measurements: Evidence['measurements']) =>
  withGolden((golden) => ({ ...golden, measurements: { ...golden.measurements, ...measurements } }));

const withFile = { code: { command: ['plimsoll', 'serve-model'], args: ['c1'], files: ['server.yaml'] } };
/** Code of one file: the lock pins `pinned` under its name, and the digest of the code is that of `counted`. */
async function codeOf(sent: string, pinned: string, counted: string): Promise<ReleaseRequest> {
  const { digest, bytes } = await world.blobs.put(Buffer.from(sent));
  const text = canonicalJson({
    apiVersion: 'plimsoll.dev/v1',
    service,
    ...withFile,
    model: { name: 'digits', version: '1' },
  });
  const reading = readContract(Buffer.from(text), 'plimsoll.yaml', 'plimsoll.yaml');
  if (!reading.ok) throw new Error('the contract of this test is wrong');
  const { code } = reading.loaded.contract;
  const all = codeDigest(code, { 'server.yaml': await digestOfText(counted) });
  const files = { 'server.yaml': await digestOfText(pinned) };
  return request({
    contract: withFile,
    files: (inside) => [...inside, { path: 'server.yaml', digest, bytes, role: 'code' }],
    lock: (locked) => of({ code: all })({ ...locked, code: { digest: all, files } }),
  });
}
const digestOfText = async (text: string): Promise<Digest> => (await world.blobs.put(Buffer.from(text))).digest;

type Forgery = readonly [what: string, forge: () => Promise<ReleaseRequest>, code: string, said?: string];

const forgeries: readonly Forgery[] = [
  ['a verdict in the manifest', () => requestBy((bundle) => ({ ...bundle, verdict: 'pass' })), 'bundle-invalid'],
  [
    'states of evidence in the manifest',
    () => requestBy((bundle) => ({ ...bundle, evidence: [{ kind: 'golden', freshness: 'fresh', verdict: 'pass' }] })),
    'bundle-invalid',
  ],
  [
    'a verdict beside the measurements of the lock',
    () => withLockText((text) => text.replace('"kind": "golden",', '"kind": "golden",\n"verdict": "pass",')),
    'lock-invalid',
    'verdict',
  ],
  [
    'evidence of one kind under the name of another',
    () => withLockText((text) => text.replace('"golden": {', '"evaluation": {')),
    'lock-invalid',
    'stands under evaluation',
  ],
  [
    'a fact that stands twice, of which reviewers see one',
    () => withLockText((text) => text.replace('"cases": 3,', '"cases": 1,\n"cases": 3,')),
    'lock-invalid',
    'a key twice',
  ],
  ['no evidence', () => request({ lock: (locked) => ({ ...locked, evidence: {} }) }), 'evidence-refused', 'missing'],
  [
    'measurements that fail',
    () => request({ lock: measuring({ reproducedCases: 2 }) }),
    'evidence-refused',
    'golden evidence is fail',
  ],
  [
    'more reproduced than there is',
    () => request({ lock: measuring({ reproducedCases: 4 }) }),
    'evidence-refused',
    'unknown',
  ],
  [
    'a golden set of more cases than it has',
    () => request({ lock: measuring({ cases: 9, reproducedCases: 9 }) }),
    'golden-of-another',
    'cases: 9 -> 3',
  ],
  ['a golden set that measures nothing', () => request({ goldenSet: { cases: [] } }), 'golden-invalid'],
  [
    'evidence of other golden data',
    () => request({ lock: of({ 'golden-set': digestOf('another') }) }),
    'golden-of-another',
    'digest of the data',
  ],
  [
    'a golden set that says that it is of the pinned data, and is not',
    () =>
      request({
        goldenSet: { dataDigest: digestOf('easier rows') },
        lock: (locked) =>
          of({ 'golden-set': digestOf('golden data') })({
            ...locked,
            data: { 'digits-golden': { version: 1, digest: digestOf('golden data') } },
          }),
      }),
    'golden-of-another',
    'digest of the data',
  ],
  ...(['code', 'model', 'runtime', 'device-classes'] as const).map((subject): Forgery => [
    `evidence of another ${subject}`,
    () => request({ lock: of({ [subject]: digestOf('another') }) }),
    'evidence-refused',
    `${subject} moved`,
  ]),
  [
    'evidence of a subject that nobody knows',
    () => request({ lock: of({ approval: digestOf('yes') }) }),
    'evidence-refused',
    'approval',
  ],
  [
    'evidence of another service',
    async () => {
      const other = await aStoredBundle(world.blobs, 2, { service: 'letters', codeName: 'c2' });
      const lock = other.files.find(({ role }) => role === 'lock')!;
      const theirs = JSON.parse(Buffer.from(await world.blobs.read(lock.digest)).toString());
      return request({ lock: (locked) => ({ ...locked, evidence: theirs.environments[environment].evidence }) });
    },
    'evidence-refused',
    'code moved',
  ],
  [
    'the lock of another service',
    () => withLockText((text) => text.replace('"service": "digits"', '"service": "letters"')),
    'lock-out-of-step',
    'service: letters -> digits',
  ],
  [
    'the lock of another contract',
    () => request({ lock: (locked) => ({ ...locked, model: { ...locked.model!, name: 'letters' } }) }),
    'lock-out-of-step',
    'model: letters:1 -> digits:1',
  ],
  [
    'a bundle of another service',
    async () => ({ ...(await request({ service: 'letters' })), service }),
    'bundle-of-another',
  ],
  [
    'a bundle for another environment',
    async () => ({ ...(await request({ environment: 'staging' })), environment }),
    'bundle-of-another',
  ],
  [
    'a contract without the environment',
    () => request({ contract: { environments: { staging: {} } } }),
    'environment-unknown',
  ],
  [
    'a contract that puts the environment on another platform',
    () =>
      request({
        contract: {
          code: { image: 'a/b:1' },
          environments: { [environment]: { platform: 'kubernetes', namespace: 'x' } },
        },
      }),
    'platform-contradicted',
    'runs on kubernetes, and this control plane runs it on local',
  ],
  [
    'golden outputs that are not those which the lock names',
    async () => {
      const edited = Buffer.from(
        canonicalJson(
          aGoldenSet((await storedModel(world.blobs, 1)).digest, {
            tolerance: { absolute: 1e9, relative: 0, argMax: false },
          }),
        ),
      );
      const { digest, bytes } = await world.blobs.put(edited);
      return request({
        files: (files) => files.map((file) => (file.role === 'golden' ? { ...file, digest, bytes } : file)),
      });
    },
    'evidence-refused',
    'recorded was',
  ],
  [
    'no golden outputs',
    () => request({ files: (files) => files.filter(({ role }) => role !== 'golden') }),
    'evidence-refused',
    'is missing',
  ],
  [
    'golden outputs of another model',
    async () => request({ goldenSet: { modelDigest: (await storedModel(world.blobs, 2)).digest } }),
    'golden-of-another-model',
  ],
  [
    'golden outputs under the name of another model',
    () =>
      request({
        files: (files) =>
          files.map((file) =>
            file.role === 'golden' ? { ...file, path: goldenFile('digits-golden', digestOf('other')) } : file,
          ),
      }),
    'evidence-refused',
    'is missing',
  ],
  [
    'a code file that is not the pinned one',
    () => codeOf('sent', 'pinned', 'pinned'),
    'lock-out-of-step',
    'code file server.yaml',
  ],
  [
    'a code file that the lock names by another digest',
    () => codeOf('sent', 'reviewed', 'sent'),
    'lock-out-of-step',
    'code file server.yaml',
  ],
  [
    'no pinned code file',
    () =>
      request({
        contract: withFile,
        lock: (locked) => ({ ...locked, code: { ...locked.code!, files: { 'server.yaml': digestOf('x') } } }),
      }),
    'lock-out-of-step',
    'server.yaml',
  ],
  [
    'the runtime of other nodes',
    () =>
      request({
        machine: {
          deviceClass: { digest: digestOf('memory cpu'), description: '' },
          runtime: { onnxruntime: '9.9.9' },
        },
      }),
    'evidence-refused',
    'runtime moved',
  ],
  [
    'the device class of other nodes',
    () =>
      request({
        machine: {
          deviceClass: { digest: digestOf('a faster cpu'), description: '' },
          runtime: { onnxruntime: '1.30.0' },
        },
      }),
    'evidence-refused',
    'device-classes moved',
  ],
  [
    'the runtime of an image that nobody runs',
    () => request({ lock: (locked) => ({ ...locked, code: { ...locked.code!, facts: buildImageFacts() } }) }),
    'lock-invalid',
    'no image',
  ],
  [
    'a model whose files do not make its digest',
    () =>
      requestBy((bundle) => ({
        ...bundle,
        model: { ...bundle.model, files: [{ path: 'model.bin', digest: bundle.files[0]!.digest, bytes: 1 }] },
      })),
    'bundle-invalid',
    'model.files: they make',
  ],
  [
    'the files of another model',
    async () => {
      const { files } = await storedModel(world.blobs, 2);
      return requestBy((bundle) => ({ ...bundle, model: { ...bundle.model, files } }));
    },
    'bundle-invalid',
    'model.files: they make',
  ],
  [
    'another model than the lock pins',
    async () => {
      const { digest, files } = await storedModel(world.blobs, 2);
      return requestBy((bundle) => ({ ...bundle, model: { ...bundle.model, digest, files } }));
    },
    'bundle-of-another',
    'not the one that its lock pins',
  ],
  [
    'a model by a digest that nothing here has',
    () => request({ model: { digest: digestOf('invented'), files: [] }, files: (files) => files }).then(withoutFiles),
    'model-nowhere',
  ],
  [
    'a bundle that was never sent',
    async () => ({ ...(await request()), bundle: digestOf('nothing') }),
    'bundle-missing',
  ],
  [
    'a bundle of which a file was never sent',
    () =>
      request({
        files: (files) => [...files, { path: 'metric.py', digest: digestOf('nowhere'), bytes: 1, role: 'metric' }],
      }),
    'blob-missing',
    'metric.py',
  ],
  [
    'a file of the bundle in the place of the bundle',
    async () => requestOfBytes(Buffer.from('service: digits')),
    'bundle-invalid',
  ],
  [
    'a waiver that is over',
    async () => {
      const { clock } = world;
      const lock = (locked: LockedEnvironment): LockedEnvironment => ({ ...locked, evidence: {} });
      return request({ lock, waivers: [{ kind: 'golden', reason: 'r', untilMs: clock.nowMs() }] });
    },
    'evidence-refused',
    'the waiver of golden was over on',
  ],
  [
    'a waiver of what fails, as of what is missing',
    async () =>
      request({ lock: measuring({ reproducedCases: 2 }), waivers: [{ kind: 'golden', reason: 'r', untilMs: 9e12 }] }),
    'evidence-refused',
    'does not cover what was measured and fails',
  ],
  [
    'a waiver of failures, of what was never measured',
    async () =>
      request({
        lock: (locked) => ({ ...locked, evidence: {} }),
        waivers: [{ kind: 'golden', reason: 'r', untilMs: 9e12, failing: true }],
      }),
    'evidence-refused',
  ],
];

/** The manifest names the model by its digest alone. */
async function withoutFiles(made: ReleaseRequest): Promise<ReleaseRequest> {
  const bundle = JSON.parse(Buffer.from(await world.blobs.read(made.bundle)).toString()) as Bundle;
  return requestOfBytes(bundleBytes({ ...bundle, model: { ...bundle.model, files: null } }));
}

const failure = async (work: Promise<unknown>): Promise<PlimsollError> => {
  const thrown: unknown = await work.then(
    () => new Error('it was released'),
    (error: unknown) => error,
  );
  return thrown as PlimsollError;
};

describe.each(['in process', 'over HTTP'])('a forged bundle, %s,', (form) => {
  beforeEach(() => open(form));

  const named = forgeries.map(([what, forge, code, said = '']) => ({ what, forge, code, said }));
  it.each(named)('with $what is refused, on the record', async ({ forge, code, said }) => {
    const forged = await forge();
    const refused = await failure(operations.release(forged));
    expect([refused.code, JSON.stringify(refused)]).toEqual([code, expect.stringContaining(said)]);
    expect(await world.store.releases(service, environment)).toEqual([]);
    const [event] = await operations.events({ service, environment, kindPrefix: 'release.' });
    expect(event).toMatchObject({ kind: 'release.refused', by: 'ada', data: { bundle: forged.bundle } });
    expect((event?.data as { refusals: readonly unknown[] }).refusals[0]).toMatchObject({ code });
    const [ask] = await world.store.releaseAsks(service, environment);
    expect(ask).toMatchObject({ state: 'refused', release: null, bundle: forged.bundle, by: 'ada' });
    expect(event?.data).toMatchObject({ ask: ask?.id });
    expect(await world.store.waivers(service, environment)).toEqual([]);
  });

  it('is what makes the difference: the same bundle without the forgery is released', async () => {
    expect((await operations.release(await request())).outcome).toBe('released');
    expect((await operations.release(await codeOf('same', 'same', 'same'))).outcome).toBe('released');
  });
});
