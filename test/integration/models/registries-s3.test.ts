import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AwsClient } from 'aws4fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeS3Registry, openS3Place } from '../../../src/adapters/s3/s3-registry.ts';
import { openS3WritablePlace } from '../../../src/adapters/s3/s3-place.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { digestOfBytes, type Digest } from '../../../src/core/units/digest.ts';
import { minimalContract } from '../../../src/testing/builders/contract-texts.ts';
import { modelRegistryContract } from '../../../src/testing/contracts/model-registry-contract.ts';
import { linearModel } from '../../../src/testing/builders/files/onnx-encoder.ts';
import { RunningServer } from '../../peers/registries/running-server.ts';
import { findPythonServers } from '../../peers/registries/servers.ts';

const found = findPythonServers();
if (found.kind === 'missing') console.warn(`skipped: ${found.why}`);
const start = (env: Record<string, string> = {}): Promise<RunningServer> =>
  RunningServer.start(
    path.join(found.kind === 'installed' ? found.bin : '', 'moto_server'),
    (port) => ['-H', '127.0.0.1', '-p', String(port)],
    { readyPath: '/moto-api/', env },
  );
const client = new AwsClient({ accessKeyId: 'test', secretAccessKey: 'test', service: 's3', region: 'us-east-1' });
const put = async (url: string, body?: Uint8Array): Promise<void> => {
  const answer = await client.fetch(url, { method: 'PUT', ...(body === undefined ? {} : { body: Buffer.from(body) }) });
  if (!answer.ok) throw new Error(`PUT ${url}: ${answer.status} ${await answer.text()}`);
};
const envOf = (origin: string) => ({
  ...{ AWS_ENDPOINT_URL: origin, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  AWS_REGION: 'us-east-1',
});

/** moto stands for S3 here: nothing was tried against Amazon's. */
describe.skipIf(found.kind === 'missing')('S3 as moto has it', () => {
  modelRegistryContract('S3, by moto', async () => {
    const server = await start();
    await put(`${server.origin}/models`);
    const registry = makeS3Registry({ uri: 's3://models/team', env: envOf(server.origin), clock: systemClock });
    let versions = 0;
    return {
      registry,
      name: 'digits',
      async seed(name, files) {
        versions += 1;
        for (const [file, bytes] of Object.entries(files)) {
          const key = `team/${name}/${versions}/${file}`.split('/').map(encodeURIComponent).join('/');
          await put(`${server.origin}/models/${key}`, bytes);
        }
        return String(versions);
      },
      async close() {
        await registry.close();
        await server.stop();
      },
    };
  });

  describe('a place in a bucket', () => {
    let server: RunningServer;
    const { signal } = new AbortController();
    beforeAll(async () => {
      server = await start();
      await put(`${server.origin}/place`);
      await put(`${server.origin}/place/a/model.onnx`, Buffer.from('one'));
      await put(`${server.origin}/place/a/config.json`, Buffer.from('{}'));
    }, 60_000);
    afterAll(() => server.stop());
    const open = (uri: string) => openS3Place({ uri, env: envOf(server.origin), clock: systemClock }, signal);

    it('is a folder, or one object', async () => {
      expect((await open('s3://place/a')).files.map((file) => file.path)).toEqual(['config.json', 'model.onnx']);
      expect((await open('s3://place/a/model.onnx')).files).toEqual([{ path: 'model.onnx', bytes: 3, digest: null }]);
      await expect(open('s3://place/b')).rejects.toMatchObject({ code: 'remote-model-unknown' });
      await expect(open('s3://no-such-bucket/b')).rejects.toMatchObject({ code: 'remote-model-unknown' });
    });

    it('gives no mixture of an object that is replaced after it was listed', async () => {
      const { files, read } = await open('s3://place/a/model.onnx');
      await put(`${server.origin}/place/a/model.onnx`, Buffer.from('two'));
      const reading = (async () => {
        for await (const piece of read(files[0]!, signal)) expect(piece.length).toBe(-1);
      })();
      await expect(reading).rejects.toMatchObject({ code: 'remote-changed' });
    });

    it('takes a push in parts, gives the same bytes back, and replaces nothing', async () => {
      const large = Buffer.alloc(12 * 1024 * 1024 + 5, 'plimsoll');
      const content = { 'model.onnx': large, 'conf/labels é+.txt': Buffer.from('0\n'), 'empty.bin': Buffer.alloc(0) };
      const blobs = new Map(Object.values(content).map((bytes) => [digestOfBytes(bytes), bytes] as const));
      const files = Object.entries(content).map(([path, bytes]) => ({
        path,
        digest: digestOfBytes(bytes),
        bytes: bytes.length,
      }));
      async function* reader(digest: Digest, from: number, length: number) {
        yield await Promise.resolve(blobs.get(digest)!.subarray(from, from + length));
      }
      const options = { uri: 's3://place/digits/1', env: envOf(server.origin), clock: systemClock };
      // 5 MiB is the least that S3 takes for a part.
      const target = openS3WritablePlace(options, { partBytesAtLeast: 5 * 1024 * 1024 });
      expect(await target.put(files, reader, signal)).toEqual({ sent: 3 });
      expect(await target.put(files, reader, signal)).toEqual({ sent: 0 });
      const back = await open('s3://place/digits/1');
      expect(back.files.map((file) => file.path)).toEqual(Object.keys(content).sort());
      for (const file of back.files) {
        const parts: Uint8Array[] = [];
        for await (const part of back.read(file, signal)) parts.push(part.slice());
        expect(Buffer.concat(parts).equals(content[file.path as keyof typeof content])).toBe(true);
      }
      const others = files.map((file) => ({ ...file, digest: digestOfBytes(Buffer.from('x')) }));
      await expect(target.put(others, reader, signal)).rejects.toMatchObject({ code: 'remote-not-empty' });
      await target.close();
    }, 60_000);

    it('is pushed to and read from on the command line, as the same version', async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-s3-'));
      const plimsoll = (...args: readonly string[]) =>
        new Promise<{ exit: number | null; out: string; err: string }>((resolve) => {
          const child = spawn(path.join(import.meta.dirname, '../../../plimsoll'), [...args, '--json'], {
            cwd: folder,
            env: { ...process.env, ...envOf(server.origin) },
          });
          let [out, err] = ['', ''];
          child.stdout.on('data', (piece) => (out += String(piece)));
          child.stderr.on('data', (piece) => (err += String(piece)));
          child.on('close', (exit) => resolve({ exit, out, err }));
        });
      try {
        writeFileSync(path.join(folder, 'plimsoll.yaml'), minimalContract);
        writeFileSync(path.join(folder, 'model.onnx'), linearModel());
        await plimsoll('model', 'add', 'model.onnx', '--name', 'digits');
        const pushed = await plimsoll('model', 'push', 'digits:1', 's3://place/models/digits/1');
        expect([pushed.exit, pushed.err]).toEqual([0, '']);
        expect(JSON.parse(pushed.out)).toMatchObject({ location: 's3://place/models/digits/1', sent: 1 });
        const back = await plimsoll('model', 'add', 's3://place/models/digits/1', '--name', 'digits');
        expect(JSON.parse(back.out)).toMatchObject({ created: false, version: { version: 1 } });
        writeFileSync(path.join(folder, 'model.onnx'), linearModel({ width: 8 }));
        await plimsoll('model', 'add', 'model.onnx', '--name', 'digits');
        const refused = await plimsoll('model', 'push', 'digits:2', 's3://place/models/digits/1');
        expect([refused.exit, refused.out + refused.err]).toEqual([1, expect.stringContaining('remote-not-empty')]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }, 60_000);

    it('says that nobody answers, and that no credentials are known', async () => {
      const times = { idleMs: 500, attempts: 2, firstBackoffMs: 1 };
      const env = envOf('http://127.0.0.1:9');
      const asked = openS3Place({ uri: 's3://place/a', env, clock: systemClock, times }, signal);
      await expect(asked).rejects.toMatchObject({ code: 'remote-unreachable', category: 'unavailable' });
      await expect(openS3Place({ uri: 's3://place/a', env: {}, clock: systemClock }, signal)).rejects.toMatchObject({
        code: 'remote-refused',
      });
    });
  });
});
