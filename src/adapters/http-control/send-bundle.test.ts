import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlobProofs } from '../../control-plane/bundles/blob-proofs.ts';
import { makeBundleReceiver, type BundleReceiverParts } from '../../control-plane/bundles/receive-bundle.ts';
import type { Server } from '../../control-plane/http/http-parts.ts';
import { bundleBytes, digestOfBundle } from '../../core/bundle/bundle.ts';
import { tokenDigestOf } from '../../core/access/access-token.ts';
import { digestOfBytes } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { BundleReceiver, BytesFrom } from '../../ports/artifacts/bundle-receiver.ts';
import { digest } from '../../testing/builders/evidence-builders.ts';
import { buildBundle } from '../../testing/builders/files/bundle-files.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { makeFakeBoundedParser } from '../../testing/fakes/fake-bounded-parser.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';
import { openTestServer, testAccess, testToken } from '../../testing/rigs/control-plane-server.ts';
import { makeFileUploads } from '../files/uploads.ts';
import { makeBundleSender } from './send-bundle.ts';

/** Two pieces. */
const weights = randomBytes(16 * 1024 * 1024 + 17);
const weightsFile = { path: 'model.onnx', digest: digestOfBytes(weights), bytes: weights.length };
const built = buildBundle({ code: { 'server.py': 'print()' } }, { files: [weightsFile] });
const manifest = bundleBytes(built.bundle);

let folder: string;
let blobs: Blobs;
let server: Server;
let url: string;
let slept: number[];
/** Called with the bytes of the present request each time that some arrived. */
let onBytes: (received: number) => Promise<void> | void;
let receiving: number;

/** A receiver whose requests can be watched while they arrive. */
function watchedReceiver(holdings?: BundleReceiverParts['holdings']): BundleReceiver {
  const uploads = makeFileUploads({ folder: path.join(folder, 'uploads'), blobs });
  const parts = { blobs, uploads, parser: makeFakeBoundedParser(), clock: new FakeClock() };
  const receiver = makeBundleReceiver({ ...parts, ...(holdings === undefined ? {} : { holdings }) });
  const watch = (bytes: BytesFrom): BytesFrom =>
    async function* watched(offset) {
      let received = 0;
      for await (const chunk of bytes(offset)) {
        yield chunk;
        await onBytes((received += chunk.length));
      }
    };
  return {
    ...receiver,
    async send(its, part, bytes, guard) {
      receiving += 1;
      try {
        return await receiver.send(its, part, watch(bytes), guard);
      } finally {
        receiving -= 1;
      }
    },
  };
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-send-'));
  [blobs, slept, receiving, onBytes] = [memoryBlobs(), [], 0, () => undefined];
  isOver = () => receiving === 0;
  const named = () => [
    {
      ...{ name: 'elsewhere', role: 'release' as const, sha256: tokenDigestOf('plm_elsewhere') },
      ...{ service: 'another', environment: null, expiresAtMs: null },
    },
  ];
  server = await openTestServer({ bundles: watchedReceiver(), access: testAccess(named) });
  url = await server.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** A pause is over once the server is done with what it was sent, or when `isOver` says so. */
let isOver: () => boolean;
const clock = Object.assign(new FakeClock(), {
  async sleep(ms: number) {
    slept.push(ms);
    do await new Promise((resolve) => setImmediate(resolve));
    while (!isOver());
  },
});
const versions = { version: '0.0.0', serverVersion: '0.0.1' };
const senderWith = (token: string): BundleReceiver =>
  makeBundleSender({ url, token, ...versions, signal: new AbortController().signal }, clock);
const sender = (): BundleReceiver => senderWith(testToken);
const from = (bytes: Uint8Array): BytesFrom =>
  async function* bytesFrom(offset) {
    for (let at = offset; at < bytes.length; at += 1 << 18)
      yield await Promise.resolve(bytes.subarray(at, at + (1 << 18)));
  };
const wholePart = (bundle: ReturnType<typeof digest>) => ({ bundle, offset: 0, totalBytes: weights.length });
const put = (bundle: string, blob: string, query: string, body: Uint8Array, token = testToken) =>
  fetch(`${url}/v1/bundles/${bundle}/blobs/${blob}?${query}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
    body: Buffer.from(body),
  });
const codeOf = async (answer: Response): Promise<unknown> => {
  const { error } = (await answer.json()) as { readonly error?: { readonly code: string } };
  return [answer.status, error?.code];
};

it('offers, sends in pieces, and has nothing left to send', async () => {
  const { bundle, missing } = await sender().offer(manifest);
  expect(bundle).toBe(digestOfBundle(built.bundle));
  for (const { digest: its, bytes, received } of missing) {
    const content = from(built.contents.get(its) ?? weights);
    const sent = await sender().send(its, { bundle, offset: received, totalBytes: bytes }, content);
    expect(sent).toEqual({ received: bytes, complete: true });
  }
  expect(await sender().missing(bundle)).toEqual({ bundle, missing: [] });
  expect(await blobs.verify(weightsFile.digest)).toEqual({ ok: true, bytes: weights.length });
});

describe('a connection that breaks', () => {
  it('midway is made again, and sending goes on from what was received', async () => {
    const { bundle } = await sender().offer(manifest);
    let isCut = false;
    onBytes = (received) => {
      if (isCut || received < 3 * 1024 * 1024) return;
      isCut = true;
      server.server.closeAllConnections();
    };
    const offsets: number[] = [];
    const counted: BytesFrom = (offset) => (offsets.push(offset), from(weights)(offset));
    expect(await sender().send(weightsFile.digest, wholePart(bundle), counted)).toMatchObject({ complete: true });
    expect(await blobs.verify(weightsFile.digest)).toEqual({ ok: true, bytes: weights.length });
    expect([offsets[0], slept[0]]).toEqual([0, 1_000]);
    expect(offsets[1]).toBeGreaterThanOrEqual(3 * 1024 * 1024);
    expect(offsets[1]).toBeLessThan(16 * 1024 * 1024);
  });

  it('again and again is given up after 1, 2, 4, 8 and 16 s without progress', async () => {
    const { bundle } = await sender().offer(manifest);
    await server.close();
    await expect(sender().send(weightsFile.digest, wholePart(bundle), from(weights))).rejects.toMatchObject({
      code: 'control-plane-unreachable',
      category: 'unavailable',
    });
    expect(slept).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
  });

  it('ends at once where the sender was told to stop', async () => {
    const { bundle } = await sender().offer(manifest);
    const stopping = new AbortController();
    const stoppable = makeBundleSender({ url, token: testToken, ...versions, signal: stopping.signal }, clock);
    onBytes = () => stopping.abort(new Error('stopped'));
    const sending = stoppable.send(weightsFile.digest, wholePart(bundle), from(weights));
    await expect(sending).rejects.toThrow('stopped');
    expect(slept).toEqual([]);
  });
});

it('says of a control plane that has no routes for bundles which version it is of, and what to do', async () => {
  const old = await openTestServer();
  const address = { url: await old.listen({ host: '127.0.0.1', port: 0 }), token: testToken, ...versions };
  const offering = makeBundleSender({ ...address, signal: new AbortController().signal }, clock).offer(manifest);
  await expect(offering).rejects.toMatchObject({
    code: 'bundles-unknown',
    message: expect.stringMatching(/of version 0\.0\.1, takes no bundles, .* of version 0\.0\.0/),
    next: expect.stringContaining('upgrade the control plane'),
  });
  await old.close();
});

it('two clients that send one blob at once both end with it', async () => {
  const { bundle } = await sender().offer(manifest);
  let isOneDone = false;
  isOver = () => isOneDone;
  const sendings = [sender(), sender()].map((each) =>
    each.send(weightsFile.digest, wholePart(bundle), from(weights)).finally(() => (isOneDone = true)),
  );
  expect(await Promise.all(sendings)).toMatchObject([{ complete: true }, { complete: true }]);
  expect(await blobs.verify(weightsFile.digest)).toEqual({ ok: true, bytes: weights.length });
});

it('tells what the source of the bytes threw, and a file that became shorter', async () => {
  const { bundle } = await sender().offer(manifest);
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(weights.subarray(0, 100));
    throw new Error('the disk broke');
  }
  await expect(sender().send(weightsFile.digest, wholePart(bundle), broken)).rejects.toThrow('the disk broke');
  const shorter = from(weights.subarray(0, 1_000));
  await expect(sender().send(weightsFile.digest, { ...wholePart(bundle), offset: 100 }, shorter)).rejects.toMatchObject(
    { code: 'file-changed' },
  );
});

it('refuses other bytes than the digest’s, and begins anew', async () => {
  const { bundle } = await sender().offer(manifest);
  const edited = Buffer.from(weights);
  edited[weights.length - 1] = (edited[weights.length - 1] ?? 0) ^ 1;
  await expect(sender().send(weightsFile.digest, wholePart(bundle), from(edited))).rejects.toMatchObject({
    code: 'blob-mismatch',
    details: { expected: weightsFile.digest, actual: digestOfBytes(edited) },
  });
  expect((await sender().missing(bundle)).missing.at(-1)).toMatchObject({ path: 'model.onnx', received: 0 });
});

it('takes a bundle of as many files as there may be, a thousand of which it lacks', { timeout: 60_000 }, async () => {
  const names = Array.from({ length: 9_998 }, (_, index) => [`code/${index}.py`, `print(${index})`] as const);
  const many = buildBundle({ code: Object.fromEntries(names) });
  expect((await sender().offer(bundleBytes(many.bundle))).missing).toHaveLength(10_000);
  for (const bytes of [...many.contents.values()].slice(1_000)) await blobs.put(bytes);
  const { bundle, missing } = await sender().offer(bundleBytes(many.bundle));
  expect(missing).toHaveLength(1_000);
  const waiting = missing.values();
  const shared = sender();
  const lane = async (): Promise<void> => {
    for (const { digest: its, bytes } of waiting)
      await shared.send(its, { bundle, offset: 0, totalBytes: bytes }, from(many.contents.get(its)!));
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  expect((await sender().missing(bundle)).missing).toEqual([]);
});

describe('the routes refuse', () => {
  it.each([
    ['a path that leaves the folder', { code: { '../escape.py': 'x' } }],
    ['an absolute path', { code: { '/etc/cron.d/x': 'x' } }],
    [
      '10,001 files',
      { code: Object.fromEntries(Array.from({ length: 9_999 }, (_, index) => [`code/${index}.py`, ''])) },
    ],
    ['more than 64 MiB inside', { code: { 'big.bin': new Uint8Array(64 * 1024 * 1024) } }],
  ])('%s', async (_what, files) => {
    const offering = sender().offer(bundleBytes(buildBundle(files).bundle));
    await expect(offering).rejects.toMatchObject({ code: 'bundle-invalid', category: 'input' });
  });

  it('a blob that the bundle does not name, before a byte of it is read', async () => {
    const { bundle } = await sender().offer(manifest);
    const foreign = digestOfBytes(new Uint8Array(5));
    expect(await codeOf(await put(bundle, foreign, 'offset=0&totalBytes=5', new Uint8Array(5)))).toEqual([
      404,
      'blob-not-in-bundle',
    ]);
    expect(await codeOf(await put(digest('none'), foreign, 'offset=0&totalBytes=5', new Uint8Array(5)))).toEqual([
      404,
      'bundle-unknown',
    ]);
  });

  it('more bytes than the bundle says, and a part at another place', async () => {
    const { bundle } = await sender().offer(manifest);
    const lock = built.bundle.files.find(({ role }) => role === 'lock')!;
    const query = `offset=0&totalBytes=${lock.bytes}`;
    expect(await codeOf(await put(bundle, lock.digest, query, new Uint8Array(1_000)))).toEqual([
      400,
      'upload-too-long',
    ]);
    expect(await codeOf(await put(bundle, lock.digest, 'offset=0&totalBytes=1000', new Uint8Array(9)))).toEqual([
      400,
      'upload-size',
    ]);
    expect(
      await codeOf(await put(bundle, lock.digest, `offset=1&totalBytes=${lock.bytes}`, new Uint8Array(1))),
    ).toEqual([409, 'upload-offset']);
    for (const wrong of ['offset=-1&totalBytes=3', 'offset=x&totalBytes=3', 'offset=0', 'offset=0&totalBytes=1e99'])
      expect(await codeOf(await put(bundle, lock.digest, wrong, new Uint8Array(1)))).toEqual([400, 'invalid-request']);
    expect(await codeOf(await put('sha256:..', '..%2F..', query, new Uint8Array(1)))).toEqual([400, 'invalid-request']);
  });

  it('a manifest of more than 4 MiB, and one that is no JSON', async () => {
    const offering = sender().offer(new Uint8Array(4 * 1024 * 1024 + 1));
    await expect(offering).rejects.toMatchObject({ code: 'body-too-large' });
    await expect(sender().offer(new Uint8Array())).rejects.toMatchObject({ code: 'bundle-invalid' });
  });

  it('whoever may not release this service, and whoever has no credential', async () => {
    const elsewhere = senderWith('plm_elsewhere');
    await expect(elsewhere.offer(manifest)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await blobs.has(digestOfBundle(built.bundle))).toBe(false);
    const { bundle } = await sender().offer(manifest);
    await expect(elsewhere.missing(bundle)).rejects.toMatchObject({ code: 'forbidden' });
    const sending = elsewhere.send(weightsFile.digest, wholePart(bundle), from(weights));
    await expect(sending).rejects.toMatchObject({ code: 'forbidden' });
    expect((await fetch(`${url}/v1/bundles/${bundle}/missing`)).status).toBe(401);
    expect((await fetch(`${url}/v1/bundles`, { method: 'POST', body: '{}' })).status).toBe(401);
  });
});

it('asks for the bytes of a model that another service alone has, although they are stored, and takes them once', async () => {
  await server.close();
  const { store } = await openStoreOperations();
  const proofs = new BlobProofs();
  let reads = 0;
  const counted = { ...store, environments: () => ((reads += 1), store.environments()) };
  server = await openTestServer({
    bundles: watchedReceiver({ store: counted, proofs }),
    access: testAccess(() => []),
  });
  url = await server.listen({ host: '127.0.0.1', port: 0 });
  await blobs.put(weights);
  const lease = await store.leases.acquire({ lease: 'writer', holder: 'test', ttlMs: 60_000, nowMs: 0 });
  if (lease === null) throw new Error('no lease');
  const { environment } = built.bundle;
  const names = { environment, name: 'secret' };
  await store.transaction(lease, async (tx) => {
    await tx.addModelVersion({
      ...({ ...names, digest: digest('secret'), format: 'onnx', files: [weightsFile] } as const),
      ...{ signature: null, facts: {}, lineage: {}, createdAtMs: 0, createdBy: 'them' },
    });
    await tx.setArtifactClaim({ ...names, kind: 'model', service: 'another', standing: 'owner', by: 'them', atMs: 0 });
  });
  const sender = senderWith(testToken);
  const { bundle, missing } = await sender.offer(manifest);
  expect(missing.map(({ path: name }) => name)).toContain('model.onnx');
  const part = { bundle, offset: 0, totalBytes: weights.length };
  const bytes: BytesFrom = async function* (offset) {
    yield await Promise.resolve(weights.subarray(offset));
  };
  expect(await sender.send(weightsFile.digest, part, bytes)).toEqual({ received: weights.length, complete: true });
  expect(reads).toBe(1);
  expect(proofs.has(built.bundle, weightsFile.digest)).toBe(true);
  expect((await sender.missing(bundle)).missing.map(({ path: name }) => name)).not.toContain('model.onnx');
});
