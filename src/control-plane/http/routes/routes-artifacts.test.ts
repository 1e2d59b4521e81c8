import { afterEach, beforeEach, expect, it } from 'vitest';
import { artifactDigest } from '../../../core/registry/artifact.ts';
import { asOperator, openTestServer } from '../../../testing/rigs/control-plane-server.ts';
import { openStoreOperations, type StoreOperations } from '../../../testing/rigs/store-operations.ts';
import type { Server } from '../http-parts.ts';

const host = '127.0.0.1:7070';
let source: StoreOperations;
let server: Server;
beforeEach(async () => {
  source = await openStoreOperations();
  server = await openTestServer({ store: source.store, operationsFor: (by) => source.operationsFor(by) });
});
afterEach(() => server.close());

const get = async (url: string) => {
  const answer = await server.inject({ url, headers: { host } });
  return { status: answer.statusCode, json: answer.json<unknown>() };
};

/** As `model add --name Llama-3.1-8B` sends it when a control plane runs. */
it('takes, shows and draws the lineage of a model whose name is no service’s', async () => {
  const { digest, bytes } = await source.blobs.put(new TextEncoder().encode('weights'));
  const files = [{ path: 'model.gguf', digest, bytes }];
  const version = {
    ...{ environment: 'default', name: 'Llama-3.1-8B', digest: artifactDigest(files), format: 'gguf' },
    ...{ files, signature: null, facts: {}, lineage: {} },
  };
  const post = (body: unknown) =>
    server.inject({
      method: 'POST',
      url: '/v1/models',
      headers: { host, ...asOperator, 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    });
  expect((await post(version)).statusCode).toBe(201);
  const refused = await post({ ...version, name: '../Llama' });
  expect([refused.statusCode, refused.body]).toEqual([400, expect.stringContaining('1 to 128 letters')]);
  expect(await get('/v1/models/Llama-3.1-8B')).toMatchObject({ status: 200, json: { versions: [{ version: 1 }] } });
  expect(await get('/v1/lineage?model=Llama-3.1-8B')).toMatchObject({ status: 200 });
  expect(await get('/v1/models/Llama-3.1-70B')).toMatchObject({ status: 404 });
});
