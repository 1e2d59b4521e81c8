import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOfBytes, type Digest } from '../../core/units/digest.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { openS3WritablePlace } from './s3-place.ts';
import { partBytesOf } from './s3-uploads.ts';

const { signal } = new AbortController();
const metaName = 'x-amz-meta-plimsoll-sha256';
interface Held {
  readonly bytes: Buffer;
  readonly sha256: string;
}

/** As much of S3 as a push uses, in memory; `between` may answer in its place. */
let objects: Map<string, Held>;
let uploads: Map<string, { readonly sha256: string; readonly parts: Map<number, Buffer> }>;
let asked: string[];
let between: (request: IncomingMessage, response: ServerResponse, url: URL) => boolean;
let server: Server;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'http://s3');
  const key = decodeURIComponent(url.pathname.replace('/bucket/', ''));
  const query = (name: string): string => url.searchParams.get(name) ?? '';
  asked.push(`${request.method} ${key}${query('partNumber') === '' ? '' : ` part ${query('partNumber')}`}`);
  if (between(request, response, url)) return;
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  const stated = request.headers['x-amz-content-sha256'];
  if (request.method === 'PUT' && stated !== sha256(body)) return void response.writeHead(400).end('<Code>Bad</Code>');
  const upload = uploads.get(query('uploadId'));
  if (url.searchParams.has('list-type')) {
    const listed = [...objects]
      .filter(([name]) => name.startsWith(query('prefix')))
      .map(([name, held]) => `<Contents><Key>${name}</Key><Size>${held.bytes.length}</Size><ETag>e</ETag></Contents>`);
    response.end(`<ListBucketResult>${listed.join('')}<IsTruncated>false</IsTruncated></ListBucketResult>`);
  } else if (request.method === 'HEAD') {
    const held = objects.get(key);
    if (held === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-length': held.bytes.length, [metaName]: held.sha256 }).end();
  } else if (url.searchParams.has('uploads')) {
    uploads.set('u1', { sha256: String(request.headers[metaName]), parts: new Map() });
    response.end('<UploadId>u1</UploadId>');
  } else if (upload !== undefined && request.method === 'PUT') {
    upload.parts.set(Number(query('partNumber')), body);
    response.writeHead(200, { etag: `"${sha256(body).slice(0, 8)}"` }).end();
  } else if (upload !== undefined && request.method === 'DELETE') {
    uploads.delete(query('uploadId'));
    response.writeHead(204).end();
  } else if (url.searchParams.has('uploadId') && upload === undefined)
    response.writeHead(404).end('<Code>NoSuchUpload</Code>');
  else if (request.headers['if-none-match'] === '*' && objects.has(key)) response.writeHead(412).end();
  else if (upload !== undefined) {
    const ordered = [...upload.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
    objects.set(key, { bytes: Buffer.concat(ordered), sha256: upload.sha256 });
    uploads.delete(query('uploadId'));
    response.end('<CompleteMultipartUploadResult/>');
  } else {
    objects.set(key, { bytes: body, sha256: String(request.headers[metaName]) });
    response.end();
  }
}

beforeEach(async () => {
  [objects, uploads, asked, between] = [new Map(), new Map(), [], () => false];
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const content: Readonly<Record<string, Buffer>> = {
  'model.onnx': Buffer.from(Array.from({ length: 2_500 }, (_, at) => (at * 7) % 251)),
  'deep/er/labels é.txt': Buffer.from('0\n1\n'),
  'empty.bin': Buffer.alloc(0),
};
async function push(files = content, ended = signal): Promise<{ readonly sent: number }> {
  const { port } = server.address() as AddressInfo;
  const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  const clock = Object.assign(new FakeClock(), { sleep: () => Promise.resolve() });
  const times = { idleMs: 300, attempts: 3, firstBackoffMs: 1 };
  const place = openS3WritablePlace({ uri: 's3://bucket/digits/3', env, clock, times }, { partBytesAtLeast: 1_000 });
  const blobs = new Map(Object.values(files).map((bytes) => [digestOfBytes(bytes), bytes] as const));
  async function* read(digest: Digest, from: number, length: number) {
    yield await Promise.resolve(blobs.get(digest)!.subarray(from, from + length));
  }
  const listed = Object.entries(files).map(([path, bytes]) => ({
    path,
    digest: digestOfBytes(bytes),
    bytes: bytes.length,
  }));
  try {
    return await place.put(listed, read, ended);
  } finally {
    await place.close();
  }
}

describe('a push to a bucket', () => {
  it('puts every file under its path, large ones in parts, and sends nothing twice', async () => {
    expect(await push()).toEqual({ sent: 3 });
    for (const [path, bytes] of Object.entries(content))
      expect(objects.get(`digits/3/${path}`)).toEqual({ bytes, sha256: sha256(bytes) });
    expect(asked.filter((line) => line.includes(' part '))).toHaveLength(3);
    expect(await push()).toEqual({ sent: 0 });
  });

  it('tries a part again that did not come through, and a whole file', async () => {
    const failed = new Set<string>();
    between = (request, response, url) => {
      if (request.method !== 'PUT' || failed.has(url.href)) return false;
      failed.add(url.href);
      response.writeHead(503).end('<Code>SlowDown</Code>');
      return true;
    };
    expect(await push()).toEqual({ sent: 3 });
    expect(objects.get('digits/3/model.onnx')?.bytes.equals(content['model.onnx']!)).toBe(true);
    expect(failed.size).toBe(5);
  });

  it('that is given up leaves no parts behind, and is finished by the next one', async () => {
    between = (request, _response, url) => {
      const isCut = url.searchParams.get('partNumber') === '3';
      if (isCut) request.socket.destroy();
      return isCut;
    };
    await expect(push()).rejects.toMatchObject({ code: 'remote-unreachable', category: 'unavailable' });
    expect([objects.has('digits/3/model.onnx'), uploads.size]).toEqual([false, 0]);
    between = () => false;
    await push();
    expect(objects.size).toBe(3);
  });

  it('that is interrupted leaves no parts behind either', async () => {
    const aborter = new AbortController();
    between = (_request, _response, url) => {
      if (url.searchParams.get('partNumber') === '2') aborter.abort(new Error('stopped'));
      return false;
    };
    await expect(push(content, aborter.signal)).rejects.toThrow('stopped');
    expect(uploads.size).toBe(0);
  });

  it('replaces nothing that lies there, whether it was there or came meanwhile', async () => {
    const other = { bytes: Buffer.from('other'), sha256: sha256(Buffer.from('other')) };
    for (const key of ['digits/3/model.onnx', 'digits/3/README.md']) {
      objects = new Map([[key, other]]);
      await expect(push()).rejects.toMatchObject({ code: 'remote-not-empty', category: 'conflict' });
      expect([...objects]).toEqual([[key, other]]);
    }
    for (const key of ['digits/3/model.onnx', 'digits/3/empty.bin']) {
      objects = new Map();
      between = (request) => {
        if (request.method === 'PUT' && !objects.has(key)) objects.set(key, other);
        return false;
      };
      await expect(push()).rejects.toMatchObject({ code: 'remote-not-empty' });
      expect(objects.get(key)).toBe(other);
      expect(uploads.size).toBe(0);
    }
  });

  it('knows its own object where the answer to it was lost', async () => {
    const lost = new Set<string>();
    between = (request, response) => {
      const isLast = request.method === 'POST' && !request.url!.includes('uploads=');
      if (!(isLast || request.method === 'PUT') || request.url!.includes('partNumber') || lost.has(request.url!))
        return false;
      lost.add(request.url!);
      // It does the work, and nobody hears of it.
      response.end = (() => (request.socket.destroy(), response)) as typeof response.end;
      return false;
    };
    expect(await push()).toEqual({ sent: 3 });
    expect(objects.size).toBe(3);
    expect(lost.size).toBe(3);
  });

  it('is told that it may not', async () => {
    between = (_request, response) => (response.writeHead(403).end('<Code>AccessDenied</Code>'), true);
    await expect(push()).rejects.toMatchObject({ code: 'remote-refused', category: 'unauthorized' });
  });
});

it.each([
  [100, 64],
  [5 * 1024 * 1024, 525],
])('%d MiB need parts of %d MiB: at most 10,000 of them', (mebibytes, expected) => {
  const bytes = mebibytes * 1024 * 1024;
  const partBytes = partBytesOf(bytes, 64 * 1024 * 1024);
  expect(partBytes).toBe(expected * 1024 * 1024);
  expect(Math.ceil(bytes / partBytes)).toBeLessThanOrEqual(10_000);
});
