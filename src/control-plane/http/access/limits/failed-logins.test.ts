import { beforeEach, describe, expect, it } from 'vitest';
import { tokenDigestOf, type AccessToken } from '../../../../core/access/access-token.ts';
import { PlimsollError } from '../../../../core/units/errors.ts';
import { asOperator, openTestServer, testAccess } from '../../../../testing/rigs/control-plane-server.ts';
import { FailedLogins } from './failed-logins.ts';

const wrong = (refusal?: string): PlimsollError =>
  new PlimsollError({
    code: 'token-unknown',
    category: 'unauthorized',
    message: 'the token is not known here',
    details: refusal === undefined ? {} : { refusal },
  });

let nowMs: number;
let logins: FailedLogins;
beforeEach(() => {
  nowMs = 0;
  logins = new FailedLogins(() => nowMs);
});
const codes = (count: number, address = '192.0.2.7'): readonly string[] =>
  Array.from({ length: count }, () => logins.limit(wrong(), address).code);

describe('failed logins of an address', () => {
  it('are answered as they are ten times, and then once in six seconds', () => {
    expect(codes(12)).toEqual([...Array.from({ length: 10 }, () => 'token-unknown'), 'rate-limited', 'rate-limited']);
    nowMs += 5_999;
    expect(logins.limit(wrong(), '192.0.2.7')).toMatchObject({
      code: 'rate-limited',
      details: { retryAfterSeconds: 1 },
    });
    nowMs += 1;
    expect(codes(2)).toEqual(['token-unknown', 'rate-limited']);
    expect(logins.limit(wrong(), '192.0.2.7')).toMatchObject({ details: { retryAfterSeconds: 6 } });
  });

  it('are not made longer by going on', () => {
    codes(1_000);
    nowMs += 60_000;
    expect(codes(11)).toEqual([...Array.from({ length: 10 }, () => 'token-unknown'), 'rate-limited']);
  });

  it('leave other addresses alone; a network of IPv6 is one address', () => {
    codes(20);
    expect(codes(1, '192.0.2.8')).toEqual(['token-unknown']);
    for (let at = 0; at < 10; at += 1) codes(1, `2001:db8:1:2::${at}`);
    expect(codes(1, '2001:db8:1:2:ffff::1')).toEqual(['rate-limited']);
    expect(codes(1, '2001:db8:1:3::1')).toEqual(['token-unknown']);
  });

  it('of very many addresses share a bucket, until one is forgotten', () => {
    for (let at = 0; at < 10_000; at += 1) codes(1, `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
    expect(codes(11, '192.0.2.1').at(-1)).toBe('rate-limited');
    expect(codes(1, '192.0.2.2')).toEqual(['rate-limited']);
    expect(codes(1, '10.0.0.1')).toEqual(['token-unknown']);
    nowMs += 60_000;
    expect(codes(10, '192.0.2.2')).not.toContain('rate-limited');
  });
});

it('other errors are left as they are, and count for nothing', () => {
  const error = new PlimsollError({ code: 'no-credential', category: 'unauthorized', message: 'none' });
  for (let at = 0; at < 50; at += 1) expect(logins.limit(error, '192.0.2.7')).toBe(error);
  expect(codes(1)).toEqual(['token-unknown']);
});

it('are counted by reason, also those that are answered 429', async () => {
  codes(12);
  logins.limit(wrong('expired'), '192.0.2.8');
  logins.usedBreakGlass();
  const text = await logins.metrics();
  expect(text).toContain('plimsoll_control_plane_failed_logins_total{reason="token-unknown"} 12');
  expect(text).toContain('plimsoll_control_plane_failed_logins_total{reason="expired"} 1');
  expect(text).toContain('plimsoll_control_plane_limited_logins_total 2');
  expect(text).toContain('plimsoll_control_plane_break_glass_uses_total 1');
  expect(text).toContain('plimsoll_control_plane_identities_stale 0');
});

describe('the HTTP interface', () => {
  const ask = (server: Awaited<ReturnType<typeof openTestServer>>, token: string, remoteAddress = '192.0.2.7') =>
    server.inject({
      method: 'GET',
      url: '/v1/fleet',
      remoteAddress,
      headers: { host: '127.0.0.1:7070', authorization: `Bearer ${token}` },
    });

  it('answers a flood of guesses with 429, and a valid token of the same address at once', async () => {
    const server = await openTestServer();
    const statuses: number[] = [];
    for (let at = 0; at < 12; at += 1) statuses.push((await ask(server, `plm_guess-${at}`)).statusCode);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    const limited = await ask(server, 'plm_guess');
    expect([limited.headers['retry-after'], limited.json().error.code]).toEqual(['6', 'rate-limited']);
    const headers = { host: '127.0.0.1:7070', ...asOperator };
    expect((await server.inject({ url: '/v1/fleet', remoteAddress: '192.0.2.7', headers })).statusCode).toBe(200);
    expect((await ask(server, 'plm_guess', '192.0.2.8')).statusCode).toBe(401);
    const metrics = await server.inject({ url: '/metrics', headers });
    expect(metrics.body).toContain('plimsoll_control_plane_limited_logins_total 3');
    await server.close();
  });

  it('counts guesses of one-time codes and of keys as well', async () => {
    const server = await openTestServer();
    const headers = { host: '127.0.0.1:7070' };
    const guess = async (url: string, payload?: object): Promise<number> =>
      (await server.inject({ url, headers, ...(payload === undefined ? {} : { method: 'POST', payload }) })).statusCode;
    const proof = `/v1/proof?key=${'0'.repeat(32)}&nonce=${'n'.repeat(32)}`;
    for (let at = 0; at < 5; at += 1) {
      expect(await guess('/v1/session', { code: 'c'.repeat(43) })).toBe(401);
      expect(await guess(proof)).toBe(401);
    }
    expect(await guess('/v1/session', { code: 'c'.repeat(43) })).toBe(429);
    expect(await guess(proof)).toBe(429);
    await server.close();
  });

  it('tells each use of a break-glass token, and takes it while no identity provider answers', async () => {
    const glass: AccessToken = {
      ...{ name: 'glass', role: 'operate', sha256: tokenDigestOf('plm_sealed'), service: null, environment: null },
      ...{ expiresAtMs: null, isBreakGlass: true },
    };
    const noted: unknown[] = [];
    const access = testAccess(() => [glass], { openReading: false });
    const server = await openTestServer({ access, breakGlass: { note: (use) => void noted.push(use) } });
    expect((await ask(server, 'plm_sealed')).statusCode).toBe(200);
    expect(noted).toMatchObject([{ by: 'glass', origin: '192.0.2.7', what: 'GET /v1/fleet' }]);
    const headers = { host: '127.0.0.1:7070', ...asOperator };
    await server.inject({ url: '/v1/fleet', headers });
    expect(noted).toHaveLength(1);
    expect((await server.inject({ url: '/metrics', headers })).body).toContain('break_glass_uses_total 1');
    await server.close();
  });
});
