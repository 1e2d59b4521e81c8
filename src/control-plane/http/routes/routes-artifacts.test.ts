import { afterEach, beforeEach, expect, it } from 'vitest';
import { digestOf } from '../../../core/units/digest.ts';
import { releaseRequestSchema } from '../../../schemas/http/http-release.ts';
import { asOperator, openTestServer } from '../../../testing/rigs/control-plane-server.ts';
import { aReleaseRequest } from '../../../testing/builders/release-fixture.ts';
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
  const version = {
    ...{ environment: 'default', name: 'Llama-3.1-8B', digest: digestOf('m'), format: 'gguf' },
    ...{ files: [{ path: 'model.gguf', digest, bytes }], signature: null, facts: {}, lineage: {} },
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

it('takes a release of such a model, and of such golden data', async () => {
  const request = await aReleaseRequest(source.blobs, 1);
  const named = {
    ...request,
    model: { ...request.model, name: 'Llama-3.1-8B' },
    golden: { ...request.golden!, dataName: 'Golden-Set' },
  };
  expect(releaseRequestSchema.safeParse(named).success).toBe(true);
  expect(releaseRequestSchema.safeParse({ ...named, service: 'Llama-3.1-8B' }).success).toBe(false);
});
