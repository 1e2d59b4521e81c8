/** Clients that are wrong, broken or hostile: each gets a clear error, and the next client notices nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FakeInferenceEngine, fakeModelBytes } from '../../testing/fakes/fake-inference-engine.ts';
import { memoryModels, startModelServer, type ModelServerRig } from '../../testing/rigs/model-server-rig.ts';

let server: ModelServerRig;
beforeAll(async () => {
  server = await startModelServer(
    new FakeInferenceEngine(),
    memoryModels('m', new Map([[1, () => fakeModelBytes()]])),
    { maxBodyBytes: 64 * 1024 },
  );
});
afterAll(() => server.stop());

const x = (change: object = {}) => ({ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 0], ...change });
const infer = (body: unknown, headers?: Record<string, string>, path = '/v2/models/m/infer') =>
  server.post(path, body, headers);
const good = { inputs: [x()] };
const patient = { timeout: 10_000 };
const goodText = JSON.stringify(good);
const request = (body: string | Uint8Array, headers = '', method = 'POST') =>
  `${method} /v2/models/m/infer HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${body.length}\r\n\r\n`;

/** Whatever happened before, an honest request is answered. */
afterEach(async () => {
  const { status, json } = await infer(good);
  expect([status, json['outputs']]).toEqual([200, [{ name: 'y', datatype: 'FP32', shape: [1, 2], data: [1, 2] }]]);
});

describe('wrong requests', () => {
  test.each([
    ['empty body', '', /is empty/],
    ['no JSON', 'hello', /not valid JSON/],
    ['a list', [], /the request must be a JSON object, got an array/],
    ['null', 'null', /must be a JSON object, got null/],
    ['no inputs', {}, /inputs must be an array, got nothing/],
    ['empty inputs', { inputs: [] }, /inputs is empty/],
    ['an input that is no object', { inputs: [1] }, /inputs\[0\] must be a JSON object, got 1/],
    ['no name', { inputs: [x({ name: undefined })] }, /inputs\[0\]\.name must be a string/],
    ['an input twice', { inputs: [x(), x()] }, /input "x" is given twice/],
    ['an unknown input', { inputs: [x(), x({ name: 'z' })] }, /no input "z"/],
    ['a missing input', { inputs: [x({ name: 'z' })] }, /input "x" is missing/],
    ['an unknown output', { ...good, outputs: [{ name: 'q' }] }, /no output "q"/],
    ['an output twice', { ...good, outputs: [{ name: 'y' }, { name: 'y' }] }, /asked for twice/],
    ['a wrong rank', { inputs: [x({ shape: [2] })] }, /must have the shape \[-1, 2\].*\[2\]/],
    ['a wrong size', { inputs: [x({ shape: [1, 3], data: [1, 2, 3] })] }, /must have the shape/],
    ['a negative size', { inputs: [x({ shape: [-1, 2] })] }, /whole number of at least 0, got -1/],
    ['a fraction as size', { inputs: [x({ shape: [1.5, 2] })] }, /got 1.5/],
    ['a shape past all bodies', { inputs: [x({ shape: [2 ** 40, 2 ** 12] })] }, /more elements than any body/],
    ['40 dimensions', { inputs: [x({ shape: Array(40).fill(1) })] }, /at most 32/],
    ['no rows', { inputs: [x({ shape: [0, 2], data: [] })] }, /no rows/],
    ['another datatype', { inputs: [x({ datatype: 'INT32' })] }, /must be FP32, the request says INT32/],
    ['an unknown datatype', { inputs: [x({ datatype: 'float' })] }, /unknown datatype "float"/],
    ['bfloat16', { inputs: [x({ datatype: 'BF16' })] }, /BF16 is not supported/],
    ['too few elements', { inputs: [x({ data: [1] })] }, /needs 2 elements, data has 1/],
    ['too many elements', { inputs: [x({ data: [1, 2, 3] })] }, /needs 2 elements, data has 3/],
    ['ragged rows', { inputs: [x({ shape: [2, 2], data: [[1, 2], [3]] })] }, /1 at dimension 1/],
    ['rows of different kinds', { inputs: [x({ shape: [2, 2], data: [[1, 2], 3] })] }, /nested data has 3/],
    ['text for a number', { inputs: [x({ data: ['1', 2] })] }, /element 0 is "1"; expected a number/],
    ['null for a number', { inputs: [x({ data: [null, 2] })] }, /element 0 is null/],
    [
      'a bare NaN',
      '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[NaN,1]}]}',
      /NaN is not a JSON number/,
    ],
    ['a number past FP32', { inputs: [x({ data: [1e39, 1] })] }, /1e\+39, out of the range of FP32/],
    ['data that is no array', { inputs: [x({ data: 5 })] }, /data must be an array, got 5/],
    ['an id that is no text', { ...good, id: 7 }, /id must be a string/],
    [
      'a parameter that would change the answer',
      { ...good, parameters: { sequence_id: 1 } },
      /`sequence_id`.*not supported/,
    ],
    ['10,000-deep JSON', `{"inputs":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, /nested deeper than 64 levels/],
    [
      '10,000-deep data',
      JSON.stringify({ inputs: [x({ data: 0 })] }).replace('"data":0', `"data":${'['.repeat(9999)}`),
      /deeper/,
    ],
  ] as [string, unknown, RegExp][])('%s', async (_, body, message) => {
    const { status, error } = await infer(body);
    expect(error).toMatch(message);
    expect(status).toBe(400);
  });

  test('invalid UTF-8', async () => {
    expect((await infer(Uint8Array.of(0x7b, 0xff, 0x7d))).error).toMatch(/not valid UTF-8/);
  });

  test.each([
    ['truncated', { binary_data_size: 8 }, 7, /binary_data_size is 8, only 7 bytes are left/],
    ['surplus', { binary_data_size: 8 }, 9, /1 bytes are left in the body/],
    ['too small for the shape', { binary_data_size: 4 }, 4, /needs 8 bytes, binary_data_size is 4/],
    ['a negative size', { binary_data_size: -8 }, 8, /whole number of bytes, got -8/],
    ['a size of text', { binary_data_size: '8' }, 8, /whole number of bytes, got "8"/],
  ] as [string, object, number, RegExp][])('binary tensor: %s', async (_, parameters, length, message) => {
    const json = JSON.stringify({ inputs: [x({ data: undefined, parameters })] });
    const body = new Uint8Array(Buffer.concat([Buffer.from(json), Buffer.alloc(length)]));
    const { status, error } = await infer(body, { 'inference-header-content-length': `${json.length}` });
    expect(error).toMatch(message);
    expect(status).toBe(400);
  });

  test.each([
    ['an unknown model', '/v2/models/other/infer', 404, /unknown model "other"; loaded: "m"/],
    ['an unknown version', '/v2/models/m/versions/7/infer', 404, /no version "7" here; it has 1/],
    ['a version that is no number', '/v2/models/m/versions/v1/infer', 404, /no version "v1"/],
    ['broken percent-encoding', '/v2/models/%zz/infer', 400, /percent-encoding/],
    ['an unknown path', '/v2/models/m/predict', 404, /nothing at POST/],
  ] as [string, string, number, RegExp][])('%s', async (_, path, status, message) => {
    const answer = await infer(good, undefined, path);
    expect(answer.error).toMatch(message);
    expect(answer.status).toBe(status);
  });

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])(
    '%s on infer is 405 and says what is allowed',
    async (method) => {
      const response = await fetch(`${server.url}/v2/models/m/infer`, { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
      const text = await response.text();
      expect(text === '').toBe(method === 'HEAD');
    },
  );

  test('POST on a path to read is 405; HEAD is answered without a body', async () => {
    expect((await server.post('/v2/health/live', '')).headers.get('allow')).toBe('GET, HEAD');
    const head = await fetch(`${server.url}/v2/models/m`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(100);
  });

  test('a deadline that is no number, and one of nothing', async () => {
    expect((await infer(good, { 'plimsoll-deadline-ms': 'soon' })).error).toMatch(/must be a number of milliseconds/);
    expect((await infer(good, { 'plimsoll-deadline-ms': '0' })).status).toBe(504);
  });

  test('a compressed body is refused by name', async () => {
    const { status, error } = await infer(good, { 'content-encoding': 'gzip' });
    expect([status, error]).toEqual([415, expect.stringMatching(/gzip is not supported/)]);
  });
});

describe('bodies that are too large', () => {
  const large = 'x'.repeat(64 * 1024 + 1);

  test('said in Content-Length: 413 with the limit', async () => {
    const { status, error } = await infer(large);
    expect([status, error]).toEqual([413, expect.stringMatching(/larger than the limit of 64KiB/)]);
  });

  test('64 MB: 413, and the client gets to read it', async () => {
    const { status, error } = await infer(new Uint8Array(64_000_000));
    expect([status, error]).toEqual([413, expect.stringMatching(/limit/)]);
  });

  test('sent in chunks without saying how long: 413 once the limit is passed', async () => {
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    const head = 'POST /v2/models/m/infer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await server.raw([head, chunk, chunk, chunk, '0\r\n\r\n'])).toMatch(/^HTTP\/1\.1 413 .*limit/s);
  });

  test('headers past 16 KiB: 431', async () => {
    expect(await server.raw([request('', `a: ${'b'.repeat(20_000)}\r\n`)])).toMatch(/^HTTP\/1\.1 431 .*{"error":/s);
  });
});

describe('slow connections', () => {
  /** A server of their own: on a busy machine, an honest client misses bounds that are so short. */
  let hasty: ModelServerRig;
  beforeAll(async () => {
    const models = memoryModels('m', new Map([[1, () => fakeModelBytes()]]));
    hasty = await startModelServer(new FakeInferenceEngine(), models, { headersTimeoutMs: 400, bodyTimeoutMs: 800 });
  });
  afterAll(() => hasty.stop());
  afterEach(() => expect.poll(async () => (await hasty.post('/v2/models/m/infer', good)).status, patient).toBe(200));

  test('a byte of the headers now and then: 408 within the bound', async () => {
    const answer = await hasty.raw([...'POST /v2/models/m/infer HTTP/1.1\r\n'], { pauseMs: 60 });
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*Connection: close.*{"error":"the request did not arrive in time/s);
  });

  test('a byte of the body now and then: 408 within the bound', async () => {
    const answer = await hasty.raw([request(goodText), ...goodText], { pauseMs: 60 });
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*{"error":"the request did not arrive in time/s);
  });
});

describe('broken connections', () => {
  const answersIn = (received: string): number => received.split('HTTP/1.1 200').length - 1;

  test('no HTTP at all: 400', async () => {
    expect(await server.raw(['\x16\x03\x01 hello\r\n\r\n'])).toMatch(/^HTTP\/1\.1 400 .*{"error":"this is not HTTP/s);
  });

  test('pipelined requests are answered in order', async () => {
    const bodies = ['1', '2', '3'].map((id) => JSON.stringify({ id, ...good }));
    const requests = bodies.map((body) => request(body) + body).join('');
    const answer = await server.raw([requests], { enough: (received) => received.includes('"id":"3"') });
    expect([...answer.matchAll(/"id":"(\d)"/g)].map(([, id]) => id)).toEqual(['1', '2', '3']);
  });

  test('garbage behind a pipelined request does not take its answer away', async () => {
    const answer = await server.raw([request(goodText) + goodText + '\x00\x01garbage\r\n\r\n']);
    expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '400']);
  });

  test('a client that leaves in the middle of its body leaves nothing behind', async () => {
    for (let at = 0; at < 20; at += 1) await server.raw([request(goodText), goodText.slice(0, 20)], { forMs: 5 });
    const metrics = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text();
    await expect.poll(metrics, patient).toMatch(/plimsoll_model_server_in_flight_requests 0\n/);
  });

  test('a client that leaves while it is being refused leaves nothing behind', async () => {
    const head = 'POST /v2/models/other/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n';
    for (let at = 0; at < 20; at += 1) {
      const options = at === 0 ? { enough: (received: string) => received.includes('unknown model') } : { forMs: 5 };
      const answer = await server.raw([head, 'x'.repeat(500)], options);
      if (at === 0) expect(answer).toMatch(/^HTTP\/1\.1 404 .*unknown model/s);
    }
  });

  test('keep-alive: one connection, many requests', async () => {
    const parts = Array.from({ length: 5 }, () => request(goodText) + goodText);
    const answer = await server.raw(parts, { pauseMs: 30, enough: (received) => answersIn(received) === 5 });
    expect(answersIn(answer)).toBe(5);
  });
});
