import { expect, it } from 'vitest';
import { bundleBytes, digestOfBundle } from '../../core/bundle/bundle.ts';
import { digestOfBytes } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Uploads } from '../../ports/artifacts/uploads.ts';
import { digest } from '../../testing/builders/evidence-builders.ts';
import { buildBundle } from '../../testing/builders/files/bundle-files.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { makeFakeBoundedParser } from '../../testing/fakes/fake-bounded-parser.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { memoryUploads } from '../../testing/fakes/memory/memory-uploads.ts';
import { makeBundleReceiver, type BundleReceiverParts } from './receive-bundle.ts';

const weights = new TextEncoder().encode('weights of the model');
const weightsFile = { path: 'model.onnx', digest: digestOfBytes(weights), bytes: weights.length };
const code = { 'a.py': 'print(1)', 'copy-of-a.py': 'print(1)', 'b.py': 'print(2)' };
const built = buildBundle({ code }, { files: [weightsFile] });
const manifest = bundleBytes(built.bundle);
const codeA = built.bundle.files.find(({ path }) => path === 'a.py')!;
const bytesA = built.contents.get(codeA.digest)!;

function open(over: Partial<BundleReceiverParts> = {}, uploadsOf = memoryUploads) {
  const blobs = memoryBlobs();
  const uploads: Uploads = uploadsOf(blobs);
  const [parser, clock] = [makeFakeBoundedParser(), new FakeClock()];
  const parts = { blobs, uploads, parser, clock, ...over };
  return { ...parts, parser, receiver: makeBundleReceiver(parts), again: () => makeBundleReceiver(parts) };
}

const from = (bytes: Uint8Array) =>
  async function* bytesFrom(offset: number): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes.subarray(offset));
  };
const none = async function* (): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
};

it('stores the manifest, and names each blob that it lacks once, files inside first', async () => {
  const { receiver, blobs } = open();
  const { bundle, missing } = await receiver.offer(manifest);
  expect(bundle).toBe(digestOfBundle(built.bundle));
  expect(await blobs.read(bundle)).toEqual(manifest);
  expect(missing.map(({ path }) => path)).toEqual(['a.py', 'b.py', 'plimsoll.lock', 'plimsoll.yaml', 'model.onnx']);
  expect(missing[0]).toEqual({ path: 'a.py', digest: codeA.digest, bytes: 8, received: 0 });
});

it('asks for no file of a model whose files nobody named', async () => {
  const { receiver } = open();
  const { missing } = await receiver.offer(bundleBytes(buildBundle().bundle));
  expect(missing.map(({ path }) => path)).toEqual(['plimsoll.lock', 'plimsoll.yaml']);
});

it('takes each blob, and then lacks nothing', async () => {
  const { receiver, blobs } = open();
  const { bundle, missing } = await receiver.offer(manifest);
  for (const { digest: its, bytes, received } of missing) {
    const content = built.contents.get(its) ?? weights;
    const part = { bundle, offset: received, totalBytes: bytes };
    expect(await receiver.send(its, part, from(content))).toEqual({ received: bytes, complete: true });
  }
  expect(await receiver.missing(bundle)).toEqual({ bundle, missing: [] });
  expect(await receiver.offer(manifest)).toEqual({ bundle, missing: [] });
  expect(await blobs.read(weightsFile.digest)).toEqual(weights);
});

it('tells how much of a blob was received, and goes on from there after a restart', async () => {
  const { receiver, again } = open();
  const { bundle } = await receiver.offer(manifest);
  const part = { bundle, totalBytes: weights.length };
  const half = from(weights.subarray(0, 7));
  expect(await receiver.send(weightsFile.digest, { ...part, offset: 0 }, half)).toEqual({
    received: 7,
    complete: false,
  });
  const restarted = again();
  expect((await restarted.missing(bundle)).missing.at(-1)).toMatchObject({ path: 'model.onnx', received: 7 });
  const rest = await restarted.send(weightsFile.digest, { ...part, offset: 7 }, from(weights));
  expect(rest).toEqual({ received: weights.length, complete: true });
});

it('is complete without a byte where the blob is there', async () => {
  const { receiver, blobs } = open();
  await blobs.put(weights);
  const { bundle } = await receiver.offer(manifest);
  const part = { bundle, offset: 3, totalBytes: weights.length };
  expect(await receiver.send(weightsFile.digest, part, none)).toEqual({ received: weights.length, complete: true });
});

it('refuses a manifest that is wrong, and stores nothing', async () => {
  const { receiver, blobs } = open();
  const wrong = bundleBytes({ ...built.bundle, files: [] });
  await expect(receiver.offer(wrong)).rejects.toMatchObject({ code: 'bundle-invalid' });
  expect(await blobs.has(digestOfBytes(wrong))).toBe(false);
});

it('refuses a blob that the bundle does not name, another size, and a bundle that was not offered', async () => {
  const { receiver, blobs } = open();
  const { bundle } = await receiver.offer(manifest);
  const part = { bundle, offset: 0, totalBytes: 5 };
  const foreign = digestOfBytes(new TextEncoder().encode('alien'));
  await expect(receiver.send(foreign, part, from(new Uint8Array(5)))).rejects.toMatchObject({
    code: 'blob-not-in-bundle',
    category: 'not-found',
  });
  await expect(receiver.send(codeA.digest, part, from(bytesA))).rejects.toMatchObject({
    code: 'upload-size',
    details: { bytes: 8, foundBytes: 5 },
  });
  const unknown = { code: 'bundle-unknown', category: 'not-found' };
  await expect(receiver.missing(digest('never offered'))).rejects.toMatchObject(unknown);
  // A blob that is no manifest is no bundle, and nothing of it is told; one that is too large is not even read.
  const { digest: secret } = await blobs.put(new TextEncoder().encode('a secret'));
  await expect(receiver.missing(secret)).rejects.toMatchObject(unknown);
  const { digest: large } = await blobs.put(new Uint8Array(5 * 1024 * 1024));
  await expect(receiver.missing(large)).rejects.toMatchObject(unknown);
});

it('refuses a manifest that states another size than its blob has', async () => {
  const { receiver, blobs } = open();
  await blobs.put(new Uint8Array(1_000));
  const files = built.bundle.files.map((file) =>
    file.path === 'b.py' ? { ...file, digest: digestOfBytes(new Uint8Array(1_000)), bytes: 1 } : file,
  );
  await expect(receiver.offer(bundleBytes({ ...built.bundle, files }))).rejects.toMatchObject({
    code: 'upload-size',
    details: { path: 'b.py', bytes: 1, foundBytes: 1_000 },
  });
});

it('refuses a model that is larger than it takes', async () => {
  const { receiver } = open({ maxModelBytes: weights.length - 1 });
  await expect(receiver.offer(manifest)).rejects.toMatchObject({ code: 'model-too-large', category: 'input' });
});

it('asks the guard before anything is stored or told', async () => {
  const { receiver, blobs } = open();
  const refuse = ({ service, environment }: { service: string; environment: string }): never => {
    throw new PlimsollError({ code: 'forbidden', category: 'unauthorized', message: `${service}/${environment}` });
  };
  const forbidden = { code: 'forbidden', message: `${built.bundle.service}/${built.bundle.environment}` };
  await expect(receiver.offer(manifest, refuse)).rejects.toMatchObject(forbidden);
  expect(await blobs.has(digestOfBundle(built.bundle))).toBe(false);
  const { bundle } = await receiver.offer(manifest);
  await expect(receiver.missing(bundle, refuse)).rejects.toMatchObject(forbidden);
  const sending = receiver.send(codeA.digest, { bundle, offset: 0, totalBytes: 8 }, from(bytesA), refuse);
  await expect(sending).rejects.toMatchObject(forbidden);
  expect(await blobs.has(codeA.digest)).toBe(false);
});

it('reads a manifest once while its blobs are sent', async () => {
  const { receiver, parser } = open();
  const { bundle, missing } = await receiver.offer(manifest);
  for (const { digest: its, bytes } of missing) {
    await receiver.send(its, { bundle, offset: 0, totalBytes: bytes }, from(built.contents.get(its) ?? weights));
  }
  expect(parser.parsed).toHaveLength(1);
});

it('lets go of an upload that nobody went on with for a day', async () => {
  const clock = new FakeClock();
  const { receiver } = open({ clock }, (blobs) => memoryUploads(blobs, Infinity, () => clock.nowMs()));
  const { bundle } = await receiver.offer(manifest);
  const part = { bundle, offset: 0, totalBytes: weights.length };
  await receiver.send(weightsFile.digest, part, from(weights.subarray(0, 7)));
  await clock.advance(24 * 60 * 60 * 1_000);
  expect((await receiver.offer(manifest)).missing.at(-1)?.received).toBe(7);
  await clock.advance(1);
  expect((await receiver.offer(manifest)).missing.at(-1)?.received).toBe(0);
});

it('offers to take a model of 5 GB, and refuses it before a byte is read where uploads may not have that much', async () => {
  const bytes = 5e9;
  const large = { path: 'model.safetensors', digest: digest('five gigabytes'), bytes };
  const { receiver } = open({}, (blobs) => memoryUploads(blobs, 4e9));
  const { bundle, missing } = await receiver.offer(bundleBytes(buildBundle({}, { files: [large] }).bundle));
  expect(missing.at(-1)).toEqual({ ...large, received: 0 });
  let isRead = false;
  const sending = receiver.send(large.digest, { bundle, offset: 0, totalBytes: bytes }, async function* read() {
    isRead = true;
    yield await Promise.resolve(new Uint8Array(1));
  });
  await expect(sending).rejects.toMatchObject({ code: 'upload-quota', details: { totalBytes: bytes, freeBytes: 4e9 } });
  expect(isRead).toBe(false);
});
