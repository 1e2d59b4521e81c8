import { expect, it } from 'vitest';
import { makeBundleReceiver } from '../../control-plane/bundles/receive-bundle.ts';
import { bundleBytes, digestOfBundle } from '../../core/bundle/bundle.ts';
import { digestOfBytes, type Digest } from '../../core/units/digest.ts';
import type { BundleReceiver, BytesFrom } from '../../ports/artifacts/bundle-receiver.ts';
import type { Terminal } from '../../ports/process/terminal.ts';
import { buildBundle } from '../../testing/builders/files/bundle-files.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { makeFakeBoundedParser } from '../../testing/fakes/fake-bounded-parser.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { memoryUploads } from '../../testing/fakes/memory/memory-uploads.ts';
import { sendBundle } from './send-bundle.ts';

const weights = new TextEncoder().encode('weights of the model');
const weightsFile = { path: 'model.onnx', digest: digestOfBytes(weights), bytes: weights.length };
const code = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`code/${index}.py`, `print(${index})`]));
const golden = { 'golden/a.json': '{}' };
const { bundle, contents } = buildBundle({ code, golden }, { files: [weightsFile] });
const all = new Map<Digest, Uint8Array>([...contents, [weightsFile.digest, weights]]);

function open(chunkBytes = 5) {
  const clock = new FakeClock();
  const blobs = memoryBlobs();
  const uploads = memoryUploads(blobs, Infinity, () => clock.nowMs());
  const receiver = makeBundleReceiver({ blobs, uploads, parser: makeFakeBoundedParser(), clock });
  const notes: string[] = [];
  const stopping = new AbortController();
  const terminal = { note: (text: string) => notes.push(text) } as unknown as Terminal;
  const sent: string[] = [];
  const madeOf = (held: ReadonlyMap<Digest, Uint8Array>) => ({
    bundle,
    open: async (digest: Digest): Promise<BytesFrom | null> => {
      const bytes = await Promise.resolve(held.get(digest));
      if (bytes === undefined) return null;
      return async function* from(offset) {
        sent.push(`${[...bundle.files, weightsFile].find((file) => file.digest === digest)?.path ?? ''} ${offset}`);
        for (let at = offset; at < bytes.length; at += chunkBytes) {
          yield await Promise.resolve(bytes.subarray(at, at + chunkBytes));
          await clock.advance(1_000);
        }
      };
    },
  });
  const send = (held: ReadonlyMap<Digest, Uint8Array> = all, to: BundleReceiver = receiver) =>
    sendBundle(to, madeOf(held), { terminal, clock, signal: stopping.signal });
  return { blobs, uploads, receiver, notes, sent, stopping, send };
}

const changed = (digest: Digest): ReadonlyMap<Digest, Uint8Array> =>
  new Map([...all].map(([its, bytes]) => [its, its === digest ? bytes.map((byte) => byte ^ 1) : bytes]));

it('sends what is missing and returns the digest; a second time there is nothing to send', async () => {
  const { send, receiver, sent } = open();
  expect(await send()).toBe(digestOfBundle(bundle));
  expect((await receiver.offer(bundleBytes(bundle))).missing).toEqual([]);
  expect(sent).toHaveLength(all.size);
  expect(await send()).toBe(digestOfBundle(bundle));
  expect(sent).toHaveLength(all.size);
});

it('tells how far it is, of the bytes that it sends, after the first second', async () => {
  const { send, notes, blobs } = open();
  for (const [, bytes] of contents) await blobs.put(bytes);
  await send();
  expect(notes[0]).toBe('sending the bundle: 10B of 20B, about 1s left');
});

it('leaves out files of the model that are not here, which the receiver may fetch', async () => {
  const { send, receiver } = open();
  await send(contents);
  expect((await receiver.missing(digestOfBundle(bundle))).missing.map(({ path }) => path)).toEqual(['model.onnx']);
});

it('names a file inside that is not here, and where it could come from', async () => {
  const { send } = open();
  const file = bundle.files.find(({ role }) => role === 'golden')!;
  const held = new Map([...all].filter(([digest]) => digest !== file.digest));
  await expect(send(held)).rejects.toMatchObject({
    code: 'bundle-blob-missing',
    category: 'not-found',
    next: 'bring golden/a.json back from git, or plimsoll golden record',
    details: { digest: file.digest, path: 'golden/a.json', role: 'golden' },
  });
});

it('goes on with what was received', async () => {
  const { send, sent, uploads, blobs } = open();
  async function* half(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(weights.subarray(0, 7));
  }
  await uploads.append(weightsFile.digest, { offset: 0, totalBytes: weights.length }, half());
  await send();
  expect(sent).toContain('model.onnx 7');
  expect(await blobs.has(weightsFile.digest)).toBe(true);
});

it('sends a blob from its start where what was received is wrong', async () => {
  const { send, sent, uploads, blobs } = open();
  async function* wrong(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(new Uint8Array(7));
  }
  await uploads.append(weightsFile.digest, { offset: 0, totalBytes: weights.length }, wrong());
  await send();
  expect(sent.filter((each) => each.startsWith('model.onnx'))).toEqual(['model.onnx 7', 'model.onnx 0']);
  expect(await blobs.has(weightsFile.digest)).toBe(true);
});

it('names a file that was written to meanwhile: by other bytes, by fewer, by more', async () => {
  const file = bundle.files.find(({ path }) => path === 'code/4.py')!;
  const bytes = all.get(file.digest)!;
  const longer = new Map([...all, [file.digest, new Uint8Array([...bytes, 1])] as const]);
  const shorter = new Map([...all, [file.digest, bytes.subarray(1)] as const]);
  for (const held of [changed(file.digest), shorter, longer]) {
    await expect(open().send(held)).rejects.toMatchObject({
      code: 'file-changed',
      category: 'conflict',
      details: { path: 'code/4.py', digest: file.digest },
    });
  }
});

it('stops with the first failure, and with the signal, and leaves nothing running', async () => {
  const failing = open(1);
  await expect(failing.send(changed(bundle.files[0]!.digest))).rejects.toMatchObject({ code: 'file-changed' });
  expect(failing.sent.length).toBeLessThan(all.size);
  const stopped = open(1);
  const sending = stopped.send();
  stopped.stopping.abort(new Error('stopped'));
  await expect(sending).rejects.toThrow('stopped');
});
