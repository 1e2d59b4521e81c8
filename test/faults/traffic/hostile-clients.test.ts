import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Load } from '../../rigs/load.ts';
import { report } from '../../rigs/seeded.ts';
import { inferBody, rowOf, tinyModel } from '../../rigs/tiny-model.ts';
import { World } from '../../rigs/world.ts';

/** Requests that no client should send, through the whole running system, while others are served. */
const model = tinyModel(1);
const infer = '/v2/models/tiny/infer';
const deep = 10_000;
let world: World;
let load: Load;
let pids: readonly unknown[];
let asked = 0;
let undisturbed = 0;

const pidsNow = async (): Promise<readonly unknown[]> => [
  world.programPid('gateway'),
  world.programPid('control-plane'),
  ...(await world.untilServing('all replicas serve')).map((replica) => replica.pid),
];

beforeAll(async () => {
  world = await World.open({ replicas: 2 });
  await world.release(model);
  pids = await pidsNow();
  load = new Load(world.gatewayUrl, [model], 4);
});
beforeEach(() => void load.take());
afterEach(async () => {
  const { failures, answered } = load.take();
  expect(failures).toEqual([]);
  undisturbed += answered;
  expect(await pidsNow()).toEqual(pids);
});
afterAll(async () => {
  report(
    `${asked} hostile requests, a clear error each; ${undisturbed} requests of others answered meanwhile, 0 failed`,
  );
  await load.end();
  expect(await world.close()).toEqual({ status: 0, left: 0 });
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function send(url: string, init: RequestInit): Promise<Answer> {
  asked += 1;
  const answer = await fetch(url, { signal: AbortSignal.timeout(60_000), ...init });
  return { status: answer.status, text: await answer.text() };
}

/** An error that a person can act on: the status, a JSON body, and words that say what is wrong. */
function expectClear(answer: Answer, status: number | readonly number[], words: RegExp): void {
  const statuses: readonly number[] = typeof status === 'number' ? [status] : status;
  expect(statuses, answer.text.slice(0, 300)).toContain(answer.status);
  const body = JSON.parse(answer.text) as { readonly error?: unknown };
  const error = typeof body.error === 'string' ? body.error : JSON.stringify(body.error);
  expect(error).toMatch(words);
  expect(error).not.toMatch(/\bat .*\.ts:\d+/);
}

const tensor = (more: object): string =>
  JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 4], data: [1, 2, 3, 4], ...more }] });

describe('a wrong request is answered with what is wrong', () => {
  it.each<[string, string, number, RegExp]>([
    ['no JSON', '{"inputs": [', 400, /JSON/i],
    ['nothing at all', '', 400, /JSON|empty|body/i],
    ['a bare NaN', '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":[NaN,2,3,4]}]}', 400, /JSON/i],
    ['null for a number', tensor({ data: [null, 2, 3, 4] }), 400, /null|number/i],
    ['text for a number', tensor({ data: ['one', 2, 3, 4] }), 400, /one|number/i],
    ['fewer elements than its shape says', tensor({ data: [1, 2, 3] }), 400, /4|shape|element/i],
    ['a shape that the model does not take', tensor({ shape: [1, 3], data: [1, 2, 3] }), 400, /shape|\[/i],
    ['a negative dimension', tensor({ shape: [-1, 4] }), 400, /shape|-1/i],
    [
      'a shape of more elements than there are numbers',
      tensor({ shape: [4_294_967_296, 4_294_967_296] }),
      400,
      /shape|element/i,
    ],
    ['a datatype that the model does not take', tensor({ datatype: 'INT64' }), 400, /FP32|INT64/],
    ['a datatype that does not exist', tensor({ datatype: 'FP33' }), 400, /FP33/],
    ['an input that the model does not have', tensor({ name: 'z' }), 400, /z/],
    ['no inputs', '{"inputs":[]}', 400, /input/i],
    ['no inputs key', '{}', 400, /input/i],
    ['inputs that are no list', '{"inputs":"all"}', 400, /input/i],
    [`JSON ${deep} deep`, '['.repeat(deep) + ']'.repeat(deep), 400, /deep|nest|JSON|object/i],
    [
      `data ${deep} deep`,
      tensor({ data: 0 }).replace('"data":0', `"data":${'['.repeat(deep)}1${']'.repeat(deep)}`),
      400,
      /deep|nest|shape|data|JSON/i,
    ],
  ])('%s', async (_name, body, status, words) => {
    const answer = await send(world.gatewayUrl + infer, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expectClear(answer, status, words);
  });

  it.each<[string, { json: string; bytes: Uint8Array; headerLength?: number }, RegExp]>([
    ['a binary tensor that is cut off', binary(16, new Uint8Array(9)), /16|9|byte/i],
    ['a binary tensor of the wrong length', binary(12, new Uint8Array(12)), /12|16|byte/i],
    ['more bytes than were announced', binary(16, new Uint8Array(40)), /byte|left|24/i],
    ['a negative length', binary(-1, new Uint8Array(16)), /-1|binary_data_size/i],
    ['a header that is longer than the body', { ...binary(16, new Uint8Array(16)), headerLength: 100_000 }, /header/i],
    ['a header length inside the JSON', { ...binary(16, new Uint8Array(16)), headerLength: 10 }, /JSON|header/i],
  ])('%s', async (_name, { json, bytes, headerLength }, words) => {
    const answer = await send(world.gatewayUrl + infer, {
      method: 'POST',
      headers: { 'inference-header-content-length': String(headerLength ?? json.length) },
      body: Buffer.concat([Buffer.from(json), bytes]),
    });
    expectClear(answer, 400, words);
  });

  it('NaN as a number of its own is answered as NaN, in a form that JSON has', async () => {
    const { json } = binary(16, new Uint8Array());
    const answer = await send(world.gatewayUrl + infer, {
      method: 'POST',
      headers: { 'inference-header-content-length': String(json.length) },
      body: Buffer.concat([Buffer.from(json), Buffer.from(Float32Array.from([NaN, 2, 3, 4]).buffer)]),
    });
    if (answer.status === 200) expect(JSON.stringify(JSON.parse(answer.text))).toContain('"NaN"');
    else expectClear(answer, 400, /NaN|finite/i);
  });

  it.each<[string, string, string, number]>([
    ['a model that is not there', 'POST', '/v2/models/nobody/infer', 404],
    ['a path that is not there', 'GET', '/v3/anything', 404],
    ['a version that is not there', 'POST', '/v2/models/tiny/versions/99/infer', 404],
  ])('%s', async (_name, method, path, status) => {
    const init = method === 'GET' ? {} : { body: inferBody(rowOf(1)), headers: { 'content-type': 'application/json' } };
    const answer = await send(world.gatewayUrl + path, { method, ...init });
    expectClear(answer, [status, 400], /\S/);
  });
});

describe('a body that is too large', () => {
  const large = 64 * 1024 * 1024;

  it('of 64 MB is refused by the replica, of more by the gateway', async () => {
    for (const bytes of [large, large + 1]) {
      const answer = await send(world.gatewayUrl + infer, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: Buffer.alloc(bytes, ' '),
      }).catch((thrown: unknown) => thrown);
      // The connection may be closed on a client that goes on sending after it was refused.
      if (answer instanceof Error) expect(String(answer.cause)).toMatch(/ECONNRESET|EPIPE|closed|socket/i);
      else expectClear(answer as Answer, 413, /large|bytes|MiB/i);
    }
  });

  it('is refused from its length alone, before it is sent', async () => {
    const answer = await rawUntilClosed(
      `POST ${infer} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${large + 1}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('is refused by the control plane as well', async () => {
    const answer = await send(`${world.pageUrl}/v1/releases`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await world.credential()) },
      body: Buffer.alloc(large, ' '),
    }).catch((thrown: unknown) => thrown);
    if (answer instanceof Error) expect(String(answer.cause)).toMatch(/ECONNRESET|EPIPE|closed|socket/i);
    else expectClear(answer as Answer, 413, /large|bytes/i);
  });
});

describe('a wrong request to the control plane', () => {
  it.each<[string, string, string, number]>([
    ['no JSON', 'application/json', '{"service":', 400],
    [`JSON ${deep} deep`, 'application/json', '['.repeat(deep) + ']'.repeat(deep), 400],
    ['another shape', 'application/json', '{"service":7}', 400],
    ['no JSON by its type', 'text/plain', 'hello', 415],
    ['a prototype', 'application/json', '{"__proto__":{"admin":true}}', 400],
  ])('%s', async (_name, type, body, status) => {
    const answer = await send(`${world.pageUrl}/v1/releases`, {
      method: 'POST',
      headers: { 'content-type': type, ...(await world.credential()) },
      body,
    });
    expectClear(answer, status, /\S/);
    // Without a credential nobody gets as far as being parsed.
    const anonymous = await send(`${world.pageUrl}/v1/releases`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
    expectClear(anonymous, 401, /credential/);
  });
});

describe('a client that is slow, or speaks another language', () => {
  it('sends its head one byte a second, twenty times at once: it is let go, nobody waits for it', async () => {
    const startMs = performance.now();
    const head = `POST ${infer} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n`;
    const ends = await Promise.all(Array.from({ length: 20 }, () => dripped(head)));
    asked += 20;
    const tookMs = performance.now() - startMs;
    for (const end of ends) expect(end).toMatch(/^$|^HTTP\/1\.1 408 /);
    expect(tookMs).toBeLessThan(25_000);
    report(`20 clients with one byte of a head a second: let go after ${(tookMs / 1000).toFixed(1)} s`);
  });

  it('sends its body one byte a second: its own deadline ends it', async () => {
    const startMs = performance.now();
    const head = `POST ${infer} HTTP/1.1\r\nhost: x\r\nplimsoll-deadline-ms: 3000\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n`;
    const end = await dripped('{"inputs":'.padEnd(100), head);
    asked += 1;
    const tookMs = performance.now() - startMs;
    expect(end).toMatch(/^HTTP\/1\.1 (408|504) /);
    expect(tookMs).toBeLessThan(15_000);
    report(`a body of one byte a second with a deadline of 3 s: answered after ${(tookMs / 1000).toFixed(1)} s`);
  });

  it.each([
    ['bytes that are no HTTP', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', /^$|^HTTP\/1\.1 400 /],
    ['a head of a megabyte', `GET / HTTP/1.1\r\nx: ${'y'.repeat(1_000_000)}\r\n\r\n`, /^$|^HTTP\/1\.1 431 /],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      /^$|^HTTP\/1\.1 400 /,
    ],
    [
      'length and chunks',
      `POST ${infer} HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      /^$|^HTTP\/1\.1 400 /,
    ],
  ])('sends %s', async (_name, bytes, expected) => {
    expect(await rawUntilClosed(bytes)).toMatch(expected);
  });
});

function binary(size: number, bytes: Uint8Array): { json: string; bytes: Uint8Array } {
  const input = { name: 'x', datatype: 'FP32', shape: [1, 4], parameters: { binary_data_size: size } };
  return { json: JSON.stringify({ inputs: [input] }), bytes };
}

function open(): { socket: Socket; closed: Promise<string> } {
  const { hostname, port } = new URL(world.gatewayUrl);
  const socket = connect({ host: hostname, port: Number(port) });
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    // A kept-alive answer does not close; its head is all that is asked for here.
    if (received.includes('\r\n\r\n')) socket.end();
  });
  socket.on('error', () => undefined);
  return { socket, closed: new Promise((resolve) => socket.once('close', () => resolve(received))) };
}

async function rawUntilClosed(bytes: string): Promise<string> {
  asked += 1;
  const { socket, closed } = open();
  socket.write(Buffer.from(bytes, 'latin1'));
  return await Promise.race([
    closed,
    delay(30_000, undefined, { ref: false }).then(() => Promise.reject(new Error('never closed'))),
  ]);
}

/** One byte a second until the other side ends it. */
async function dripped(bytes: string, atOnce = ''): Promise<string> {
  const { socket, closed } = open();
  let over = false;
  void closed.then(() => (over = true));
  socket.write(atOnce);
  for (const byte of bytes) {
    if (over) break;
    socket.write(byte);
    await Promise.race([delay(1_000), closed]);
  }
  socket.destroy();
  return await closed;
}
