/** Blobs in a bucket, as moto has S3: nothing was tried against Amazon's. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AwsClient } from 'aws4fetch';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeFileBlobs } from '../../../src/adapters/files/blobs.ts';
import { makeBackupFolders } from '../../../src/adapters/files/backup/backup-folders.ts';
import { cacheKeptMs, makeS3Blobs, type S3BlobsOptions } from '../../../src/adapters/s3/s3-blobs.ts';
import { openSqliteStore } from '../../../src/adapters/sql/sqlite/sqlite-store.ts';
import type { SqlStore } from '../../../src/adapters/sql/store.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import { makeBackups } from '../../../src/control-plane/backup/backups.ts';
import { digestOfBytes, type Digest } from '../../../src/core/units/digest.ts';
import type { Blobs } from '../../../src/ports/artifacts/blobs.ts';
import { fillStore } from '../../../src/testing/builders/filled-store.ts';
import { minimalContract } from '../../../src/testing/builders/contract-texts.ts';
import { linearModel } from '../../../src/testing/builders/files/onnx-encoder.ts';
import { blobsContract } from '../../../src/testing/contracts/blobs-contract.ts';
import { fakeProcessIdentity } from '../../../src/testing/fakes/fake-process-identity.ts';
import { contextOf } from '../../../src/testing/rigs/command-line.ts';
import { findPythonServers } from '../../peers/registries/servers.ts';
import { RunningServer } from '../../peers/registries/running-server.ts';

const found = findPythonServers();
if (found.kind === 'missing') console.warn(`skipped: ${found.why}`);
const mebibyte = 1024 * 1024;
const client = new AwsClient({ accessKeyId: 'test', secretAccessKey: 'test', service: 's3', region: 'us-east-1' });
const folders: string[] = [];
const newFolder = (): string => {
  folders.push(mkdtempSync(path.join(tmpdir(), 'plimsoll-remote-blobs-')));
  return folders.at(-1)!;
};
const keyOf = (digest: Digest): string => `sha256/${digest.slice(7, 9)}/${digest.slice(9)}`;
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

describe.skipIf(found.kind === 'missing')('blobs in a bucket', () => {
  let server: RunningServer;
  let buckets = 0;
  const env = () => ({
    ...{ AWS_ENDPOINT_URL: server.origin, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    AWS_REGION: 'us-east-1',
  });
  beforeAll(async () => {
    const program = path.join(found.kind === 'installed' ? found.bin : '', 'moto_server');
    const args = (port: number) => ['-H', '127.0.0.1', '-p', String(port)];
    server = await RunningServer.start(program, args, { readyPath: '/moto-api/' });
  }, 60_000);
  afterAll(() => server.stop());
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  const ask = async (method: string, key: string, body?: Uint8Array): Promise<Buffer> => {
    const sent = body === undefined ? {} : { body: Buffer.from(body) };
    const answer = await client.fetch(`${server.origin}/${key}`, { method, ...sent });
    if (!answer.ok) throw new Error(`${method} ${key}: ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  };
  const newBucket = async (): Promise<string> => {
    buckets += 1;
    await ask('PUT', `blobs-${buckets}`);
    return `blobs-${buckets}`;
  };
  const cacheIn = (folder: string) =>
    makeFileBlobs({ folder, identity: fakeProcessIdentity('h:b:1:1'), clock: systemClock, random: systemRandom });
  const open = (bucket: string, folder: string, more: Partial<S3BlobsOptions> = {}) =>
    makeS3Blobs({
      ...{ uri: `s3://${bucket}/team a`, env: env(), clock: systemClock, cache: cacheIn(folder) },
      ...{ cacheBytesAtMost: 2 ** 30, partBytesAtLeast: 5 * mebibyte, ...more },
    });

  blobsContract('S3, by moto', async () => {
    const bucket = await newBucket();
    const cache = cacheIn(newFolder());
    const blobs = makeS3Blobs({
      ...{ uri: `s3://${bucket}/team`, env: env(), clock: systemClock, cache, cacheBytesAtMost: 2 ** 30 },
    });
    return {
      blobs,
      async flipBit(digest) {
        const bytes = await ask('GET', `${bucket}/team/${keyOf(digest)}`);
        bytes[0] = (bytes[0] ?? 0) ^ 1;
        await ask('PUT', `${bucket}/team/${keyOf(digest)}`, bytes);
        await cache.remove(digest, Infinity);
      },
      async lose(digest) {
        await ask('DELETE', `${bucket}/team/${keyOf(digest)}`);
        await cache.remove(digest, Infinity);
      },
      close: () => blobs.close(),
    };
  });

  it('are read on another machine, large ones too, which go up in parts', async () => {
    const bucket = await newBucket();
    const large = Buffer.alloc(12 * mebibyte + 5, 'plimsoll');
    const [here, there] = [open(bucket, newFolder()), open(bucket, newFolder())];
    const stored = await here.put(large);
    const file = await there.verifiedPath(stored.digest);
    expect(readFileSync(file).equals(large)).toBe(true);
    expect(await there.verify(stored.digest)).toEqual({ ok: true, bytes: large.length });
    expect(await there.stat(stored.digest)).toMatchObject({ bytes: large.length });
    await Promise.all([here.close(), there.close()]);
  });

  it('are not fetched twice, and a damaged copy of this machine is fetched again', async () => {
    const bucket = await newBucket();
    const folder = newFolder();
    const [here, away] = [open(bucket, folder), open(bucket, folder, { env: {} })];
    const { digest } = await here.put(text('weights'));
    // Without credentials nothing can be asked of the bucket.
    const file = await away.verifiedPath(digest);
    await expect(away.has(digest)).rejects.toMatchObject({ code: 'remote-refused' });
    rmSync(file);
    writeFileSync(file, 'veights');
    expect(Buffer.from(await here.read(digest)).toString()).toBe('weights');
    expect(readFileSync(await here.verifiedPath(digest), 'utf8')).toBe('weights');
    await Promise.all([here.close(), away.close()]);
  });

  it('leave in the cache what was used last, and what was used an hour ago at most', async () => {
    const bucket = await newBucket();
    const folder = newFolder();
    const filled = open(bucket, folder, { cacheBytesAtMost: 25 });
    const [old, older, recent] = await Promise.all(
      ['old weights', 'older weights', 'recent ones'].map(async (words) => (await filled.put(text(words))).digest),
    );
    const longAgo = (digest: Digest, hours: number): void => {
      const at = systemClock.nowMs() / 1_000 - (hours * cacheKeptMs) / 1_000;
      utimesSync(path.join(folder, keyOf(digest)), at, at);
    };
    longAgo(old!, 2);
    longAgo(older!, 3);
    const blobs = open(bucket, folder, { cacheBytesAtMost: 25 });
    const { digest } = await blobs.put(text('abc'));
    const cached: Digest[] = [];
    for await (const stored of cacheIn(folder).list()) cached.push(stored.digest);
    expect(cached.sort()).toEqual([old!, recent!, digest].filter((each) => each !== older).sort());
    expect(Buffer.from(await blobs.read(older!)).toString()).toBe('older weights');
    await Promise.all([blobs.close(), filled.close()]);
  });

  it('are not there when whoever stored them was killed midway', { timeout: 60_000 }, async () => {
    const bucket = await newBucket();
    const folder = newFolder();
    const large = Buffer.alloc(40 * mebibyte, 'killed');
    const digest = digestOfBytes(large);
    const source = path.join(folder, 'large');
    writeFileSync(source, large);
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', writerOf(bucket, path.join(folder, 'cache'), source)],
      {
        env: { ...process.env, ...env() },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const blobs = open(bucket, newFolder());
    expect(await blobs.has(digest)).toBe(false);
    const listed: Digest[] = [];
    for await (const stored of blobs.list()) listed.push(stored.digest);
    expect(listed).toEqual([]);
    expect(await blobs.put(large)).toEqual({ digest, bytes: large.length });
    expect(await blobs.verify(digest)).toMatchObject({ ok: true });
    await blobs.close();
  });

  it('are copied into a backup, and from there into another bucket', async () => {
    const folder = newFolder();
    const [here, there] = [open(await newBucket(), newFolder()), open(await newBucket(), newFolder())];
    const file = (name: string) => path.join(folder, name, 'store.sqlite');
    const [first, second] = await Promise.all(
      ['first', 'second'].map((name) => openSqliteStore({ file: file(name), clock: systemClock })),
    );
    const identity = fakeProcessIdentity('h:b:1:1');
    const backupsOf = (store: SqlStore, blobs: Blobs) =>
      makeBackups({
        ...{ store, blobs, rows: store.rows, lock: [], plimsollVersion: '0.0.0', clock: systemClock },
        folders: makeBackupFolders({ identity, clock: systemClock, random: systemRandom }),
        ...{ terminal: contextOf({}).terminal, holder: 'h:b:1:1', isDead: () => false },
        signal: new AbortController().signal,
      });
    const kept = await fillStore(first!, here);
    const backup = path.join(folder, 'backup');
    const { blobs, missing } = await backupsOf(first!, here).backUp({ folder: backup, withBlobs: true });
    expect([blobs?.length, missing]).toEqual([kept.length, []]);
    expect((await backupsOf(second!, there).restore({ folder: backup, replace: false })).problems).toEqual([]);
    for (const digest of kept) expect(await there.verify(digest)).toMatchObject({ ok: true });
    await Promise.all([here.close(), there.close(), first!.close(), second!.close()]);
  });

  it('say that there is no such bucket, and that nobody answers', async () => {
    const blobs = open('no-such-bucket', newFolder());
    await expect(blobs.put(text('abc'))).rejects.toMatchObject({
      code: 'remote-model-unknown',
      message: expect.stringContaining('there is no bucket of this name: s3://no-such-bucket'),
    });
    const times = { idleMs: 500, attempts: 2, firstBackoffMs: 1 };
    const silent = open('bucket', newFolder(), { env: { ...env(), AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, times });
    await expect(silent.put(text('abc'))).rejects.toMatchObject({
      code: 'remote-unreachable',
      category: 'unavailable',
    });
    await Promise.all([blobs.close(), silent.close()]);
  });

  it(
    'are what PLIMSOLL_BLOBS names on the command line, within PLIMSOLL_BLOBS_QUOTA',
    { timeout: 60_000 },
    async () => {
      const bucket = await newBucket();
      const folder = newFolder();
      writeFileSync(path.join(folder, 'plimsoll.yaml'), minimalContract);
      writeFileSync(path.join(folder, 'model.onnx'), linearModel());
      const plimsoll = (more: Record<string, string>, ...args: readonly string[]) =>
        finished(folder, { ...env(), PLIMSOLL_BLOBS: `s3://${bucket}/plimsoll`, ...more }, args);
      const add = ['model', 'add', 'model.onnx', '--name', 'digits'];
      const full = await plimsoll({ PLIMSOLL_BLOBS_QUOTA: '10B' }, ...add);
      expect([full.exit, full.out]).toEqual([3, expect.stringContaining('blobs-quota')]);
      expect((await plimsoll({}, ...add)).exit).toBe(0);
      expect(readdirSync(path.join(folder, '.plimsoll'))).toContain('blobs-cache');
      rmSync(path.join(folder, '.plimsoll', 'blobs-cache'), { recursive: true });
      const verified = await plimsoll({}, 'model', 'verify');
      expect([verified.exit, JSON.parse(verified.out)]).toEqual([0, expect.objectContaining({ sound: true })]);
      const { digest } = JSON.parse(verified.out).files[0] as { digest: Digest };
      const object = await ask('GET', `${bucket}/plimsoll/${keyOf(digest)}`);
      expect(object.length).toBe(statSync(path.join(folder, 'model.onnx')).size);
    },
  );
});

/** Says so when its first part is there, and goes on to the second. */
function writerOf(bucket: string, folder: string, source: string): string {
  const at = (name: string): string => JSON.stringify(path.join(import.meta.dirname, '../../../src', name));
  return `
    const { makeS3Blobs } = await import(${at('adapters/s3/s3-blobs.ts')});
    const { makeFileBlobs } = await import(${at('adapters/files/blobs.ts')});
    const { systemClock: clock } = await import(${at('adapters/system/clock.ts')});
    const { systemRandom: random } = await import(${at('adapters/system/random.ts')});
    const { createReadStream } = await import('node:fs');
    const { subscribe } = await import('node:diagnostics_channel');
    subscribe('undici:request:trailers', ({ request }) => {
      if (request.path.includes('partNumber=1')) process.stdout.write('part');
    });
    const identity = { self: () => 'h:b:2:2', isDead: async () => false };
    const cache = makeFileBlobs({ folder: ${JSON.stringify(folder)}, identity, clock, random });
    const options = { uri: 's3://${bucket}/team a', env: process.env, clock, cache, cacheBytesAtMost: 1e9 };
    await makeS3Blobs({ ...options, partBytesAtLeast: ${5 * mebibyte} }).put(createReadStream(${JSON.stringify(source)}));
  `;
}

function finished(
  cwd: string,
  env: Record<string, string>,
  args: readonly string[],
): Promise<{ exit: number | null; out: string }> {
  return new Promise((resolve) => {
    const child = spawn(path.join(import.meta.dirname, '../../../plimsoll'), [...args, '--json'], {
      cwd,
      env: { ...process.env, ...env },
    });
    let out = '';
    child.stdout.on('data', (piece) => (out += String(piece)));
    child.stderr.on('data', (piece) => (out += String(piece)));
    child.on('close', (exit) => resolve({ exit, out }));
  });
}
