import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWTPayload } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import type { IdentityProvider } from '../../core/access/providers/identity-provider.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { makeIdTokenVerifier } from './id-token-verifier.ts';

const issuer = 'https://login.acme.example';
type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let pairs: Readonly<Record<'rsa' | 'otherRsa' | 'ec' | 'ed', Pair>>;
let sets: Readonly<Record<'rsa' | 'otherRsa' | 'ec' | 'ed', Readonly<Record<string, unknown>>>>;
beforeAll(async () => {
  pairs = {
    rsa: await generateKeyPair('RS256', { extractable: true }),
    otherRsa: await generateKeyPair('RS256', { extractable: true }),
    ec: await generateKeyPair('ES256', { extractable: true }),
    ed: await generateKeyPair('EdDSA', { extractable: true }),
  };
  const jwk = async (kid: string, { publicKey }: Pair) => ({ ...(await exportJWK(publicKey)), kid, use: 'sig' });
  sets = {
    rsa: await jwk('rsa', pairs.rsa),
    otherRsa: await jwk('rsa-2', pairs.otherRsa),
    ec: await jwk('ec', pairs.ec),
    ed: await jwk('ed', pairs.ed),
  };
});

const provider = (keys: IdentityProvider['keys']): IdentityProvider => ({
  ...{ name: 'acme', issuer, audience: 'plimsoll', preset: null, trustsEmails: false, rules: [], keys },
  revoked: { tokens: [], subjects: [], issuedBeforeMs: null },
});
const withSet = (...names: readonly (keyof typeof sets)[]) =>
  provider({ kind: 'set', keys: names.map((name) => sets[name]) });
const byUrl = provider({ kind: 'url', url: `${issuer}/keys` });

interface Signing {
  readonly alg?: string;
  readonly kid?: string | null;
  readonly typ?: string;
  readonly key?: CryptoKey | Uint8Array;
}
function sign(
  clock: FakeClock,
  claims: Readonly<Record<string, unknown>> = {},
  { alg = 'RS256', kid = 'rsa', typ, key }: Signing = {},
): Promise<string> {
  const seconds = Math.floor(clock.nowMs() / 1_000);
  const payload: Readonly<Record<string, unknown>> = {
    ...{ iss: issuer, aud: 'plimsoll', sub: 'ada', iat: seconds, exp: seconds + 600 },
    ...claims,
  };
  return new SignJWT(payload as JWTPayload)
    .setProtectedHeader({ alg, ...(kid === null ? {} : { kid }), ...(typ === undefined ? {} : { typ }) })
    .sign(key ?? pairs.rsa.privateKey);
}
/** What a token is refused for, or its subject. */
async function outcome(token: string, of: IdentityProvider, clock: FakeClock): Promise<unknown> {
  const verify = makeIdTokenVerifier({ clock, fetch: () => Promise.reject(new Error('nothing is fetched')) });
  try {
    return (await verify(token, of))['sub'];
  } catch (thrown) {
    const { code, details } = asPlimsollError(thrown);
    return code === 'token-unknown' ? details['refusal'] : code;
  }
}

describe('a token', () => {
  it.each([
    ['RS256', 'rsa', 'rsa'],
    ['PS256', 'rsa', 'rsa'],
    ['ES256', 'ec', 'ec'],
    ['EdDSA', 'ed', 'ed'],
  ] as const)('signed by %s is taken', async (alg, name, kid) => {
    const clock = new FakeClock();
    const key = await crypto.subtle
      .exportKey('jwk', pairs[name].privateKey)
      .then(async (jwk) => (await import('jose')).importJWK({ ...(jwk as object), alg: undefined } as never, alg));
    const token = await sign(clock, {}, { alg, kid, key: key as CryptoKey });
    expect(await outcome(token, withSet('rsa', 'ec', 'ed'), clock)).toBe('ada');
  });

  it('without the name of a key is taken where one key fits', async () => {
    const clock = new FakeClock();
    const token = await sign(clock, {}, { kid: null });
    expect(await outcome(token, withSet('rsa', 'ec'), clock)).toBe('ada');
    expect(await outcome(token, withSet('rsa', 'otherRsa'), clock)).toBe('key-unknown');
  });

  it.each<[string, Readonly<Record<string, unknown>>, Signing, string]>([
    ['of another issuer', { iss: 'https://login.acme.example/' }, {}, 'issuer'],
    ['of no issuer', { iss: undefined }, {}, 'issuer'],
    ['for another audience', { aud: 'https://api.acme.example' }, {}, 'audience'],
    ['for another audience beside', { aud: ['plimsoll', 'https://api.acme.example'] }, {}, 'audience'],
    ['for no audience', { aud: undefined }, {}, 'audience'],
    ['that has expired', { exp: 1 }, {}, 'expired'],
    ['without an end', { exp: undefined }, {}, 'malformed'],
    ['that begins later', { nbf: 1e11 }, {}, 'not-yet-valid'],
    ['that was issued later', { iat: 1e10, exp: 1e10 + 60 }, {}, 'not-yet-valid'],
    ['that holds for a year', { exp: 1_700_000_000 + 31_536_000 }, {}, 'lifetime'],
    ['of nobody', { sub: undefined }, {}, 'malformed'],
    ['of an unknown key', {}, { kid: 'new' }, 'key-unknown'],
    ['for access, not for identity', {}, { typ: 'at+jwt' }, 'malformed'],
    ['of a signing out', {}, { typ: 'logout+jwt' }, 'malformed'],
  ])('%s is refused', async (_what, claims, signing, refusal) => {
    const clock = new FakeClock();
    expect(await outcome(await sign(clock, claims, signing), withSet('rsa'), clock)).toBe(refusal);
  });

  it('signed by another key of that name is refused', async () => {
    const clock = new FakeClock();
    const token = await sign(clock, {}, { key: pairs.otherRsa.privateKey });
    expect(await outcome(token, withSet('rsa'), clock)).toBe('signature');
  });

  it('signed with the public key as a shared secret is refused', async () => {
    const clock = new FakeClock();
    const secret = Buffer.from(JSON.stringify(sets.rsa));
    const token = await sign(clock, {}, { alg: 'HS256', key: secret });
    expect(await outcome(token, withSet('rsa'), clock)).toBe('algorithm');
  });

  it('without a signature is refused, in each way to write it', async () => {
    const clock = new FakeClock();
    const signed = await sign(clock);
    const [, payload = ''] = signed.split('.');
    const unsigned = new UnsecuredJWT({ sub: 'ada' }).setIssuer(issuer).setAudience('plimsoll').encode();
    expect(await outcome(unsigned, withSet('rsa'), clock)).toBe('algorithm');
    for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
      const head = Buffer.from(JSON.stringify({ alg, kid: 'rsa' })).toString('base64url');
      expect(await outcome(`${head}.${payload}.`, withSet('rsa'), clock)).toBe('algorithm');
      expect(await outcome(`${head}.${payload}.${signed.split('.')[2]}`, withSet('rsa'), clock)).toBe('algorithm');
    }
  });

  it('whose claims were changed after signing is refused', async () => {
    const clock = new FakeClock();
    const [head, , signature] = (await sign(clock)).split('.');
    const payload = Buffer.from(JSON.stringify({ iss: issuer, aud: 'plimsoll', sub: 'eve', iat: 1, exp: 1e10 }));
    expect(await outcome(`${head}.${payload.toString('base64url')}.${signature}`, withSet('rsa'), clock)).toBe(
      'signature',
    );
  });

  it.each(['', 'a.b.c', 'eyJ.eyJ.', `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(3_000)}.x`])(
    'that is none (%#) is refused',
    async (token) => {
      expect(await outcome(token, withSet('rsa'), new FakeClock())).toMatch(/^(malformed|signature|algorithm)$/);
    },
  );

  it('of more than 8 KiB is not read', async () => {
    const clock = new FakeClock();
    const token = await sign(clock, { groups: Array.from({ length: 2_000 }, (_each, at) => `group-${at}`) });
    expect(await outcome(token, withSet('rsa'), clock)).toBe('too-large');
  });

  it('brings no key of its own', async () => {
    const clock = new FakeClock();
    const seconds = Math.floor(clock.nowMs() / 1_000);
    const token = await new SignJWT({ iss: issuer, aud: 'plimsoll', sub: 'eve', iat: seconds, exp: seconds + 60 })
      .setProtectedHeader({ alg: 'RS256', kid: 'rsa', jwk: sets.otherRsa as never, jku: 'https://evil.example/keys' })
      .sign(pairs.otherRsa.privateKey);
    expect(await outcome(token, withSet('rsa'), clock)).toBe('signature');
  });

  it('is taken with clocks a minute apart, and no more', async () => {
    const clock = new FakeClock();
    const fresh = await sign(clock);
    const early = await sign(new FakeClock(clock.nowMs() + 60_000));
    const tooEarly = await sign(new FakeClock(clock.nowMs() + 62_000));
    expect(await outcome(early, withSet('rsa'), clock)).toBe('ada');
    expect(await outcome(tooEarly, withSet('rsa'), clock)).toBe('not-yet-valid');
    expect(await outcome(fresh, withSet('rsa'), new FakeClock(clock.nowMs() + 659_000))).toBe('ada');
    expect(await outcome(fresh, withSet('rsa'), new FakeClock(clock.nowMs() + 660_000))).toBe('expired');
  });
});

describe('the keys of a provider', () => {
  function open(given: () => Promise<string>) {
    const clock = new FakeClock();
    const asked: string[] = [];
    const verify = makeIdTokenVerifier({
      clock,
      fetch: (url) => {
        asked.push(url);
        return given();
      },
    });
    const codeOf = (token: string, of: IdentityProvider): Promise<string> =>
      verify(token, of).then(
        ({ sub }) => String(sub),
        (thrown: unknown) => asPlimsollError(thrown).code,
      );
    return { clock, asked, codeOf };
  }
  const set = (...names: readonly (keyof typeof sets)[]): string =>
    JSON.stringify({ keys: names.map((name) => sets[name]) });

  it('are read once for many tokens, and again after ten minutes without a wait', async () => {
    const { clock, asked, codeOf } = open(async () => set('rsa'));
    const token = await sign(clock, { exp: Math.floor(clock.nowMs() / 1_000) + 3_600 });
    expect(await Promise.all([codeOf(token, byUrl), codeOf(token, byUrl)])).toEqual(['ada', 'ada']);
    await clock.advance(600_000);
    expect(await codeOf(token, byUrl)).toBe('ada');
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    expect(await codeOf(token, byUrl)).toBe('ada');
    expect(asked).toHaveLength(2);
  });

  it('that are new are taken, and invented ones ask no more than once in ten seconds', async () => {
    let given = set('rsa');
    const { clock, asked, codeOf } = open(async () => given);
    await codeOf(await sign(clock), byUrl);
    given = set('rsa', 'otherRsa');
    const token = await sign(clock, {}, { kid: 'rsa-2', key: pairs.otherRsa.privateKey });
    for (let tries = 0; tries < 50; tries += 1) expect(await codeOf(token, byUrl)).toBe('token-unknown');
    expect(asked).toHaveLength(1);
    await clock.advance(10_000);
    expect(await codeOf(token, byUrl)).toBe('ada');
    expect(asked).toHaveLength(2);
  });

  it('that were taken back are believed no more once they were read again', async () => {
    let given = set('rsa');
    const { clock, codeOf } = open(async () => given);
    const token = await sign(clock, { exp: Math.floor(clock.nowMs() / 1_000) + 3_600 });
    expect(await codeOf(token, byUrl)).toBe('ada');
    given = set('otherRsa');
    await clock.advance(600_001);
    await codeOf(token, byUrl);
    await clock.advance(0);
    expect(await codeOf(token, byUrl)).toBe('token-unknown');
  });

  it('are used for an hour while the provider is away, which is asked again after 1, 2, 4, ... seconds', async () => {
    let isAway = false;
    const { clock, asked, codeOf } = open(() =>
      isAway ? Promise.reject(new Error('ECONNREFUSED')) : Promise.resolve(set('rsa')),
    );
    const token = await sign(clock, { exp: Math.floor(clock.nowMs() / 1_000) + 36_000 });
    await codeOf(token, byUrl);
    isAway = true;
    await clock.advance(3_600_000);
    expect(await codeOf(token, byUrl)).toBe('ada');
    await clock.advance(1);
    expect(await codeOf(token, byUrl)).toBe('token-keys-away');
    const before = asked.length;
    for (let tries = 0; tries < 20; tries += 1) expect(await codeOf(token, byUrl)).toBe('token-keys-away');
    expect(asked).toHaveLength(before);
    isAway = false;
    await clock.advance(60_000);
    expect(await codeOf(token, byUrl)).toBe('ada');
  });

  it.each([
    ['no JSON', '<html>'],
    ['no set', '{}'],
    ['private keys', '{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","d":"AQAB"}]}'],
  ])('are away where the provider answers %s', async (_what, text) => {
    const { clock, codeOf } = open(async () => text);
    expect(await codeOf(await sign(clock), byUrl)).toBe('token-keys-away');
  });

  it('are found by its configuration', async () => {
    let configured: object = { issuer, jwks_uri: 'https://keys.acme.example/set' };
    const clock = new FakeClock();
    const asked: string[] = [];
    const verify = makeIdTokenVerifier({
      clock,
      fetch: async (url) => {
        asked.push(url);
        return url.endsWith('/openid-configuration') ? JSON.stringify(configured) : set('rsa');
      },
    });
    const discovered = provider({ kind: 'discovered' });
    const token = await sign(clock);
    expect(await verify(token, discovered)).toMatchObject({ sub: 'ada' });
    expect(asked).toEqual([`${issuer}/.well-known/openid-configuration`, 'https://keys.acme.example/set']);
    for (const wrong of [
      { issuer: `${issuer}/`, jwks_uri: 'https://keys.acme.example/set' },
      { issuer, jwks_uri: 'http://keys.acme.example/set' },
      { issuer },
    ]) {
      configured = wrong;
      const fresh = makeIdTokenVerifier({ clock, fetch: async () => JSON.stringify(configured) });
      await expect(fresh(token, discovered)).rejects.toMatchObject({
        code: 'token-keys-away',
        category: 'unavailable',
      });
    }
  });
});
