import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { releaseAskSchema, releaseRequestSchema } from '../../schemas/http/release/http-release.ts';
import { operationsContract } from '../../testing/contracts/operations/operations-contract.ts';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';
import { openTestServer, testToken } from '../../testing/rigs/control-plane-server.ts';
import { makeHttpOperations } from './http-operations.ts';

const never = new AbortController().signal;

operationsContract('over HTTP', async () => {
  const source = await openStoreOperations();
  const server = await openTestServer({ store: source.store, operationsFor: (by) => source.operationsFor(by) });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    operations: makeHttpOperations({ url, token: testToken, signal: never }),
    blobs: source.blobs,
    by: 'ada',
    bringIn: () => source.bringIn(),
    nowMs: () => source.clock.nowMs(),
    close: () => server.close(),
  };
});

describe('operations over HTTP', () => {
  it('say which version asks, with every request', async () => {
    const heard: unknown[] = [];
    const server = createServer((request, response) => {
      heard.push(request.headers['plimsoll-version']);
      response.end('[]');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const operations = makeHttpOperations({ url, token: null, version: '1.2.3', signal: never });
    await operations.releases('digits', 'default');
    await operations.recordRegistrySync({ environment: 'default' } as never);
    expect(heard).toEqual(['1.2.3', '1.2.3']);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('take what a newer control plane says more', async () => {
    const ask = {
      ...{
        id: 'a',
        service: 's',
        environment: 'e',
        bundle: `sha256:${'0'.repeat(64)}`,
        again: false,
        by: 'b',
        atMs: 1,
      },
      ...{ state: 'refused', reason: 'r', release: null, changedAtMs: 1, progress: null, owner: 'new' },
      waivers: [{ kind: 'golden', reason: 'r', untilMs: 1, approvedBy: 'new' }],
    };
    expect(releaseAskSchema.parse(ask)).not.toHaveProperty('owner');
    const request = { service: 's', environment: 'e', bundle: ask.bundle, waivers: [], again: false };
    expect(releaseRequestSchema.safeParse(request).success).toBe(true);
    expect(releaseRequestSchema.safeParse({ ...request, verdict: 'pass' }).success).toBe(false);
    expect(releaseRequestSchema.safeParse({ ...request, waivers: ask.waivers }).success).toBe(false);
  });

  it('say that nobody answers, and what to do', async () => {
    const operations = makeHttpOperations({ url: 'http://127.0.0.1:1', token: null, signal: never });
    await expect(operations.view('digits', 'default')).rejects.toMatchObject({
      code: 'control-plane-unreachable',
      category: 'unavailable',
      next: expect.stringContaining('plimsoll up'),
    });
  });
});
