import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeIdTokenVerifier } from '../../../../adapters/oidc/id-token-verifier.ts';
import type { IdentityProvider, IdentityRule } from '../../../../core/access/providers/identity-provider.ts';
import type { Role } from '../../../../core/access/role.ts';
import { readIdentitiesFile } from '../../../../schemas/access/identities-file.ts';
import { aReleaseRequest } from '../../../../testing/builders/release-fixture.ts';
import { FakeClock } from '../../../../testing/fakes/fake-clock.ts';
import { openTestServer, testAccess } from '../../../../testing/rigs/control-plane-server.ts';
import { openStoreOperations, type StoreOperations } from '../../../../testing/rigs/store-operations.ts';
import type { RefusedAttempt } from '../../../audit/attempt-log.ts';
import type { Server } from '../../http-parts.ts';
import { IdentityTokens } from './identity-tokens.ts';

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let [pair, stranger]: readonly [Pair, Pair] = [undefined as never, undefined as never];
let keys: IdentityProvider['keys'];
beforeAll(async () => {
  [pair, stranger] = [await generateKeyPair('ES256'), await generateKeyPair('ES256')];
  keys = { kind: 'set', keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', use: 'sig' }] };
});

const identitiesText = `providers:
  - name: github
    preset: github
    audience: plimsoll
    rules:
      - when: { repository: acme/digits, ref: refs/heads/main, ref_protected: true }
        role: release
        service: digits
      - { when: { repository: acme/digits }, role: measure }
  - name: acme
    issuer: https://login.acme.example
    audience: plimsoll
    rules:
      - { when: { groups: ml-platform }, role: operate }
      - { when: { email: "*@acme.com" }, role: view }
`;

let clock: FakeClock;
let providers: readonly IdentityProvider[];
let tokens: IdentityTokens;
let source: StoreOperations;
let server: Server;
const noted: RefusedAttempt[] = [];
beforeEach(async () => {
  clock = new FakeClock();
  noted.length = 0;
  providers = readIdentitiesFile(Buffer.from(identitiesText), 'identities.yaml').map((each) => ({ ...each, keys }));
  tokens = new IdentityTokens({ providers: () => providers, verify: makeIdTokenVerifier({ clock }), clock });
  source = await openStoreOperations();
  server = await openTestServer({
    store: source.store,
    operationsFor: (by) => source.operationsFor(by),
    access: testAccess(() => [], { identities: tokens, openReading: false }),
    attempts: { note: (attempt) => void noted.push(attempt) },
  });
});
afterEach(() => server.close());

const person = { iss: 'https://login.acme.example', sub: 'u1', email: 'ada@acme.com', email_verified: true };
const job = {
  iss: 'https://token.actions.githubusercontent.com',
  ...{ sub: 'repo:acme/digits:ref:refs/heads/main', repository: 'acme/digits', ref: 'refs/heads/main' },
  ...{ ref_protected: 'true', event_name: 'push', run_id: '7' },
};
function sign(claims: JWTPayload, by: Pair = pair): Promise<string> {
  const seconds = Math.floor(clock.nowMs() / 1_000);
  return new SignJWT({ aud: 'plimsoll', iat: seconds, exp: seconds + 600, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .sign(by.privateKey);
}
const ask = (token: string, method: 'GET' | 'POST' = 'GET', url = '/v1/session', payload?: object) =>
  server.inject({
    ...{ method, url, ...(payload === undefined ? {} : { payload }) },
    headers: { host: '127.0.0.1:7070', authorization: `Bearer ${token}` },
  });

describe('a person', () => {
  it('may do what the rules say of their claims', async () => {
    expect((await ask(await sign(person))).json()).toEqual({ name: 'acme:ada@acme.com', roles: ['view'] });
    const operator = await sign({ ...person, groups: ['ml-platform'] });
    expect((await ask(operator)).json()).toMatchObject({ roles: ['operate', 'view'] });
  });

  it('without a rule is known, may do nothing, and is noted by name', async () => {
    const answer = await ask(await sign({ ...person, email: 'eve@elsewhere.org' }), 'POST', '/v1/rollbacks', {});
    expect([answer.statusCode, answer.json().error.message]).toEqual([
      403,
      expect.stringContaining('may do nothing here'),
    ]);
    expect(noted).toMatchObject([{ by: 'acme:eve@elsewhere.org', code: 'forbidden' }]);
  });

  it('may give the token as the password that a browser asks for', async () => {
    const password = Buffer.from(`ada:${await sign({ ...person, groups: 'ml-platform' })}`).toString('base64');
    const headers = { host: '127.0.0.1:7070', authorization: `Basic ${password}` };
    expect((await server.inject({ url: '/v1/session', headers })).json()).toMatchObject({ roles: ['operate', 'view'] });
  });

  it('gets no link to the page: a page would outlive the token', async () => {
    const answer = await ask(await sign(person), 'POST', '/v1/session-codes');
    expect([answer.statusCode, answer.json().error.code]).toEqual([401, 'no-token']);
  });

  it.each<[string, JWTPayload, string]>([
    ['has expired', { exp: 1_700_000_000 - 61 }, 'expired'],
    ['is of another audience', { aud: 'https://api.acme.example' }, 'audience'],
    ['was issued by a clock that is far ahead', { iat: 1_700_000_120, exp: 1_700_000_300 }, 'not-yet-valid'],
  ])('whose token %s is refused, and counted by that', async (_what, claims, refusal) => {
    const answer = await ask(await sign({ ...person, ...claims }));
    expect([answer.statusCode, answer.json().error]).toMatchObject([
      401,
      { code: 'token-unknown', details: { refusal } },
    ]);
    expect(noted).toMatchObject([{ by: 'anonymous', code: 'token-unknown' }]);
    const metrics = await ask(await sign({ ...person, groups: 'ml-platform' }), 'GET', '/metrics');
    expect(metrics.body).toContain(`failed_logins_total{reason="${refusal}"} 1`);
  });

  it('whose token is signed by another, or not at all, is refused', async () => {
    expect((await ask(await sign(person, stranger))).json().error.details).toEqual({ refusal: 'signature' });
    const [, payload] = (await sign(person)).split('.');
    const head = Buffer.from('{"alg":"none"}').toString('base64url');
    expect((await ask(`${head}.${payload}.`)).statusCode).toBe(401);
    expect((await ask(`${head}.${payload}.c2ln`)).json().error.details).toEqual({ refusal: 'algorithm' });
  });

  it('of a provider that the file does not name is nobody', async () => {
    const answer = await ask(await sign({ ...person, iss: 'https://login.evil.example' }));
    expect([answer.statusCode, answer.json().error.code]).toEqual([401, 'token-unknown']);
  });

  it('loses what the file takes away with the next request', async () => {
    const token = await sign(person);
    expect((await ask(token)).statusCode).toBe(200);
    providers = providers.map((each) => ({ ...each, revoked: { ...each.revoked, subjects: ['u1'] } }));
    expect((await ask(token)).json().error.details).toEqual({ refusal: 'revoked' });
    providers = [];
    expect((await ask(token)).statusCode).toBe(401);
  });
});

describe('a job', () => {
  it('of the protected branch releases its service, under its own name', async () => {
    const request = await aReleaseRequest(source.blobs, 1);
    expect((await ask(await sign(job), 'POST', '/v1/releases', request)).statusCode).toBe(201);
    expect(await source.store.events({ kindPrefix: 'release.created' })).toMatchObject([
      { by: 'github:acme/digits@refs/heads/main' },
    ]);
  });

  it.each<[string, JWTPayload, readonly Role[]]>([
    ['of another branch', { ref: 'refs/heads/topic' }, ['measure']],
    ['of a branch that is not protected', { ref_protected: 'false' }, ['measure']],
    ['of a pull request', { event_name: 'pull_request', ref: 'refs/pull/7/merge', ref_protected: 'false' }, ['view']],
    ['of a pull request on the protected branch', { event_name: 'pull_request_target' }, ['view']],
    ['of a fork', { fork: true }, ['view']],
    ['of another repository', { repository: 'mallory/digits' }, []],
  ])('%s has %s', async (_what, claims, roles) => {
    const { requester } = await tokens.find(await sign({ ...job, ...claims }));
    expect([...new Set(requester.grants.map(({ role }) => role))].sort()).toEqual(roles);
  });

  it('of a fork cannot send labels, nor release', async () => {
    const token = await sign({ ...job, event_name: 'pull_request' });
    const labels = { release: 1, labels: [{ requestId: 'r', right: true }] };
    expect((await ask(token, 'POST', '/v1/labels', labels)).statusCode).toBe(403);
    expect((await ask(token, 'POST', '/v1/releases', await aReleaseRequest(source.blobs, 1))).statusCode).toBe(403);
  });
});

describe('a stream', () => {
  it('goes on while the token is taken for the same, and no longer', async () => {
    const { stillHolds } = await tokens.find(await sign(person));
    expect(stillHolds?.()).toBe(true);
    const before = providers;
    const less: readonly IdentityRule[] = [];
    providers = providers.map((each) => ({ ...each, rules: less }));
    expect(stillHolds?.()).toBe(false);
    providers = before;
    await clock.advance(659_000);
    expect(stillHolds?.()).toBe(true);
    await clock.advance(1_000);
    expect(stillHolds?.()).toBe(false);
  });
});

it('of two audiences at one issuer each has its own rules', async () => {
  const [, acme] = providers;
  if (acme === undefined) throw new Error('there is no such provider');
  const other: IdentityProvider = { ...acme, name: 'other', audience: 'other', rules: [] };
  providers = [other, acme];
  expect((await tokens.find(await sign(person))).requester.name).toBe('acme:ada@acme.com');
  expect((await tokens.find(await sign({ ...person, aud: 'other' }))).requester).toMatchObject({
    name: 'other:ada@acme.com',
    grants: [],
  });
  await expect(tokens.find(await sign({ ...person, aud: ['other', 'plimsoll'] }))).rejects.toMatchObject({
    details: { refusal: 'audience' },
  });
});
