import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { makeFileProject } from '../../adapters/files/project/project.ts';
import { digestOfBundle } from '../../core/bundle/bundle.ts';
import type { Lock, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { artifactDigest } from '../../core/registry/artifact.ts';
import { goldenFile, referenceFile } from '../../core/rollout/names.ts';
import { digestOfBytes, type Digest } from '../../core/units/digest.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { lockText } from '../../schemas/lock/lock.ts';
import { buildEvidence, buildLock, buildLockedEnvironment, digest } from '../../testing/builders/evidence-builders.ts';
import { aModel, fenceOf } from '../../testing/builders/store-builders.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { parseInPlace } from '../../schemas/parse-in-place.ts';
import { makeBundle, type BundleSources, type MadeBundle } from './make-bundle.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: digits
code: { command: [plimsoll, serve-model], files: [server.py, metrics] }
model: { name: digits, version: candidate }
evaluation:
  dataset: digits-holdout
  metrics:
    own: { module: metrics/own.py, largerIsBetter: true }
    other: { command: [sh, tools/other.sh], largerIsBetter: true }
  gates: [{ metric: own, atLeast: 0.5 }]
monitoring: { golden: digits-golden }
cost: { prices: ./prices.yaml, budget: 1 USD/day }
environments:
  prod: { platform: local, pool: lab }
`;
const golden = '{"cases":[]}';
const goldenDigest = digestOfBytes(Buffer.from(golden));
const locked = buildLockedEnvironment();
const measured = digest('the measured model');
const goldenPath = goldenFile('digits-golden', measured);
const files = {
  'service.yaml': contract,
  'server.py': 'serve()',
  'metrics/own.py': 'metric()',
  'tools/other.sh': 'echo 1',
  'notes.md': 'not part of it',
  'prices.yaml': 'prices',
  'pools/lab.json': '{}',
  [goldenPath]: golden,
};

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const lockOf = (changes: Partial<LockedEnvironment> = {}): Lock => {
  const evidence = buildEvidence('golden', { model: measured }, { measurements: { goldenBlob: goldenDigest } });
  return buildLock({
    prod: { ...locked, evidence: { golden: { ...evidence, subjects: { model: measured } } }, ...changes },
  });
};

async function checkout(over: Readonly<Record<string, string | null>> = {}, lock = lockOf()) {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-make-'));
  folders.push(folder);
  for (const [name, content] of Object.entries({ ...files, 'plimsoll.lock': lockText(lock), ...over })) {
    if (content === null) continue;
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  const contractFile = path.join(folder, 'service.yaml');
  const machine = () => ({ deviceClass: { digest: digest('cpu'), description: 'cpu' }, runtime: {} });
  const project = makeFileProject({
    contractFile,
    stateFolder: path.join(folder, '.plimsoll'),
    machine,
    parser: parseInPlace,
  });
  const make = async (sources: Partial<BundleSources> = {}): Promise<MadeBundle> =>
    makeBundle(project, await project.contract(), lock, 'prod', {
      ...{ store: null, blobs: null, signal: new AbortController().signal },
      ...sources,
    });
  return { folder, make };
}

const entries = ({ bundle }: MadeBundle): readonly string[] =>
  bundle.files.map(({ path: at, role }) => `${role} ${at}`);

async function textOf({ open }: MadeBundle, its: Digest, offset = 0): Promise<string | null> {
  const bytes = await open(its);
  if (bytes === null) return null;
  const parts: Uint8Array[] = [];
  for await (const part of bytes(offset)) parts.push(part);
  return Buffer.concat(parts).toString();
}

it('holds every file of the checkout that a release needs, by its role, and none besides', async () => {
  const { make } = await checkout();
  const made = await make();
  expect(entries(made)).toEqual(
    [
      `golden ${goldenPath}`,
      'code metrics/own.py',
      'metric metrics/own.py',
      'contract plimsoll.yaml',
      'lock plimsoll.lock',
      'pool pools/lab.json',
      'prices prices.yaml',
      'code server.py',
      'metric tools/other.sh',
    ].toSorted((a, b) => ((a.split(' ')[1] ?? '') < (b.split(' ')[1] ?? '') ? -1 : 1)),
  );
  expect(made.bundle).toMatchObject({
    ...{ bundleVersion: 1, service: 'digits', environment: 'prod' },
    model: { name: 'digits', digest: locked.model?.digest, files: null, place: null },
  });
});

it('is the same bundle from another folder', async () => {
  const [a, b] = [await checkout(), await checkout()];
  expect(digestOfBundle((await a.make()).bundle)).toBe(digestOfBundle((await b.make()).bundle));
  const edited = await checkout({ 'server.py': 'serve(2)' });
  expect(digestOfBundle((await edited.make()).bundle)).not.toBe(digestOfBundle((await a.make()).bundle));
});

it('opens what it holds from any offset, byte for byte as on the disk, and nothing else', async () => {
  const { make } = await checkout();
  const made = await make();
  const its = made.bundle.files.find(({ role }) => role === 'contract')!;
  expect(await textOf(made, its.digest)).toBe(contract);
  expect(await textOf(made, its.digest, 10)).toBe(contract.slice(10));
  expect(await textOf(made, digest('foreign'))).toBeNull();
});

it('refuses a golden file that was edited, whether or not the recorded one lies here', async () => {
  const { make } = await checkout({ [goldenPath]: '{"cases":["edited"]}' });
  const blobs = memoryBlobs();
  await blobs.put(Buffer.from(golden));
  for (const sources of [{}, { blobs }]) await expect(make(sources)).rejects.toMatchObject({ code: 'golden-edited' });
});

it('takes the golden outputs that were recorded where the file is gone, or is of another environment', async () => {
  const other = '{"cases":["other"]}';
  const staging = buildEvidence('golden', {}, { measurements: { goldenBlob: digestOfBytes(Buffer.from(other)) } });
  const { environments } = lockOf();
  const evidence = { golden: { ...staging, subjects: { model: measured } } };
  const both = buildLock({ ...environments, staging: { ...locked, evidence } });
  const blobs = memoryBlobs();
  await blobs.put(Buffer.from(golden));
  for (const { make } of [await checkout({ [goldenPath]: null }), await checkout({ [goldenPath]: other }, both)]) {
    expect(entries(await make()).join()).not.toContain('golden');
    const made = await make({ blobs });
    const file = { path: goldenPath, digest: goldenDigest, bytes: golden.length, role: 'golden' };
    expect(made.bundle.files[0]).toEqual(file);
    expect(await textOf(made, goldenDigest)).toBe(golden);
  }
});

it('leaves out what is not there, for the receiver to call it unknown', async () => {
  const { make } = await checkout({ 'prices.yaml': null, 'pools/lab.json': null, [goldenPath]: null });
  expect(entries(await make()).join()).not.toMatch(/prices|pool|golden/);
});

it('refuses what links lead out of the folder to', async () => {
  const { folder, make } = await checkout();
  await rm(path.join(folder, 'prices.yaml'));
  await symlink('/etc/hostname', path.join(folder, 'prices.yaml'));
  await expect(make()).rejects.toMatchObject({ code: 'bundle-file-escapes', details: { path: './prices.yaml' } });
  await rm(path.join(folder, 'server.py'));
  await symlink('/etc/hostname', path.join(folder, 'server.py'));
  await expect(make()).rejects.toMatchObject({ code: 'code-file-escapes' });
});

it('refuses more than may be inside', async () => {
  const { make } = await checkout({ 'metrics/table.csv': 'x'.repeat(64 * 1024 * 1024) });
  await expect(make()).rejects.toMatchObject({ code: 'bundle-invalid', category: 'input' });
});

it('needs a model that the lock pins', async () => {
  const { model: _, ...rest } = locked;
  const lock = buildLock({ prod: rest });
  const { make } = await checkout({}, lock);
  await expect(make()).rejects.toMatchObject({ code: 'lock-missing', next: 'plimsoll pin' });
});

async function storeWith(
  source: string,
): Promise<{ readonly store: StoreReader; readonly its: Digest; readonly lock: Lock }> {
  const store = memoryStore();
  const weights = ['b.bin', 'a.onnx'].map((name) => ({
    path: name,
    digest: digestOfBytes(Buffer.from(name)),
    bytes: name.length,
  }));
  const its = artifactDigest(weights);
  await store.transaction(await fenceOf(store), async (tx) => {
    await tx.addModelVersion({ ...aModel(its), environment: 'prod', files: weights, lineage: { source } });
  });
  return { store, its, lock: lockOf({ model: { ...locked.model!, version: 1, digest: its } }) };
}

it('names the files of the model where the registry here has the pinned version, and its place', async () => {
  const { store, its, lock } = await storeWith('oci://ghcr.io/acme/digits@sha256:1');
  const { make } = await checkout({}, lock);
  const blobs = memoryBlobs();
  await blobs.put(Buffer.from('a.onnx'));
  const made = await make({ store, blobs });
  expect(made.bundle.model).toMatchObject({ digest: its, place: 'oci://ghcr.io/acme/digits@sha256:1' });
  expect(made.bundle.model.files?.map((file) => file.path)).toEqual(['a.onnx', 'b.bin']);
  expect(await textOf(made, digestOfBytes(Buffer.from('a.onnx')), 2)).toBe('onnx');
  expect(await textOf(made, digestOfBytes(Buffer.from('b.bin')))).toBeNull();
});

it('claims no files of a version that is another model here, and no folder as a place', async () => {
  const { store, lock } = await storeWith('./model.onnx');
  const { make } = await checkout({}, lock);
  expect((await make({ store })).bundle.model.place).toBeNull();
  const other = lockOf({ model: { ...locked.model!, version: 1, source: 's3://models/digits' } });
  const another = await checkout({}, other);
  expect((await another.make({ store })).bundle.model).toMatchObject({ files: null, place: 's3://models/digits' });
});

it('takes the features of the evaluated rows that the lock names, from the file or else from the blob', async () => {
  const text = '{"rows":3}';
  const measurements = { reference: digestOfBytes(Buffer.from(text)) };
  const evaluation = { ...buildEvidence('evaluation', {}, { measurements }), subjects: { model: measured } };
  const lock = lockOf({ evidence: { evaluation } });
  const file = referenceFile('digits-holdout', measured);
  const { make } = await checkout({ [file]: text }, lock);
  expect(entries(await make())).toContain(`reference ${file}`);

  const edited = await checkout({ [file]: '{"rows":4}' }, lock);
  expect(entries(await edited.make()).join()).not.toContain('reference');
  const blobs = memoryBlobs();
  await blobs.put(Buffer.from(text));
  const made = await edited.make({ blobs });
  expect(made.bundle.files).toContainEqual({
    ...{ path: file, digest: measurements.reference, bytes: text.length, role: 'reference' },
  });
});
