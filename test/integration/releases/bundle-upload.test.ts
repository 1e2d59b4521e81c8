/** A model of 300 MB on its way into another process: how much memory it takes there, and a kill midway. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeBundleSender } from '../../../src/adapters/http-control/send-bundle.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { bundleBytes } from '../../../src/core/bundle/bundle.ts';
import type { Digest } from '../../../src/core/units/digest.ts';
import type { BundleReceiver, BytesFrom } from '../../../src/ports/artifacts/bundle-receiver.ts';
import { buildBundle } from '../../../src/testing/builders/files/bundle-files.ts';
import { testToken } from '../../../src/testing/rigs/control-plane-server.ts';

const program = path.resolve(import.meta.dirname, '../../../src/testing/rigs/programs/bundle-receiver.ts');
const MiB = 1024 * 1024;
const totalBytes = 300 * MiB;
const zeros = new Uint8Array(MiB);

const digestOfZeros = (): Digest => {
  const hash = createHash('sha256');
  for (let at = 0; at < totalBytes; at += zeros.length) hash.update(zeros);
  return `sha256:${hash.digest('hex')}`;
};
const model = { path: 'model.safetensors', digest: digestOfZeros(), bytes: totalBytes };
const manifest = bundleBytes(buildBundle({}, { files: [model] }).bundle);

let folder: string;
let running: ChildProcess;
let url: string;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-bundles-'));
  await start('0');
});
afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true });
});

async function start(port: string): Promise<void> {
  running = spawn(process.execPath, [program, folder, port], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(running.stdout!, 'data')) as [Buffer];
  url = line.toString().trim();
}

async function kill(): Promise<void> {
  if (running.exitCode !== null || running.signalCode !== null) return;
  const exited = once(running, 'exit');
  running.kill('SIGKILL');
  await exited;
}

const versions = { version: '0.0.0', serverVersion: null };
const sender = (): BundleReceiver =>
  makeBundleSender({ url, token: testToken, ...versions, signal: new AbortController().signal }, systemClock);

/** Zeros from an offset on; `onPosition` sees how far they went. */
const zerosFrom = (onPosition: (position: number) => Promise<void> | void): BytesFrom =>
  async function* from(offset) {
    for (let at = offset; at < totalBytes; at += zeros.length) {
      yield zeros.subarray(0, Math.min(zeros.length, totalBytes - at));
      await onPosition(at + zeros.length);
    }
  };

/** The most memory that a process ever held. */
function peakBytes({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

const blobFile = (): string => path.join(folder, 'blobs/sha256', model.digest.slice(7, 9), model.digest.slice(9));

it('arrives with a bounded memory of its receiver, whole and verified', async () => {
  const { bundle } = await sender().offer(manifest);
  const beforeBytes = peakBytes(running);
  const part = { bundle, offset: 0, totalBytes };
  expect(
    await sender().send(
      model.digest,
      part,
      zerosFrom(() => undefined),
    ),
  ).toEqual({
    received: totalBytes,
    complete: true,
  });
  expect(peakBytes(running) - beforeBytes).toBeLessThan(100 * MiB);
  expect(statSync(blobFile()).size).toBe(totalBytes);
  expect(readdirSync(path.join(folder, 'uploads'))).toEqual([]);
});

it('goes on where it was when its receiver is killed midway and started again', async () => {
  const { bundle } = await sender().offer(manifest);
  const killAt = 150 * MiB;
  const offsets: number[] = [];
  let restarted: Promise<void> | null = null;
  const killing = zerosFrom(async (position) => {
    if (position < killAt || restarted !== null) return;
    await kill();
    restarted = start(new URL(url).port);
  });
  const counted: BytesFrom = (offset) => (offsets.push(offset), killing(offset));
  const sent = await sender().send(model.digest, { bundle, offset: 0, totalBytes }, counted);
  expect(sent).toEqual({ received: totalBytes, complete: true });
  await restarted;
  // Every piece but the one that was cut was kept whole, and of that one whatever arrived: nothing is sent twice but its tail.
  const again = offsets.find((offset, index) => offset > 0 && offset - (offsets[index - 1] ?? 0) !== 16 * MiB) ?? 0;
  expect(again).toBeGreaterThanOrEqual(killAt - 16 * MiB);
  expect(again).toBeLessThanOrEqual(killAt);
  expect(statSync(blobFile()).size).toBe(totalBytes);
  expect((await sender().missing(bundle)).missing.map(({ path: at }) => at)).toEqual([
    'plimsoll.lock',
    'plimsoll.yaml',
  ]);
});

it('is found again by a client that was killed too: what was received is told with what is missing', async () => {
  const { bundle } = await sender().offer(manifest);
  const gone = new AbortController();
  const first = makeBundleSender({ url, token: testToken, ...versions, signal: gone.signal }, systemClock);
  const stopping = zerosFrom((position) => {
    if (position > 100 * MiB) gone.abort(new Error('gone'));
  });
  await expect(first.send(model.digest, { bundle, offset: 0, totalBytes }, stopping)).rejects.toThrow('gone');
  const { missing } = await sender().offer(manifest);
  const { received = 0 } = missing.find(({ digest }) => digest === model.digest) ?? {};
  expect(received).toBeGreaterThanOrEqual(96 * MiB);
  const rest = await sender().send(
    model.digest,
    { bundle, offset: received, totalBytes },
    zerosFrom(() => undefined),
  );
  expect(rest).toEqual({ received: totalBytes, complete: true });
});
