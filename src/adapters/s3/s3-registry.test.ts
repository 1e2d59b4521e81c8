import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { openS3Place } from './s3-registry.ts';

const { signal } = new AbortController();
const object = Buffer.from(Array.from({ length: 100_000 }, (_, at) => at % 251));
let server: Server;
let gets: IncomingMessage[];
/** Answers a GET of the object, from its offset. */
let give: (request: IncomingMessage, response: ServerResponse, from: number) => void;

beforeEach(async () => {
  gets = [];
  server = createServer((request, response) => {
    if (request.url?.includes('list-type=2') === true) {
      const one = `<Contents><Key>a/model.onnx</Key><Size>${object.length}</Size><ETag>&quot;e&quot;</ETag></Contents>`;
      response.end(`<ListBucketResult>${one}<IsTruncated>false</IsTruncated></ListBucketResult>`);
      return;
    }
    gets.push(request);
    const from = Number(/=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.statusCode = from === 0 ? 200 : 206;
    give(request, response, from);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const read = async (clock: { monotonicMs?: () => number } = {}): Promise<Buffer> => {
  const { port } = server.address() as AddressInfo;
  const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  const times = { idleMs: 200, attempts: 3, firstBackoffMs: 1 };
  const patient = Object.assign(new FakeClock(), { sleep: () => Promise.resolve() }, clock);
  const place = await openS3Place({ uri: 's3://bucket/a', env, clock: patient, times }, signal);
  const parts: Uint8Array[] = [];
  for await (const part of place.read(place.files[0]!, signal)) parts.push(part.slice());
  return Buffer.concat(parts);
};

describe('an object whose download goes wrong', () => {
  it('goes on where it was cut, and holds every piece to the object that was listed', async () => {
    give = (_request, response, from) => {
      const until = Math.min(object.length, from + 20_000);
      response.write(object.subarray(from, until), () => {
        if (until === object.length) response.end();
        else setImmediate(() => response.destroy());
      });
    };
    expect((await read()).equals(object)).toBe(true);
    expect(gets.length).toBeGreaterThan(4);
    expect(gets.every(({ headers }) => headers['if-match'] === '"e"')).toBe(true);
  });

  it('is given up after its attempts when nothing comes any more', async () => {
    give = (_request, response, from) => void response.write(from === 0 ? object.subarray(0, 50) : '');
    await expect(read()).rejects.toMatchObject({ code: 'remote-unreachable', category: 'unavailable' });
    expect(gets).toHaveLength(3);
  });

  it('is given up when the server only drips, however long it goes on', async () => {
    give = (_request, response) => {
      const drip = setInterval(() => void response.write('x'), 2);
      response.on('close', () => clearInterval(drip));
    };
    let nowMs = 0;
    await expect(read({ monotonicMs: () => (nowMs += 40_000) })).rejects.toMatchObject({
      code: 'remote-unreachable',
      message: expect.stringContaining('less than 65536 bytes a minute'),
    });
    expect(gets).toHaveLength(3);
  });

  it('is refused when more comes than was listed', async () => {
    give = (_request, response) => void response.end(Buffer.alloc(object.length + 1));
    await expect(read()).rejects.toMatchObject({ code: 'remote-changed' });
  });
});
