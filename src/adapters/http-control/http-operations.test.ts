import { describe, expect, it } from 'vitest';
import { operationsContract } from '../../testing/contracts/operations-contract.ts';
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
  it('say that nobody answers, and what to do', async () => {
    const operations = makeHttpOperations({ url: 'http://127.0.0.1:1', token: null, signal: never });
    await expect(operations.view('digits', 'default')).rejects.toMatchObject({
      code: 'control-plane-unreachable',
      category: 'unavailable',
      next: expect.stringContaining('plimsoll up'),
    });
  });
});
