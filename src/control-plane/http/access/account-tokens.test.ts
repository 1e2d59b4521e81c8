import { describe, expect, it } from 'vitest';
import { parseTokenFile } from '../../../core/access/access-token.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { ReviewToken } from '../../../ports/access/token-review.ts';
import { openTestServer, testAccess } from '../../../testing/rigs/control-plane-server.ts';
import { AccountTokens } from './account-tokens.ts';
import { Credentials } from './credentials.ts';

const subject = 'system:serviceaccount:ci:deployer';
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const makeJwt = (claims: object, signature = 'c2ln'): string =>
  `${encode({ alg: 'RS256' })}.${encode({ sub: subject, aud: ['plimsoll'], exp: 600, ...claims })}.${signature}`;

function open(review: ReviewToken, lines = `${subject} release service-account service=digits`) {
  let nowMs = 0;
  let tokens = parseTokenFile(lines).tokens;
  const asked: string[] = [];
  const credentials = new Credentials({ own: [], named: () => tokens, nowMs: () => nowMs });
  const accounts = new AccountTokens({
    credentials,
    audience: 'plimsoll',
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs },
    review: (token, signal) => {
      asked.push(token);
      return review(token, signal);
    },
  });
  return {
    accounts,
    asked,
    pass: (ms: number) => (nowMs += ms),
    grant: (text: string) => (tokens = parseTokenFile(text).tokens),
  };
}
const confirming: ReviewToken = () => Promise.resolve(subject);

describe('a token of a service account', () => {
  it('has the grants of its account, under the name of the account and without a key for pages', async () => {
    const { accounts } = open(confirming);
    expect(await accounts.find(makeJwt({}))).toMatchObject({
      keyId: null,
      requester: {
        name: subject,
        grants: [{ role: 'release', service: 'digits', environment: null }],
        anonymous: false,
      },
    });
  });

  it('is verified once a minute', async () => {
    const { accounts, asked, pass } = open(confirming);
    const token = makeJwt({});
    await Promise.all([accounts.find(token), accounts.find(token)]);
    pass(59_000);
    await accounts.find(token);
    expect(asked).toHaveLength(1);
    pass(1_000);
    await accounts.find(token);
    expect(asked).toHaveLength(2);
  });

  it('loses its grants with the line of the file, and comes in no more once it has expired', async () => {
    const { accounts, grant, pass } = open(confirming);
    await accounts.find(makeJwt({}));
    grant('');
    await expect(accounts.find(makeJwt({}))).rejects.toMatchObject({ code: 'token-unknown' });
    grant(`${subject} view service-account`);
    pass(600_000);
    await expect(accounts.find(makeJwt({}))).rejects.toThrow('it has expired');
  });

  it('says for streams whether it still holds: until it expires, or its line goes', async () => {
    const { accounts, grant, pass } = open(confirming);
    const { stillHolds } = await accounts.find(makeJwt({}));
    expect(stillHolds?.()).toBe(true);
    grant('');
    expect(stillHolds?.()).toBe(false);
    grant(`${subject} view service-account`);
    expect(stillHolds?.()).toBe(true);
    pass(600_000);
    expect(stillHolds?.()).toBe(false);
  });

  it.each([
    ['of another audience', makeJwt({ aud: 'https://kubernetes.default.svc' }), /for the audience https/],
    ['of no audience', makeJwt({ aud: null }), /not for plimsoll/],
    ['that has expired', makeJwt({ exp: 0 }), /has expired/],
    ['without an end', makeJwt({ exp: 'never' }), /has expired/],
    ['of an account that nobody named', makeJwt({ sub: 'system:serviceaccount:ci:other' }), /no role here/],
    ['whose payload is no JSON', 'eyJhbGciOiJSUzI1NiJ9.eyJ.c2ln', /not for plimsoll/],
    ['of a megabyte', makeJwt({ more: 'x'.repeat(1_000_000) }), /not for plimsoll/],
  ])('%s is refused without asking the cluster', async (_what, token, says) => {
    const { accounts, asked } = open(confirming);
    await expect(accounts.find(token)).rejects.toMatchObject({
      code: 'token-unknown',
      message: expect.stringMatching(says) as string,
    });
    expect(asked).toEqual([]);
  });

  it('that only claims to be of the account is refused, and asked about again after ten seconds', async () => {
    const { accounts, asked, pass } = open(() => Promise.resolve(null));
    const forged = makeJwt({});
    for (const _of of [1, 2]) await expect(accounts.find(forged)).rejects.toMatchObject({ code: 'token-unknown' });
    expect(asked).toHaveLength(1);
    pass(10_000);
    await expect(accounts.find(forged)).rejects.toMatchObject({ code: 'token-unknown' });
    expect(asked).toHaveLength(2);
  });

  it('has the grants of whom the cluster names, not of whom it claims to be', async () => {
    const other = 'system:serviceaccount:ci:viewer';
    const lines = `${subject} operate service-account\n${other} view service-account`;
    const { accounts } = open(() => Promise.resolve(other), lines);
    expect((await accounts.find(makeJwt({}))).requester).toMatchObject({ name: other, grants: [{ role: 'view' }] });
  });

  it('lets nobody in while the cluster does not answer, and is believed again when it does', async () => {
    let isAway = true;
    const away = new PlimsollError({ code: 'cluster-unreachable', category: 'unavailable', message: 'away' });
    const { accounts } = open(() => (isAway ? Promise.reject(away) : Promise.resolve(subject)));
    await expect(accounts.find(makeJwt({}))).rejects.toMatchObject({
      code: 'token-not-reviewed',
      category: 'unavailable',
    });
    isAway = false;
    expect((await accounts.find(makeJwt({}))).requester.name).toBe(subject);
  });

  it('says which ClusterRole is missing', async () => {
    const message = 'the control plane may not create tokenreviews.authentication.k8s.io (403)';
    const refused = new PlimsollError({ code: 'cluster-forbidden', category: 'unauthorized', message });
    await expect(open(() => Promise.reject(refused)).accounts.find(makeJwt({}))).rejects.toMatchObject({
      category: 'unavailable',
      message: expect.stringContaining('create tokenreviews') as string,
      next: expect.stringContaining('--service-account-tokens') as string,
    });
  });

  it('waits with no more than seven others', async () => {
    let answer: (() => void) | undefined;
    const waiting = new Promise<void>((resolve) => (answer = resolve));
    const { accounts } = open(() => waiting.then(() => subject));
    const forged = (at: number): Promise<unknown> => accounts.find(makeJwt({}, `c2ln${at}`));
    const first = Array.from({ length: 8 }, (_each, at) => forged(at));
    await expect(forged(8)).rejects.toMatchObject({ code: 'token-reviews-busy', category: 'overloaded' });
    answer?.();
    await Promise.all(first);
    await forged(9);
  });
});

describe('the HTTP interface', () => {
  const headers = { host: '127.0.0.1:7070', authorization: `Bearer ${makeJwt({})}` };

  it('takes such a token for what its account may do, and gives no code for a page for it', async () => {
    const { accounts } = open(confirming, `${subject} view service-account`);
    const server = await openTestServer({ access: testAccess(() => [], { accounts, openReading: false }) });
    const ask = (method: 'GET' | 'POST', url: string) => server.inject({ method, url, headers });
    expect((await ask('GET', '/v1/session')).json()).toEqual({ name: subject, roles: ['view'] });
    expect((await ask('POST', '/v1/session-codes')).json()).toMatchObject({ error: { code: 'no-token' } });
    await server.close();
  });

  it('takes none where no cluster verifies it', async () => {
    const lines = parseTokenFile(`${subject} operate service-account`).tokens;
    const server = await openTestServer({ access: testAccess(() => lines) });
    const answer = await server.inject({ method: 'GET', url: '/v1/view', headers });
    expect([answer.statusCode, answer.json().error.code]).toEqual([401, 'token-unknown']);
    await server.close();
  });
});
