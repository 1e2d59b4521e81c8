import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { IdentityProvider } from '../../core/access/providers/identity-provider.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { SignInFlow } from '../../ports/access/code-flow.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { makeCodeFlow } from './code-flow.ts';
import type { Answered, Asking } from './fetch-text.ts';

const issuer = 'https://login.acme.example';
const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-code-flow-'));
const secretFile = path.join(folder, 'secret');
let pair: Awaited<ReturnType<typeof generateKeyPair>>;
beforeAll(async () => {
  pair = await generateKeyPair('RS256');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const provider = (secret: string | null = null): IdentityProvider => ({
  ...{ name: 'acme', issuer, audience: 'the-client', preset: null, trustsEmails: false, rules: [] },
  ...{ keys: { kind: 'discovered' }, revoked: { tokens: [], subjects: [], issuedBeforeMs: null } },
  signIn: { page: 'https://plimsoll.acme.example/ops/', scopes: ['openid', 'groups'], secretFile: secret },
});

/** What the provider tells of itself, and gives for a code; changed by tests. */
let told: Record<string, unknown>;
let given: { status: number; body: Record<string, unknown> };
let asked: (Asking & { readonly url: string })[];
let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  told = {
    issuer,
    authorization_endpoint: `${issuer}/auth?tenant=1`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/keys`,
    authorization_response_iss_parameter_supported: true,
  };
  given = { status: 200, body: {} };
});

const flowAt = () =>
  makeCodeFlow({
    clock,
    ask: async (url, asking): Promise<Answered> => {
      asked.push({ ...asking, url });
      const { status, body } = url.endsWith('/.well-known/openid-configuration') ? { status: 200, body: told } : given;
      return { status, headers: { 'content-type': 'application/json' }, text: JSON.stringify(body) };
    },
  });
async function giveToken(claims: Readonly<Record<string, unknown>>): Promise<string> {
  const token = new SignJWT({ iss: issuer, aud: 'the-client', sub: 'ada', ...claims }).setProtectedHeader({
    alg: 'RS256',
  });
  const signed = await token.setIssuedAt().setExpirationTime('1h').sign(pair.privateKey);
  given = { status: 200, body: { access_token: 'a', token_type: 'Bearer', id_token: signed } };
  return signed;
}
/** Comes back with this query beside code, state and issuer; the token, or how it ended. */
async function finish(
  of: IdentityProvider,
  query: Readonly<Record<string, string>> = {},
  over: Partial<SignInFlow> = {},
): Promise<unknown> {
  const codes = flowAt();
  const { flow } = await codes.begin(of);
  const all = new URLSearchParams({ code: 'c', state: flow.state, iss: issuer, ...query });
  if (over.nonce === undefined) await giveToken({ nonce: flow.nonce });
  return codes.finish(of, { ...flow, ...over }, all).catch((thrown: unknown) => asPlimsollError(thrown).details['end']);
}

describe('the way to the provider', () => {
  it('asks for a code with all that ties it to this browser, and tells no secret', async () => {
    const { url, flow } = await flowAt().begin(provider());
    const { searchParams, origin, pathname } = new URL(url);
    expect([origin, pathname]).toEqual([issuer, '/auth']);
    expect(Object.fromEntries(searchParams)).toEqual({
      ...{ tenant: '1', client_id: 'the-client', response_type: 'code', scope: 'openid groups' },
      redirect_uri: 'https://plimsoll.acme.example/ops/v1/session/callback',
      ...{ state: flow.state, nonce: flow.nonce, code_challenge_method: 'S256' },
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as unknown,
    });
    expect(url).not.toContain(flow.verifier);
  });

  it('is told once in ten minutes, and an answer that cannot be used once in five seconds', async () => {
    const codes = flowAt();
    await codes.begin(provider());
    await codes.begin(provider());
    expect(asked).toHaveLength(1);
    await clock.advance(600_001);
    told = { ...told, issuer: 'https://elsewhere.example' };
    for (let tries = 0; tries < 3; tries += 1) await expect(codes.begin(provider())).rejects.toThrow('cannot be used');
    expect(asked).toHaveLength(2);
    await clock.advance(5_001);
    told = { ...told, issuer };
    await codes.begin(provider());
    expect(asked).toHaveLength(3);
  });

  it.each(['authorization_endpoint', 'token_endpoint'])('is not gone where %s is not encrypted', async (place) => {
    told = { ...told, [place]: 'http://login.acme.example/x' };
    await expect(flowAt().begin(provider())).rejects.toThrow('no addresses with https');
  });
});

describe('the way back', () => {
  it('gives the ID token for the code, shown with the verifier', async () => {
    expect(await finish(provider())).toBe(given.body['id_token']);
    const sent = new URLSearchParams(asked.at(-1)?.body);
    expect(Object.fromEntries(sent)).toMatchObject({
      ...{ grant_type: 'authorization_code', code: 'c', client_id: 'the-client' },
      redirect_uri: 'https://plimsoll.acme.example/ops/v1/session/callback',
      code_verifier: expect.stringMatching(/^[\w-]{43}$/) as unknown,
    });
  });

  it('shows the secret of the client where there is one, as its file says it now', async () => {
    writeFileSync(secretFile, 'first\n', { mode: 0o640 });
    await finish(provider(secretFile));
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    const shown = (): unknown =>
      Object.entries(asked.at(-1)?.headers ?? {}).find(([name]) => /^authorization$/i.test(name))?.[1];
    expect(shown()).toBe(basic('the%2Dclient:first'));
    writeFileSync(secretFile, 'second\n');
    await finish(provider(secretFile));
    expect(shown()).toBe(basic('the%2Dclient:second'));
    told = { ...told, token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'] };
    await finish(provider(secretFile));
    expect([shown(), new URLSearchParams(asked.at(-1)?.body).get('client_secret')]).toEqual([undefined, 'second']);
    chmodSync(secretFile, 0o644);
    expect(await finish(provider(secretFile))).toBe('away');
    expect(await finish(provider(path.join(folder, 'none')))).toBe('away');
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['that person or provider said no', { error: 'access_denied' }, 'denied'],
    ['with another error', { error: 'server_error' }, 'refused'],
    ['with the state of another one', { state: 'x' }, 'refused'],
    ['from another provider', { iss: 'https://evil.example' }, 'refused'],
  ])('%s ends without a token', async (_what, query, end) => {
    expect(await finish(provider(), query)).toBe(end);
    expect(asked.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['of another browser', { nonce: 'other' }, 'refused'],
    ['without a nonce', {}, 'refused'],
    ['for another client', { nonce: 'n', aud: 'other' }, 'refused'],
    ['of another issuer', { nonce: 'n', iss: 'https://evil.example' }, 'refused'],
  ])('with a token %s ends without one', async (_what, claims, end) => {
    await giveToken(claims);
    expect(await finish(provider(), {}, { nonce: 'n' })).toBe(end);
  });

  it.each<[string, number, Readonly<Record<string, unknown>>, string]>([
    ['takes no such code', 400, { error: 'invalid_grant' }, 'refused'],
    ['gives no ID token', 200, { access_token: 'a', token_type: 'Bearer' }, 'refused'],
    ['breaks', 500, {}, 'refused'],
  ])('at a provider that %s ends without a token', async (_what, status, body, end) => {
    given = { status, body };
    expect(await finish(provider(), {}, { nonce: 'n' })).toBe(end);
  });

  it('at a provider that does not answer says that it is away', async () => {
    const codes = makeCodeFlow({ clock, ask: () => Promise.reject(new Error('connect ECONNREFUSED')) });
    await expect(codes.begin(provider())).rejects.toMatchObject({ code: 'provider-away', category: 'unavailable' });
  });
});
