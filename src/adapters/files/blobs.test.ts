import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';
import { digestOfBytes, type Digest } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { blobsContract } from '../../testing/contracts/blobs-contract.ts';
import { fakeProcessIdentity } from '../../testing/fakes/fake-process-identity.ts';
import { makeFileBlobs, type FileBlobsOptions } from './blobs.ts';

const folders: string[] = [];
const temporaryFolder = async (): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-blobs-'));
  folders.push(folder);
  return folder;
};
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const clock: Clock = { nowMs: () => Date.now(), monotonicMs: () => 0, sleep: () => Promise.resolve() };
let drawn = 0;
const random = { next: () => 0, hex: (bytes: number) => (drawn += 1).toString(16).padStart(bytes * 2, '0') };
const optionsFor = (folder: string, dead: readonly string[] = []): FileBlobsOptions => ({
  folder,
  identity: fakeProcessIdentity('host:boot:1:1', dead),
  clock,
  random,
});
const blobPath = (folder: string, digest: Digest): string =>
  path.join(folder, 'sha256', digest.slice(7, 9), digest.slice(9));

blobsContract('files', async () => {
  const folder = await temporaryFolder();
  return {
    blobs: makeFileBlobs(optionsFor(folder)),
    async flipBit(digest) {
      const location = blobPath(folder, digest);
      const bytes = await readFile(location);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      await chmod(location, 0o644);
      await writeFile(location, bytes);
    },
    lose: (digest) => rm(blobPath(folder, digest)),
  };
});

it('lays a blob out as sha256/ab/<rest> and leaves no temporary behind', async () => {
  const folder = await temporaryFolder();
  await makeFileBlobs(optionsFor(folder)).put(text('abc'));
  expect(await readdir(path.join(folder, 'sha256', 'ba'))).toEqual([
    '7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  ]);
  expect(await readdir(path.join(folder, 'incoming'))).toEqual([]);
});

it('removes the temporaries of dead writers and of very old ones, and no others', async () => {
  const folder = await temporaryFolder();
  const incoming = path.join(folder, 'incoming');
  await mkdir(incoming);
  const temporary = async (owner: string, unique: string, writtenAtMs: number): Promise<string> => {
    const name = `${encodeURIComponent(owner)}~${unique}.part`;
    await writeFile(path.join(incoming, name), 'half');
    await utimes(path.join(incoming, name), writtenAtMs / 1000, writtenAtMs / 1000);
    return name;
  };
  const nowMs = clock.nowMs();
  await temporary('host:boot:7:7', 'aa', nowMs);
  await temporary('elsewhere:boot:8:8', 'bb', nowMs - 25 * 60 * 60 * 1000);
  const living = await temporary('elsewhere:boot:9:9', 'cc', nowMs - 60_000);
  await makeFileBlobs(optionsFor(folder, ['host:boot:7:7'])).put(text('abc'));
  expect(await readdir(incoming)).toEqual([living]);
});

it(
  'leaves nothing under the digest when its process is killed midway, and cleans up after it',
  { timeout: 120_000 },
  async () => {
    const folder = await temporaryFolder();
    const child = spawnWriter(folder, 'host:boot:77:77', 'hang');
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const blobs = makeFileBlobs(optionsFor(folder, ['host:boot:77:77']));
    expect(await readdir(path.join(folder, 'incoming'))).toHaveLength(1);
    expect(await listed(blobs)).toEqual([]);
    await blobs.put(text('abc'));
    expect(await readdir(path.join(folder, 'incoming'))).toEqual([]);
  },
);

it('is right for two processes that write the same bytes at once', { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder();
  const outputs = await Promise.all(
    [1, 2, 3].map((n) => finished(spawnWriter(folder, `host:boot:${n}:${n}`, 'finish'))),
  );
  const expected = digestOfBytes(new Uint8Array(64 * 65_536).fill(7));
  expect(outputs.map((output) => output.trim().split('\n').at(-1))).toEqual([expected, expected, expected]);
  expect(await listed(makeFileBlobs(optionsFor(folder)))).toEqual([expected]);
  expect(await readdir(path.join(folder, 'incoming'))).toEqual([]);
});

it('does not remove what is stored again at the same moment', async () => {
  const folder = await temporaryFolder();
  const blobs = makeFileBlobs(optionsFor(folder));
  const { digest } = await blobs.put(text('abc'));
  for (let round = 0; round < 100; round += 1) {
    await utimes(blobPath(folder, digest), 1, 1);
    await Promise.all([blobs.put(text('abc')), blobs.remove(digest, 2_000)]);
    expect(await blobs.has(digest)).toBe(true);
  }
  expect(await readdir(path.join(folder, 'incoming'))).toEqual([]);
});

it('names the path when something stands in the way of its folder', async () => {
  const folder = path.join(await temporaryFolder(), 'blobs');
  await writeFile(folder, 'a file');
  await expect(makeFileBlobs(optionsFor(folder)).put(text('abc'))).rejects.toMatchObject({
    code: 'storage-misplaced',
    category: 'input',
    details: { path: folder, systemCode: 'ENOTDIR' },
  });
});

it('reports a folder where a blob should be as corrupt', async () => {
  const folder = await temporaryFolder();
  const digest = digestOfBytes(text('abc'));
  await mkdir(blobPath(folder, digest), { recursive: true });
  const blobs = makeFileBlobs(optionsFor(folder));
  expect(await blobs.verify(digest)).toEqual({ ok: false, reason: 'corrupt', actual: null });
  expect(await blobs.has(digest)).toBe(false);
});

it('says when it has no permission', { timeout: 120_000 }, async () => {
  const folder = await temporaryFolder();
  await chmod(folder, 0o500);
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    // Root may write anywhere, so that the writer gives its rights away: once it has read its modules, which may lie where
    // only root reads.
    writerSource(
      folder,
      'host:boot:5:5',
      'finish',
      'if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534); }',
    ),
  ]).catch((failure: { stdout: string }) => failure);
  expect(stdout).toContain('storage-denied');
});

async function listed(blobs: Blobs): Promise<readonly Digest[]> {
  const digests: Digest[] = [];
  for await (const { digest } of blobs.list()) digests.push(digest);
  return digests;
}

function writerSource(folder: string, owner: string, mode: 'hang' | 'finish', onceRead = ''): string {
  const modulePath = path.join(import.meta.dirname, 'blobs.ts');
  return `
    const { makeFileBlobs } = await import(${JSON.stringify(modulePath)});
    const { setTimeout: delay } = await import('node:timers/promises');
    ${onceRead}
    let n = process.pid;
    const blobs = makeFileBlobs({
      folder: ${JSON.stringify(folder)},
      identity: { self: () => ${JSON.stringify(owner)}, of: async () => null, isDead: async () => false },
      clock: { nowMs: () => Date.now() },
      random: { hex: (bytes) => (n += 1).toString(16).padStart(bytes * 2, '0') },
    });
    async function* source() {
      for (let i = 0; i < 64; i += 1) {
        yield new Uint8Array(65536).fill(7);
        if (i === 3 && ${JSON.stringify(mode)} === 'hang') { console.log('writing'); await delay(60_000); }
      }
    }
    await blobs.put(source()).then(({ digest }) => console.log(digest), (error) => console.log(error.code, error.message));
  `;
}

function spawnWriter(folder: string, owner: string, mode: 'hang' | 'finish') {
  return spawn(process.execPath, ['--input-type=module', '-e', writerSource(folder, owner, mode)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function finished(child: ReturnType<typeof spawnWriter>): Promise<string> {
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  return output;
}
