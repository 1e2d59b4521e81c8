import { createServer, request as plainRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect as connectTcp, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { controlPlaneIdentitySchema } from '../../schemas/http/http-control-plane.ts';
import { sessionSchema } from '../../schemas/http/http-session.ts';
import { openTestServer, testToken } from '../../testing/rigs/control-plane-server.ts';
import { makeControlRequest } from './control-request.ts';

const closing: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function realUrl(host = '127.0.0.1'): Promise<string> {
  const server = await openTestServer();
  closing.push(() => server.close());
  return server.listen({ host, port: 0 });
}

interface Liar {
  readonly url: string;
  readonly seen: IncomingHttpHeaders[];
}

/** A program that took over the port; `answer` is what it says when it is asked for the proof. */
async function startLiar(answer: (path: string) => Promise<{ status: number; body: string }>): Promise<Liar> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    void answer(request.url ?? '').then(({ status, body }) => {
      response
        .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
        .end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const ask = (url: string, token: string | null = testToken, timeoutMs = 2_000) =>
  makeControlRequest({ url, token, signal: new AbortController().signal, timeoutMs })(
    'GET',
    '/v1/identity',
    controlPlaneIdentitySchema,
  );

describe('a token of a service account, which a server cannot know before', () => {
  const account = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln';

  it('goes over plain HTTP only where somebody trusts the network', async () => {
    const liar = await startLiar(async () => ({ status: 401, body: '{}' }));
    await expect(ask(liar.url, account)).rejects.toMatchObject({ code: 'plain-http-refused', category: 'input' });
    expect(liar.seen).toEqual([]);
    const address = { url: liar.url, token: account, plainHttp: true, signal: new AbortController().signal };
    await expect(makeControlRequest(address)('GET', '/v1/identity', null)).rejects.toThrow('answered 401');
    expect(liar.seen[0]?.authorization).toBe(`Bearer ${account}`);
  });
});

describe('a token is sent', () => {
  it('to the control plane that knows it, at each of its addresses', async () => {
    expect(await ask(await realUrl())).toMatchObject({ service: 'digits' });
    expect(await ask(await realUrl('::1'))).toMatchObject({ service: 'digits' });
  });

  it.each([
    ['makes a proof up', async () => ({ status: 200, body: JSON.stringify({ address: 'x', proof: '0'.repeat(64) }) })],
    ['answers something else', async () => ({ status: 200, body: '{"ok":true}' })],
    ['answers no JSON', async () => ({ status: 200, body: '<html>' })],
    ['has no such path', async () => ({ status: 404, body: '{}' })],
    ['sends it elsewhere', async () => ({ status: 307, body: '' })],
    ['answers too much', async () => ({ status: 200, body: 'x'.repeat(100_000) })],
  ])('to none that %s', async (_what, answer) => {
    const liar = await startLiar(answer);
    await expect(ask(liar.url)).rejects.toMatchObject({ code: 'server-not-proven', category: 'unauthorized' });
    expect(liar.seen).toHaveLength(1);
    expect(JSON.stringify(liar.seen)).not.toContain(testToken);
  });

  it('to none that passes the question on to the real one', async () => {
    const real = await realUrl();
    const liar = await startLiar(async (path) => {
      const answer = await fetch(new URL(path, real));
      return { status: answer.status, body: await answer.text() };
    });
    await expect(ask(liar.url)).rejects.toMatchObject({ code: 'server-not-proven' });
    expect(JSON.stringify(liar.seen)).not.toContain(testToken);
  });

  it('to none that says nothing', async () => {
    const silent: TcpServer = createTcpServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closing.push(() => void silent.close());
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await expect(ask(url, testToken, 200)).rejects.toMatchObject({ code: 'server-not-proven' });
  }, 10_000);

  it('to no control plane that does not know it', async () => {
    await expect(ask(await realUrl(), 'plm_of-another')).rejects.toMatchObject({
      code: 'token-unknown',
      message: expect.stringContaining('was not sent'),
    });
  });

  it('never asked for where there is none', async () => {
    const liar = await startLiar(async () => ({ status: 200, body: '{}' }));
    await expect(ask(liar.url, null)).rejects.toMatchObject({ code: 'control-plane-unreachable' });
    expect(liar.seen[0]).not.toHaveProperty('authorization');
  });
});

it('a proven connection carries several requests', async () => {
  const url = await realUrl();
  const asked = makeControlRequest({ url, token: testToken, signal: new AbortController().signal });
  for (let round = 0; round < 3; round += 1) await asked('GET', '/v1/identity', controlPlaneIdentitySchema);
  // The server is still there for others too.
  const status = await new Promise((resolve) =>
    plainRequest(new URL('/v1/health', url), (res) => resolve(res.resume().statusCode)).end(),
  );
  expect(status).toBe(200);
});

it('over a connection that is made by another way there is no proof, and the token goes', async () => {
  const url = new URL(await realUrl());
  const connect = async (): Promise<Duplex> => connectTcp(Number(url.port), url.hostname);
  const signal = new AbortController().signal;
  const address = { url: 'http://127.0.0.1:7071', token: testToken, connect, signal };
  const asked = makeControlRequest(address)('GET', '/v1/session', sessionSchema);
  expect(await asked).toEqual({ name: 'ada', roles: ['operate'] });
});
