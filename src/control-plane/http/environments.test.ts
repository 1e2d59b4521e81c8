import { bookOfShort } from '../../core/cost/prices/short-prices.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tokenDigestOf, type AccessToken } from '../../core/access/access-token.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import { asGateway, asOperator, testAccess } from '../../testing/rigs/control-plane-server.ts';
import type { Server } from './http-parts.ts';

const environment = 'default';
const token = (name: string, role: AccessToken['role'], service: string | null, of: string | null): AccessToken => ({
  ...{ name, role, sha256: tokenDigestOf(`plm_${name}`), service, environment: of, expiresAtMs: null },
});
const tokens = [
  token('chat-team', 'operate', 'chat', null),
  token('prod-admin', 'operate', null, 'prod'),
  token('default-admin', 'operate', null, environment),
  token('ci', 'release', null, null),
];
const as = (name: string) => ({ authorization: `Bearer plm_${name}` });
const terms = { prices: { currency: 'EUR', acceleratorSecond: { default: 2.5 / 3_600 }, lateRequest: null } };
const book = bookOfShort(terms.prices);
const path = `/v1/environments/${environment}`;

let rig: ControlPlaneRig;
let server: Server;
beforeEach(async () => {
  rig = new ControlPlaneRig();
  rig.services = ['chat', 'digits'].map((service) => ({ service, environment }));
  await rig.start();
  server = await rig.server({ access: testAccess(() => tokens, { openReading: false }) });
});
afterEach(async () => {
  await server.close();
  await rig.stop();
});

const ask = async (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  headers: Readonly<Record<string, string>>,
  payload?: object,
) => {
  const answer = await server.inject({
    ...{ method, url, headers: { host: '127.0.0.1:7070', ...headers } },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, body: answer.json<unknown>() };
};

it('is set and taken back by whoever operates the whole environment, and each service there has the event', async () => {
  expect(await ask('PUT', path, as('default-admin'), { terms })).toMatchObject({
    status: 200,
    body: { environment, version: 1, by: 'default-admin', prices: bookOfShort(terms.prices) },
  });
  expect(await ask('PUT', path, asOperator, { terms, version: 0 })).toMatchObject({
    status: 409,
    body: { error: { code: 'environment-moved' } },
  });
  expect(await ask('DELETE', `${path}?keys=prices`, asOperator)).toMatchObject({ status: 200, body: { version: 2 } });
  expect(await ask('DELETE', `${path}?keys=price`, asOperator)).toMatchObject({ status: 400 });
  const events = await rig.store.events({ kindPrefix: 'environment.' });
  expect(events.map(({ service, by }) => [service, by])).toEqual([
    ['chat', 'default-admin'],
    ['digits', 'default-admin'],
    ['chat', 'ada'],
    ['digits', 'ada'],
  ]);
});

it.each([
  ['a token of one service', as('chat-team'), 403],
  ['a token of another environment', as('prod-admin'), 403],
  ['a token that may release', as('ci'), 403],
  ['a gateway', asGateway, 403],
  ['nobody', {}, 401],
])('%s changes no record', async (_, headers, status) => {
  expect((await ask('PUT', path, headers, { terms })).status).toBe(status);
  expect((await ask('DELETE', path, headers)).status).toBe(status);
  expect(await rig.store.environmentRecords()).toEqual([]);
});

it('is read by whoever reads a service there', async () => {
  await ask('PUT', path, asOperator, { terms });
  await ask('PUT', '/v1/environments/prod', asOperator, { terms: { platform: 'local' } });
  const read = async (headers: Readonly<Record<string, string>>) =>
    ((await ask('GET', '/v1/environments', headers)).body as { environment: string }[]).map((each) => each.environment);
  expect(await read(as('chat-team'))).toEqual([environment, 'prod']);
  expect(await read(as('prod-admin'))).toEqual(['prod']);
  expect((await ask('GET', '/v1/environments', asGateway)).status).toBe(403);
});

it.each([
  ['an unknown key', { terms: { price: 1 } }],
  [
    'a book with two prices at one time',
    { terms: { prices: { ...book, devices: [...book.devices, ...book.devices] } } },
  ],
  ['a price below zero', { terms: { prices: { ...terms.prices, acceleratorSecond: { default: -1 } } } }],
  ['a namespace without a platform', { terms: { namespace: 'vision' } }],
  ['a kind of evidence that there is not', { terms: { policy: { neverWaived: ['gold'] } } }],
  ['a registry that is none', { terms: { policy: { allowedRegistries: ['file:///etc'] } } }],
  ['no terms', {}],
])('%s is refused, and nothing is recorded', async (_, body) => {
  expect((await ask('PUT', path, asOperator, body)).status).toBe(400);
  expect(await rig.store.environmentRecords()).toEqual([]);
});

it('holds a release that contradicts it, with both values, and lets the next one through', async () => {
  await ask('PUT', path, asOperator, { terms });
  const { digest, bytes } = await rig.blobs.put(Buffer.from('currency: EUR\naccelerators: { default: 2.00/h }\n'));
  const wrong = await aReleaseRequest(rig.blobs, 1, {
    service: 'chat',
    contract: { cost: { prices: 'prices.yaml' } },
    files: (files) => [...files, { path: 'prices.yaml', digest, bytes, role: 'prices' }],
  });
  const { status, body } = await ask('POST', '/v1/releases', as('ci'), wrong);
  expect([status, body]).toMatchObject([
    422,
    {
      error: {
        code: 'environment-contradicted',
        message: expect.stringMatching(/default is 2\.50\/h in the record and 2\.00\/h in the contract/) as string,
        details: { refusals: [{ conflicts: [{ record: '2.50/h', contract: '2.00/h' }] }] },
      },
    },
  ]);
  const right = await aReleaseRequest(rig.blobs, 1, { service: 'chat' });
  expect((await ask('POST', '/v1/releases', as('ci'), right)).status).toBe(201);
});

it('is there again after a kill', async () => {
  await ask('PUT', path, asOperator, { terms });
  await rig.crash();
  await rig.start('host:boot:1:2');
  expect(await rig.operations().environmentRecords()).toMatchObject([{ environment, version: 1 }]);
});
