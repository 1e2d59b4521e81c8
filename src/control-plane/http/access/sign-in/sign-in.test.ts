/** Signing in to the page by an identity provider, through the HTTP interface. The provider is a fake; a real one is in `test/integration/trust/identities.test.ts`. */
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeIdTokenVerifier } from '../../../../adapters/oidc/id-token-verifier.ts';
import type { IdentityProvider } from '../../../../core/access/providers/identity-provider.ts';
import { makeProviderAway, makeSignInRefusal } from '../../../../core/access/providers/refused-sign-in.ts';
import type { CodeFlow } from '../../../../ports/access/code-flow.ts';
import { readIdentitiesFile } from '../../../../schemas/access/identities-file.ts';
import { FakeClock } from '../../../../testing/fakes/fake-clock.ts';
import { openTestServer, testAccess } from '../../../../testing/rigs/control-plane-server.ts';
import type { RefusedAttempt } from '../../../audit/attempt-log.ts';
import type { Server } from '../../http-parts.ts';
import { IdentityTokens } from '../identity/identity-tokens.ts';
import { SignInCookie } from './sign-in-cookie.ts';
import { SignIns } from './sign-ins.ts';
import { begunOfAddress, begunOfAll } from './begun-sign-ins.ts';

let pair: Awaited<ReturnType<typeof generateKeyPair>>;
let keys: IdentityProvider['keys'];
beforeAll(async () => {
  pair = await generateKeyPair('ES256');
  keys = { kind: 'set', keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', use: 'sig' }] };
});

const file = `providers:
  - name: acme
    issuer: https://login.acme.example
    audience: plimsoll
    signIn: { page: https://plimsoll.acme.example/ops }
    rules:
      - { when: { groups: "ml-*" }, role: operate }
  - name: jobs
    issuer: https://jobs.acme.example
    audience: plimsoll
    rules: [{ when: { groups: ml }, role: view }]
`;
const key = Buffer.alloc(32, 7);

let clock: FakeClock;
let providers: readonly IdentityProvider[];
let server: Server;
let claims: JWTPayload;
let failure: Error | null;
/** Token requests at the provider. */
let exchanges: number;
const noted: RefusedAttempt[] = [];

/** Each begun sign-in has a state of its own. */
const stateOf = (count: number): string => `state-${count}`;
let begun: number;

const flow: CodeFlow = {
  begin: async ({ name }) => {
    if (failure !== null) throw failure;
    begun += 1;
    return {
      url: `https://login.acme.example/auth?of=${name}`,
      flow: { state: stateOf(begun), nonce: 'n', verifier: 'the-verifier' },
    };
  },
  finish: async (_provider, { state }, query) => {
    if (query.get('state') !== state) throw makeSignInRefusal('refused', 'the state is another one');
    exchanges += 1;
    if (failure !== null) throw failure;
    const seconds = Math.floor(clock.nowMs() / 1_000);
    const person = { iss: 'https://login.acme.example', aud: 'plimsoll', sub: 'u1', groups: ['ml-a', 'web'] };
    return new SignJWT({ ...person, iat: seconds, exp: seconds + 3_600, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .sign(pair.privateKey);
  },
};

beforeEach(async () => {
  clock = new FakeClock();
  [claims, failure, noted.length, begun, exchanges] = [{}, null, 0, 0, 0];
  providers = readIdentitiesFile(Buffer.from(file), 'identities.yaml').map((each) => ({ ...each, keys }));
  const identities = new IdentityTokens({ providers: () => providers, verify: makeIdTokenVerifier({ clock }), clock });
  const access = testAccess(
    () => [],
    { identities, openReading: false },
    () => clock.nowMs(),
  );
  const { sessions } = access;
  const signIns = new SignIns({ providers: () => providers, flow, identities, sessions, key, clock });
  server = await openTestServer({
    access: { ...access, signIns },
    attempts: { note: (attempt) => void noted.push(attempt) },
  });
});
afterEach(() => server.close());

const cookieOf = (answer: { readonly headers: Readonly<Record<string, unknown>> }): string =>
  String([answer.headers['set-cookie']].flat()[0]);
const pairOf = (cookie: string): string => cookie.split(';')[0] ?? '';
const begin = (to = 'services/digits/prod?hours=24', remoteAddress = '127.0.0.1') =>
  server.inject({
    url: `/v1/session/begin?${new URLSearchParams({ provider: 'acme', to }).toString()}`,
    remoteAddress,
  });
const comeBack = (cookie: string, query = `code=c&state=${stateOf(begun)}`) =>
  server.inject({ url: `/v1/session/callback?${query}`, headers: { cookie } });

/** Both cookies and the write key of somebody who went all the way. */
async function signIn(): Promise<{ readonly cookie: string; readonly writeKey: string; readonly set: string }> {
  const back = await comeBack(pairOf(cookieOf(await begin())));
  const code = /#code=([\w-]+)$/.exec(String(back.headers['location']))?.[1] ?? '';
  const opened = await server.inject({ method: 'POST', url: '/v1/session', payload: { code } });
  expect(opened.statusCode).toBe(201);
  const set = cookieOf(opened);
  return { cookie: pairOf(set), set, writeKey: opened.json<{ readonly writeKey: string }>().writeKey };
}
const session = (cookie: string, writeKey?: string) =>
  server.inject({
    url: '/v1/session',
    headers: { cookie, ...(writeKey === undefined ? {} : { 'plimsoll-write-key': writeKey }) },
  });

describe('a sign-in', () => {
  it('is offered for the providers that say where the page is, and for no other', async () => {
    const answer = await server.inject({ url: '/v1/session/providers' });
    expect([answer.statusCode, answer.json()]).toEqual([200, { providers: [{ name: 'acme' }] }]);
    expect((await server.inject({ url: '/v1/session/begin?provider=jobs' })).statusCode).toBe(404);
  });

  it('goes to the provider, and back to where the page was', async () => {
    const begun = await begin();
    expect([begun.statusCode, begun.headers['location']]).toEqual([302, 'https://login.acme.example/auth?of=acme']);
    expect(cookieOf(begun)).toMatch(/^plimsoll_sign_in_\d+=[\w-]+; HttpOnly; SameSite=Lax; Path=\/; Max-Age=600$/);
    const back = await comeBack(pairOf(cookieOf(begun)));
    expect(back.statusCode).toBe(302);
    expect(back.headers['location']).toMatch(/^\.\.\/\.\.\/services\/digits\/prod\?hours=24#code=[\w-]{43}$/);
    expect(back.headers['cache-control']).toBe('no-store');
    expect(cookieOf(back)).toMatch(/^plimsoll_sign_in_\d+=; .*Max-Age=0$/);
  });

  it('gives a session of the person that ends with the token, and writes with its key alone', async () => {
    const { cookie, set, writeKey } = await signIn();
    expect(set).toMatch(/HttpOnly; SameSite=Strict; Path=\/; Max-Age=3600$/);
    expect((await session(cookie, writeKey)).json()).toEqual({ name: 'acme:u1', roles: ['operate'] });
    expect((await session(cookie)).json()).toEqual({ name: 'acme:u1', roles: [] });
    await clock.advance(3_600_000);
    expect((await session(cookie, writeKey)).statusCode).toBe(401);
  });

  it.each<[string, (provider: IdentityProvider) => IdentityProvider, number]>([
    ['the person is revoked', (each) => ({ ...each, revoked: { ...each.revoked, subjects: ['u1'] } }), 401],
    ['the provider has another audience', (each) => ({ ...each, audience: 'other' }), 401],
    ['people do not sign in by it any more', ({ signIn: _signIn, ...each }) => each, 401],
    [
      'the rules ask for another group',
      (each) => ({ ...each, rules: each.rules.map((rule) => ({ ...rule, when: { groups: ['web'] } })) }),
      403,
    ],
  ])('counts for no more once %s', async (_what, change, status) => {
    const { cookie, writeKey } = await signIn();
    providers = providers.map(change);
    expect((await session(cookie, writeKey)).statusCode).toBe(status);
  });

  it('of another browser, of an hour ago, or with a changed cookie comes to nothing, and is noted', async () => {
    const cookie = pairOf(cookieOf(await begin()));
    const expired = {
      statusCode: 302,
      headers: expect.objectContaining({ location: '../../#sign-in=expired' }) as unknown,
    };
    expect(await comeBack('')).toMatchObject(expired);
    expect(await comeBack(`${cookie}A`)).toMatchObject(expired);
    expect(await comeBack(`${cookie.slice(0, -3)}AAA`)).toMatchObject(expired);
    await clock.advance(600_001);
    expect(await comeBack(cookie)).toMatchObject(expired);
    expect(noted.map(({ code, what }) => [code, what])).toEqual(
      Array.from({ length: 4 }, () => ['sign-in-refused', 'GET /v1/session/callback']),
    );
  });

  it.each<[string, () => void, string]>([
    ['says no', () => (failure = makeSignInRefusal('denied', 'acme answered access_denied')), 'denied'],
    ['is away', () => (failure = makeProviderAway('acme', 'no answer')), 'away'],
    ['gives a token for another audience', () => (claims = { aud: 'other' }), 'refused'],
    ['gives a token that has expired', () => (claims = { exp: 1 }), 'refused'],
    [
      'gives more matching groups than a cookie holds',
      () => (claims = { groups: Array.from({ length: 900 }, (_each, at) => `ml-${at}`) }),
      'refused',
    ],
  ])('at a provider that %s leads back to the page, which says so', async (_what, happen, end) => {
    const cookie = pairOf(cookieOf(await begin('cost')));
    happen();
    expect(await comeBack(cookie)).toMatchObject({
      statusCode: 302,
      headers: expect.objectContaining({ location: `../../cost#sign-in=${end}` }) as unknown,
    });
  });

  it('with the state of another one is refused, and too many of them are answered 429', async () => {
    const cookie = pairOf(cookieOf(await begin('')));
    const statuses = [];
    for (let tries = 0; tries < 12; tries += 1) statuses.push((await comeBack(cookie, 'code=c&state=x')).statusCode);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 302), 429, 429]);
  });

  it.each([
    '//evil.example/',
    '/etc',
    'https://evil.example/',
    '../../elsewhere',
    'a\\b',
    'a#b',
    'javascript:alert(1)',
  ])('that would end at %s is not begun', async (to) => {
    expect((await begin(to)).statusCode).toBe(400);
  });

  it('at a provider that is away leads back to the page before anybody leaves it', async () => {
    failure = makeProviderAway('acme', 'no answer');
    expect(await begin('cost')).toMatchObject({
      statusCode: 302,
      headers: expect.objectContaining({ location: '../../cost#sign-in=away' }) as unknown,
    });
  });
});

describe('a browser that makes token requests at the provider through the control plane', () => {
  it('makes one for each begun sign-in, whatever the provider answers', async () => {
    for (const happen of [() => undefined, () => (failure = makeSignInRefusal('refused', 'no such code'))]) {
      [failure, exchanges] = [null, 0];
      const cookie = pairOf(cookieOf(await begin('')));
      happen();
      const ends = [];
      for (let tries = 0; tries < 5; tries += 1) ends.push((await comeBack(cookie)).headers['location']);
      expect([exchanges, ends.slice(1)]).toEqual([1, Array.from({ length: 4 }, () => '../../#sign-in=expired')]);
    }
  });

  it('makes one where the same sign-in comes back many times at once', async () => {
    const cookie = pairOf(cookieOf(await begin('')));
    await Promise.all(Array.from({ length: 50 }, () => comeBack(cookie)));
    expect(exchanges).toBe(1);
  });

  it('begins sixty of an address at once and then one each second, and leaves other addresses alone', async () => {
    const locations = [];
    for (let tries = 0; tries < begunOfAddress.burst + 5; tries += 1)
      locations.push((await begin('cost')).headers['location']);
    expect(locations.filter((each) => each === '../../cost#sign-in=busy')).toHaveLength(5);
    const refused = await begin('cost');
    expect([refused.statusCode, refused.headers['set-cookie']]).toEqual([302, undefined]);
    expect((await begin('cost', '192.0.2.9')).headers['location']).toContain('https://login.acme.example');
    await clock.advance(1_000);
    expect((await begin('cost')).headers['location']).toContain('https://login.acme.example');
    expect((await begin('cost')).headers['location']).toBe('../../cost#sign-in=busy');
  });

  it('begins six hundred with all its addresses, and each refused address takes nothing of these', async () => {
    for (let tries = 0; tries < begunOfAddress.burst + 50; tries += 1) await begin('', '192.0.2.1');
    const locations = [];
    for (let tries = 0; tries < begunOfAll.burst; tries += 1)
      locations.push((await begin('', `198.51.100.${tries % 100}`)).headers['location']);
    const away = locations.filter((each) => String(each).startsWith('https://login.acme.example'));
    expect([away.length, begun]).toEqual([begunOfAll.burst - begunOfAddress.burst, begunOfAll.burst]);
  });
});

describe('the cookie of a begun sign-in', () => {
  const sealedOnce = {
    ...{ provider: 'acme', to: '', untilMs: 1_000 },
    flow: { state: 'the-state', nonce: 'n', verifier: 'the-verifier' },
  };

  it('is read by its own key alone, and tells nothing of what it holds', () => {
    const sealed = new SignInCookie(key).seal(sealedOnce);
    expect(new SignInCookie(key).open(sealed, 999)).toEqual(sealedOnce);
    expect(new SignInCookie(key).open(sealed, 1_000)).toBeNull();
    expect(new SignInCookie(Buffer.alloc(32, 8)).open(sealed, 0)).toBeNull();
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('the-verifier');
  });

  it.each(['', 'x', 'A'.repeat(40), 'A'.repeat(400), '%%%'])('%# that nobody sealed is none', (text) => {
    expect(new SignInCookie(key).open(text, 0)).toBeNull();
  });
});
