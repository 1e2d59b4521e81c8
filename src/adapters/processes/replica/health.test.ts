import { createServer, type Server } from 'node:http';
import { createServer as createNetServer, type AddressInfo, type Server as NetServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { findFreePort } from '../port/free-port.ts';
import { probeHealth } from './health.ts';

const never = new AbortController().signal;
let server: Server | null = null;
let closing: NetServer | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
  closing?.close();
  closing = null;
});

/** Answers each path with its status; a path that is not named is never answered. */
async function serve(statuses: Readonly<Record<string, number>>): Promise<string> {
  const port = await findFreePort('127.0.0.1', new Set());
  const made = createServer((request, response) => {
    const status = statuses[request.url ?? ''];
    if (status !== undefined) response.writeHead(status).end('x'.repeat(100_000));
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(port, '127.0.0.1', resolve));
  return `http://127.0.0.1:${port}`;
}

describe('health by the protocol of the service', () => {
  it.each([
    [
      'both answer',
      { '/v2/health/ready': 200, '/v2/models/a%20b/ready': 200 },
      true,
      /\/v2\/models\/a%20b\/ready answered 200/,
    ],
    [
      'only the server answers',
      { '/v2/health/ready': 200, '/v2/models/a%20b/ready': 503 },
      false,
      /models.* answered 503/,
    ],
    [
      'the server is not ready',
      { '/v2/health/ready': 503, '/v2/models/a%20b/ready': 200 },
      false,
      /health\/ready answered 503/,
    ],
  ])('open-inference-v2: %s', async (_name, statuses, ready, reason) => {
    const health = await probeHealth(await serve(statuses), 'open-inference-v2', 'a b', 1_000, never);
    expect(health).toMatchObject({ ready, timedOut: false, reason: expect.stringMatching(reason) as string });
  });

  it.each([
    ['it has /health', { '/health': 200, '/v1/models': 500 }, true],
    ['it has no /health, but models', { '/health': 404, '/v1/models': 200 }, true],
    ['it is ill', { '/health': 500, '/v1/models': 200 }, false],
  ])('openai: %s', async (_name, statuses, ready) => {
    expect((await probeHealth(await serve(statuses), 'openai', 'm', 1_000, never)).ready).toBe(ready);
  });

  it('tells silence from refusal', async () => {
    const silent = await probeHealth(await serve({}), 'openai', 'm', 50, never);
    expect(silent).toMatchObject({ ready: false, timedOut: true });
    const port = await findFreePort('127.0.0.1', new Set());
    const refused = await probeHealth(`http://127.0.0.1:${port}`, 'openai', 'm', 1_000, never);
    expect(refused).toEqual({ ready: false, timedOut: false, couldNotAsk: false, reason: 'GET /health: ECONNREFUSED' });
  });

  const listening = async (made: NetServer): Promise<string> => {
    closing = made;
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
  };

  it('finds a server that speaks TLS, and takes none for one that only closes connections', async () => {
    // Without a certificate it ends each handshake by an alert, as one that refuses this client does.
    const tls = createTlsServer({}).on('tlsClientError', () => undefined);
    expect(await probeHealth(await listening(tls), 'openai', 'm', 1_000, never)).toMatchObject({
      ready: false,
      isForeign: true,
      reason: expect.stringMatching(/speaks TLS.*GET \/health/) as string,
    });
    tls.close();
    const resets = createNetServer((socket) => socket.on('error', () => undefined).resetAndDestroy());
    const health = await probeHealth(await listening(resets), 'openai', 'm', 1_000, never);
    expect([health.ready, health.isForeign]).toEqual([false, undefined]);
  });

  it.each([
    ['a page', '<!doctype html><title>Welcome</title>', false],
    ['two words in the type of a page', 'all well', true],
    ['nothing in the type of a page', '', true],
  ])('takes no page for people for a server that is ready: %s', async (_what, body, ready) => {
    const site = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(body);
    });
    const health = await probeHealth(await listening(site), 'open-inference-v2', 'm', 1_000, never);
    expect([health.ready, health.isForeign === true]).toEqual([ready, !ready]);
  });

  it('ends at once when nobody wants to know any more', async () => {
    const gone = new AbortController();
    const asking = probeHealth(await serve({}), 'openai', 'm', 60_000, gone.signal);
    gone.abort();
    expect((await asking).ready).toBe(false);
  });
});
