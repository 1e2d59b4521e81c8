import { afterEach, expect, it } from 'vitest';
import { FakeInferenceEngine, fakeModelBytes } from '../../testing/fakes/fake-inference-engine.ts';
import { memoryModels, startModelServer } from '../../testing/rigs/model-server-rig.ts';

const token = 'f'.repeat(64);
const models = memoryModels('m', new Map([[1, () => fakeModelBytes()]]));
let server: Awaited<ReturnType<typeof startModelServer>>;
afterEach(() => server.stop());

const order = async (what: string, authorization?: string): Promise<number> => {
  const headers = { ...(authorization === undefined ? {} : { authorization }) };
  const answer = await fetch(`${server.url}/v2/repository/models/m/${what}`, { method: 'POST', headers });
  await answer.arrayBuffer();
  return answer.status;
};
const isReady = async (): Promise<boolean> => (await fetch(`${server.url}/v2/models/m/ready`)).ok;

it.each([
  ['no credential', undefined, 401],
  ['no bearer', 'Basic Zjpm', 401],
  ['another token', `Bearer ${'0'.repeat(64)}`, 403],
  ['the beginning of the token', `Bearer ${token.slice(0, 63)}`, 403],
])('an order with %s is refused, on the loopback address too', async (_what, authorization, status) => {
  server = await startModelServer(new FakeInferenceEngine(), models, { ordersToken: token });
  expect([await order('unload', authorization), await order('load', authorization)]).toEqual([status, status]);
  expect(await isReady()).toBe(true);
});

it('takes the orders of who shows the token, and answers what changes nothing without', async () => {
  server = await startModelServer(new FakeInferenceEngine(), models, { ordersToken: token });
  expect([await order('unload', `Bearer ${token}`), await isReady()]).toEqual([200, false]);
  expect([await order('load', `Bearer ${token}`), await isReady()]).toEqual([200, true]);
  const index = await fetch(`${server.url}/v2/repository/index`, { method: 'POST' });
  expect(index.status).toBe(200);
});

it('a server that nobody gave a token takes orders as before', async () => {
  server = await startModelServer(new FakeInferenceEngine(), models);
  expect(await order('unload')).toBe(200);
});
