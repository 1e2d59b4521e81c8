import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelRegistry } from '../../ports/artifacts/model-registry.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { makeMlflowRegistry } from './mlflow-registry.ts';

type Script = (request: IncomingMessage, response: ServerResponse) => void;
const { signal } = new AbortController();
let server: Server;
let script: Script;
let registry: ModelRegistry;
let requests: IncomingMessage[];

const open = (env: Record<string, string> = {}, clock: { monotonicMs?: () => number } = {}): ModelRegistry =>
  makeMlflowRegistry({
    base: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    location: 'mlflow://scripted',
    env,
    clock: Object.assign(new FakeClock(), { sleep: () => Promise.resolve() }, clock),
    times: { idleMs: 100, attempts: 2, firstBackoffMs: 1, backoffAtMostMs: 1 },
    openPlace: () => Promise.resolve(null),
  });
const json = (response: ServerResponse, body: unknown, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    script(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry = open();
});
afterEach(async () => {
  await registry.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('an MLflow server that is not well', () => {
  it.each<[string, Script, object]>([
    ['hangs', () => undefined, { code: 'remote-unreachable' }],
    ['cuts every connection', (request) => request.socket.destroy(), { code: 'remote-unreachable' }],
    [
      'answers half',
      (_, response) => void response.writeHead(200, { 'content-length': 99 }).end('{"a'),
      { code: 'remote-unreachable' },
    ],
    ['is in trouble', (_, response) => json(response, { message: 'database' }, 503), { code: 'remote-unreachable' }],
    [
      'answers HTML',
      (_, response) => void response.end('<!doctype html>'),
      { code: 'remote-answer', message: /HTML page/ },
    ],
    ['answers nothing', (_, response) => void response.end(), { code: 'remote-answer', message: /nothing/ }],
    [
      'redirects to a page',
      (_, response) => void response.writeHead(302, { location: '/login' }).end(),
      { code: 'remote-answer' },
    ],
    [
      'knows nobody',
      (_, response) => void response.writeHead(401).end(),
      { code: 'remote-refused', category: 'unauthorized' },
    ],
    ['answers another shape', (_, response) => json(response, { registered_models: 7 }), { code: 'remote-answer' }],
    ['gives one page for ever', (_, response) => json(response, { next_page_token: 'x' }), { code: 'remote-answer' }],
  ])('that %s is told from one that is', async (_what, answer, expected) => {
    script = answer;
    const thrown: unknown = await registry.names(signal).catch((error: unknown) => error);
    const { message, ...rest } = expected as { readonly message?: RegExp };
    expect(thrown).toMatchObject(rest);
    if (message !== undefined) expect(String(thrown)).toMatch(message);
  });

  it('asks a second time where the first did not come through, and follows pages', async () => {
    script = (request, response) => {
      if (requests.length === 1) request.socket.destroy();
      else if (requests.length === 2) json(response, { registered_models: [{ name: 'b' }], next_page_token: 'x' });
      else json(response, { registered_models: [{ name: 'a' }] });
    };
    expect(await registry.names(signal)).toEqual(['a', 'b']);
    expect(requests[2]?.url).toContain('page_token=x');
  });

  it('says that a server is older than aliases, and reads it as one without', async () => {
    script = (request, response) => {
      if (request.url?.includes('registered-models/get') === true) json(response, { registered_model: { name: 'd' } });
      else if (request.url?.includes('model-versions/get') === true)
        json(response, { model_version: { name: 'd', version: '1' } });
      else json(response, { error_code: 'ENDPOINT_NOT_FOUND', message: 'no such' }, 404);
    };
    expect(await registry.aliases('d', signal)).toEqual({});
    await expect(registry.setAlias?.('d', 'champion', '1', signal)).rejects.toMatchObject({
      code: 'remote-without-aliases',
    });
  });

  it.each([
    [{ MLFLOW_TRACKING_USERNAME: 'ann', MLFLOW_TRACKING_PASSWORD: 'p' }, 'Basic YW5uOnA='],
    [{ MLFLOW_TRACKING_TOKEN: 't0ken' }, 'Bearer t0ken'],
    [{}, undefined],
  ])('sends the credentials of %j', async (env, header) => {
    script = (_, response) => json(response, {});
    const other = open(env);
    await other.names(signal);
    await other.close();
    expect(requests[0]?.headers.authorization).toBe(header);
  });

  it.each([
    ['file:///etc', /neither handed out by MLflow nor read here/],
    ['mlflow-artifacts://elsewhere.example:1/x', /neither handed out/],
  ])('reads no files of %s for a server that names them', async (uri, words) => {
    script = (request, response) => {
      if (request.url?.includes('download-uri') === true) json(response, { artifact_uri: uri });
      else json(response, { model_version: { name: 'd', version: '1', status: 'READY' } });
    };
    await expect(registry.files('d', '1', signal)).rejects.toThrow(words);
  });

  it('gives a file up that only drips, however long it goes on', async () => {
    let downloads = 0;
    let nowMs = 0;
    script = (request, response) => {
      const { pathname } = new URL(request.url ?? '', 'http://mlflow');
      if (pathname.endsWith('download-uri')) json(response, { artifact_uri: 'mlflow-artifacts:/x' });
      else if (pathname.endsWith('/artifacts')) json(response, { files: [{ path: 'model.onnx', file_size: 100_000 }] });
      else if (!pathname.includes('/artifacts/'))
        json(response, { model_version: { name: 'd', version: '1', status: 'READY' } });
      else {
        downloads += 1;
        response.writeHead(request.headers.range === undefined ? 200 : 206);
        const drip = setInterval(() => void response.write('x'), 2);
        response.on('close', () => clearInterval(drip));
      }
    };
    const slow = open({}, { monotonicMs: () => (nowMs += 40_000) });
    const { files, read } = await slow.files('d', '1', signal);
    const reading = (async () => {
      for await (const piece of read(files[0]!, signal)) expect(piece.length).toBeLessThan(100);
    })();
    await expect(reading).rejects.toMatchObject({
      code: 'remote-unreachable',
      message: expect.stringContaining('less than 65536 bytes a minute'),
    });
    await slow.close();
    expect(downloads).toBe(2);
  });

  it('names no file outside of its folder', async () => {
    script = (request, response) => {
      if (request.url?.includes('download-uri') === true) json(response, { artifact_uri: 'mlflow-artifacts:/x' });
      else if (request.url?.includes('/artifacts') === true) json(response, { files: [{ path: '..', file_size: 1 }] });
      else json(response, { model_version: { name: 'd', version: '1', status: 'READY' } });
    };
    await expect(registry.files('d', '1', signal)).rejects.toMatchObject({ code: 'remote-path-unsafe' });
  });
});
