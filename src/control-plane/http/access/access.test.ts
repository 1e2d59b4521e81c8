import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseTokenFile, tokenDigestOf, type AccessToken } from '../../../core/access/access-token.ts';
import { operationRoles } from '../../../core/access/operation-access.ts';
import {
  asGateway,
  asOperator,
  openTestServer,
  testAccess,
  testToken,
} from '../../../testing/rigs/control-plane-server.ts';
import { aReleaseRequest } from '../../../testing/builders/release-fixture.ts';
import { openStoreOperations, type StoreOperations } from '../../../testing/rigs/store-operations.ts';
import type { SessionAnswer } from '../../../schemas/http/http-session.ts';
import type { HttpParts, Server } from '../http-parts.ts';
import { keyIdOf, makeServerProof } from '../../../core/access/server-proof.ts';

const host = '127.0.0.1:7070';
let source: StoreOperations;
const servers: Server[] = [];
beforeEach(async () => {
  source = await openStoreOperations();
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function open(over: Partial<HttpParts> = {}): Promise<Server> {
  const server = await openTestServer({
    store: source.store,
    operationsFor: (by) => source.operationsFor(by),
    ...over,
  });
  servers.push(server);
  return server;
}

type Method = 'GET' | 'POST' | 'DELETE';
const ask = (
  server: Server,
  method: Method,
  url: string,
  headers: Readonly<Record<string, string>> = {},
  body?: unknown,
) =>
  server.inject({
    method,
    url,
    headers: { host, ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const tokenFile = (text: string): (() => readonly AccessToken[]) => {
  const { tokens, problems } = parseTokenFile(text);
  expect(problems).toEqual([]);
  return () => tokens;
};
const waiver = { service: 'digits', environment: 'default', kind: 'golden', reason: 'r', untilMs: 1e15 };

/** Every route with its method, as fastify knows them. */
async function routesOf(server: Server): Promise<readonly { method: Method; path: string }[]> {
  const { paths } = (await ask(server, 'GET', '/openapi.json')).json<{
    paths: Record<string, Record<string, unknown>>;
  }>();
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase() as Method,
      path: path.replaceAll(/\{\w+\}/g, '1'),
    })),
  );
}

describe('without a credential', () => {
  it('every route that writes is refused, on loopback too, whatever stands in the body', async () => {
    const server = await open();
    const writing = (await routesOf(server)).filter(({ method, path }) => method !== 'GET' && path !== '/v1/session');
    expect(writing.length).toBeGreaterThan(14);
    for (const { method, path } of writing) {
      const answer = await ask(server, method, path, {}, {});
      expect([path, answer.statusCode, answer.json().error.code]).toEqual([path, 401, 'no-credential']);
    }
    expect(await source.store.events({})).toEqual([]);
  });

  it('reading is open on loopback, except for what is the gateways’', async () => {
    const server = await open();
    expect((await ask(server, 'GET', '/v1/view')).statusCode).toBe(200);
    expect((await ask(server, 'GET', '/v1/gateways/g/routing')).statusCode).toBe(401);
  });

  it('reading is closed where a token file is used, except for who this is, on this machine', async () => {
    const access = testAccess(() => [], { openReading: false });
    const server = await open({ access });
    for (const path of ['/v1/view', '/', '/openapi.json', '/metrics', '/nothing']) {
      expect((await ask(server, 'GET', path)).statusCode).toBe(401);
    }
    expect((await ask(server, 'GET', '/v1/identity')).statusCode).toBe(200);
    const elsewhere = await open({ access, isLocal: () => false });
    expect((await ask(elsewhere, 'GET', '/v1/identity')).statusCode).toBe(401);
  });

  it('a page’s own request is not answered by the browser’s prompt for a password', async () => {
    const server = await open();
    const answer = await ask(
      server,
      'POST',
      '/v1/waivers',
      { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' },
      waiver,
    );
    expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'Bearer realm="plimsoll"']);
  });
});

describe('with a wrong credential', () => {
  it.each(['Bearer nobody', 'Bearer ', 'Basic !!!', 'Digest look', ''])(
    '%j reads nothing either',
    async (authorization) => {
      const server = await open();
      expect((await ask(server, 'GET', '/v1/view', { authorization })).statusCode).toBe(401);
    },
  );
});

describe('roles', () => {
  const [view, measure, release, operate] = ['view', 'measure', 'release', 'operate'].map((role) =>
    bearer(`t-${role}`),
  ) as [ReturnType<typeof bearer>, ReturnType<typeof bearer>, ReturnType<typeof bearer>, ReturnType<typeof bearer>];
  const named = tokenFile(
    ['view', 'measure', 'release', 'operate']
      .map((role) => `n-${role} ${role} ${tokenDigestOf(`t-${role}`)}`)
      .join('\n'),
  );
  const steer = { service: 'digits', environment: 'default', reason: 'r' };

  it.each([
    ['POST', '/v1/labels', { release: 1, labels: [{ requestId: 'r', right: true }] }, [view]],
    [
      'POST',
      '/v1/models/aliases',
      { environment: 'default', model: 'm', alias: 'a', from: null, to: 1 },
      [view, measure],
    ],
    ['POST', '/v1/waivers', waiver, [view, measure, release]],
    ['POST', '/v1/rollout/pause', steer, [view, measure, release]],
    ['POST', '/v1/gateways/g/report', {}, [view, measure, release, operate]],
  ] as const)('%s %s is refused to those that may less', async (method, path, body, refused) => {
    const server = await open({ access: testAccess(named) });
    for (const headers of refused) {
      const answer = await ask(server, method, path, headers, body);
      expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'forbidden']);
    }
    expect(await source.store.events({})).toEqual([]);
  });

  it('release may release, and needs operate to bring its own waiver', async () => {
    const server = await open({ access: testAccess(named) });
    const request = await aReleaseRequest(source.blobs, 1);
    const waived = { ...request, waivers: [{ kind: 'golden', reason: 'r', untilMs: 1e15 }] };
    expect((await ask(server, 'POST', '/v1/releases', release, waived)).statusCode).toBe(403);
    expect((await ask(server, 'POST', '/v1/releases', release, request)).statusCode).toBe(201);
    expect(await source.store.events({ kindPrefix: 'release.created' })).toMatchObject([{ by: 'n-release' }]);
  });

  it('every operation has one', () => {
    expect(Object.keys(operationRoles).sort()).toEqual(Object.keys(source.operationsFor('ada')).sort());
  });

  it('a gateway may report and follow, and neither read nor write anything else', async () => {
    const server = await open();
    expect((await ask(server, 'GET', '/v1/view', asGateway)).statusCode).toBe(403);
    expect((await ask(server, 'POST', '/v1/waivers', asGateway, waiver)).statusCode).toBe(403);
    // In its right form it would be taken; the form is what is looked at next.
    expect((await ask(server, 'POST', '/v1/gateways/g/report', asGateway, {})).statusCode).toBe(400);
  });
});

describe('scopes', () => {
  const named = tokenFile(
    [
      `ann operate ${tokenDigestOf('t-digits')} service=digits`,
      `bob operate ${tokenDigestOf('t-chat')} service=chat`,
      `cy operate ${tokenDigestOf('t-staging')} environment=staging`,
    ].join('\n'),
  );

  it('hold for what the request names, in body, query and path', async () => {
    const server = await open({ access: testAccess(named, { openReading: false }) });
    for (const token of ['t-chat', 't-staging']) {
      const refused = [
        await ask(server, 'POST', '/v1/waivers', bearer(token), waiver),
        await ask(server, 'GET', '/v1/view', bearer(token)),
        await ask(server, 'GET', '/v1/releases?service=digits&environment=default', bearer(token)),
        await ask(server, 'GET', '/v1/models?environment=default', bearer(token)),
        await ask(server, 'GET', '/v1/stream', bearer(token)),
        await ask(server, 'DELETE', '/v1/waivers/golden?reason=r', bearer(token)),
        await ask(server, 'POST', '/v1/releases', bearer(token), await aReleaseRequest(source.blobs, 1)),
      ];
      expect(refused.map(({ statusCode }) => statusCode)).toEqual(refused.map(() => 403));
    }
    expect((await ask(server, 'POST', '/v1/waivers', bearer('t-digits'), waiver)).statusCode).toBe(204);
    expect((await ask(server, 'GET', '/v1/view?service=chat', bearer('t-digits'))).statusCode).toBe(403);
  });

  it('of one service read its device time, and not that of all devices', async () => {
    const server = await open({ access: testAccess(named, { openReading: false }) });
    const statusOf = async (path: string, token: string): Promise<number> =>
      (await ask(server, 'GET', path, bearer(token))).statusCode;
    expect(await statusOf('/v1/cost?service=digits', 't-digits')).toBe(200);
    expect(await statusOf('/v1/cost?service=digits', 't-chat')).toBe(403);
    expect(await statusOf('/v1/cost?environment=staging', 't-staging')).toBe(200);
    for (const token of ['t-digits', 't-chat', 't-staging']) {
      expect(await statusOf('/v1/cost', token)).toBe(403);
      expect(await statusOf('/v1/cost/rebuild', token)).toBe(403);
      expect(await statusOf('/v1/cost/export?format=focus&fromMs=0&toMs=3600000', token)).toBe(403);
      expect(await statusOf('/v1/cost/hours?fromMs=0&toMs=3600000', token)).toBe(403);
    }
    expect(await statusOf('/v1/cost?by=servise&service=digits', 't-digits')).toBe(400);
  });
});

describe('expiry and revocation', () => {
  it('end a token and every page that was signed in with it', async () => {
    let [nowMs, lines] = [0, `ada operate ${tokenDigestOf('t')} expires=1970-01-01T00:00:10Z`];
    const access = testAccess(
      () => parseTokenFile(lines).tokens,
      {},
      () => nowMs,
    );
    const server = await open({ access });
    const { cookie, writeKey } = await signIn(server, bearer('t'));
    const write = (): Promise<number> =>
      ask(server, 'POST', '/v1/waivers', { cookie, 'plimsoll-write-key': writeKey }, waiver).then(
        ({ statusCode }) => statusCode,
      );
    expect(await write()).toBe(204);
    nowMs = 10_000;
    expect(await write()).toBe(401);
    nowMs = 5_000;
    expect(await write()).toBe(204);
    nowMs = 10_000;
    const refusalOf = async (token: string): Promise<{ code: string; message: string; next: string }> =>
      (await ask(server, 'POST', '/v1/waivers', bearer(token), waiver)).json<{ error: never }>().error;
    expect(await refusalOf('t')).toMatchObject({
      code: 'token-expired',
      message: 'the token expired at 1970-01-01T00:00:10.000Z',
      next: expect.stringContaining('plimsoll token add'),
    });
    expect(await refusalOf('not-t')).toMatchObject({ code: 'token-unknown' });
    lines = '';
    expect(await refusalOf('t')).toMatchObject({ code: 'token-unknown' });
    expect(await write()).toBe(401);
    expect((await ask(server, 'POST', '/v1/waivers', bearer('t'), waiver)).statusCode).toBe(401);
  });
});

async function signIn(server: Server, headers: Readonly<Record<string, string>>) {
  const { code } = (await ask(server, 'POST', '/v1/session-codes', headers)).json<{ code: string }>();
  const answer = await ask(server, 'POST', '/v1/session', {}, { code });
  expect(answer.statusCode).toBe(201);
  const [cookie = ''] = String(answer.headers['set-cookie']).split(';');
  return {
    code,
    cookie,
    header: String(answer.headers['set-cookie']),
    writeKey: answer.json<{ writeKey: string }>().writeKey,
  };
}

describe('a page that is signed in', () => {
  it('gets a cookie that scripts cannot read, and no token', async () => {
    const server = await open();
    const { header, writeKey } = await signIn(server, asOperator);
    expect(header).toMatch(/; HttpOnly; SameSite=Strict; Path=\/; Max-Age=43200$/);
    expect(header + writeKey).not.toContain(testToken);
  });

  it('writes as whoever asked for the code, with its key beside the cookie', async () => {
    const server = await open();
    const { cookie, writeKey } = await signIn(server, asOperator);
    const headers = { cookie, 'plimsoll-write-key': writeKey };
    expect((await ask(server, 'POST', '/v1/waivers', headers, waiver)).statusCode).toBe(204);
    expect(await source.store.events({ kindPrefix: 'waiver.' })).toMatchObject([{ by: 'ada' }]);
    expect((await ask(server, 'GET', '/v1/session', headers)).json()).toEqual({ name: 'ada', roles: ['operate'] });
  });

  it.each([
    [
      'the cookie alone, as a server on another port of this machine is sent it',
      (key: string) => ({ key: '', also: key }),
    ],
    ['the key of another session', (key: string) => ({ key: [...key].reverse().join(''), also: '' })],
  ])('writes nothing with %s', async (_what, of) => {
    const server = await open();
    const { cookie, writeKey } = await signIn(server, asOperator);
    const { key } = of(writeKey);
    const headers = { cookie, ...(key === '' ? {} : { 'plimsoll-write-key': key }) };
    expect((await ask(server, 'POST', '/v1/waivers', headers, waiver)).statusCode).toBe(401);
    expect((await ask(server, 'GET', '/v1/session', headers)).json()).toMatchObject({ roles: [] });
  });

  it('uses its code once', async () => {
    const server = await open();
    const { code } = await signIn(server, asOperator);
    const again = await ask(server, 'POST', '/v1/session', {}, { code });
    expect([again.statusCode, again.json().error.code]).toEqual([401, 'code-unknown']);
  });

  it('uses its code within ten minutes', async () => {
    let nowMs = 0;
    const server = await open({
      access: testAccess(
        () => [],
        {},
        () => nowMs,
      ),
    });
    const { code } = (await ask(server, 'POST', '/v1/session-codes', asOperator)).json<{ code: string }>();
    nowMs = 10 * 60_000;
    expect((await ask(server, 'POST', '/v1/session', {}, { code })).statusCode).toBe(401);
  });

  it('is given no code by its cookie: a page makes no further pages', async () => {
    const server = await open();
    const { cookie, writeKey } = await signIn(server, asOperator);
    const headers = { cookie, 'plimsoll-write-key': writeKey };
    expect((await ask(server, 'POST', '/v1/session-codes', headers)).statusCode).toBe(401);
  });

  it('is signed out by DELETE', async () => {
    const server = await open();
    expect(String((await ask(server, 'DELETE', '/v1/session')).headers['set-cookie'])).toContain('Max-Age=0');
  });

  it('is signed out with every copy of its cookie and key, and nobody else is', async () => {
    const server = await open();
    const [left, stays] = [await signIn(server, asOperator), await signIn(server, asOperator)];
    const rolesOf = async ({ cookie, writeKey }: typeof left) =>
      (await ask(server, 'GET', '/v1/session', { cookie, 'plimsoll-write-key': writeKey })).json<SessionAnswer>().roles;
    expect((await ask(server, 'DELETE', '/v1/session', { cookie: left.cookie })).statusCode).toBe(204);
    const headers = { cookie: left.cookie, 'plimsoll-write-key': left.writeKey };
    expect((await ask(server, 'POST', '/v1/waivers', headers, waiver)).statusCode).toBe(401);
    expect([await rolesOf(left), await rolesOf(stays)]).toEqual([[], ['operate']]);
  });

  it('is signed out by no cookie that was made up', async () => {
    const server = await open();
    const stays = await signIn(server, asOperator);
    const forged = `${stays.cookie.slice(0, -4)}0000`;
    expect((await ask(server, 'DELETE', '/v1/session', { cookie: forged })).statusCode).toBe(204);
    const headers = { cookie: stays.cookie, 'plimsoll-write-key': stays.writeKey };
    expect((await ask(server, 'POST', '/v1/waivers', headers, waiver)).statusCode).toBe(204);
  });
});

describe('the proof of the server', () => {
  const nonce = 'n'.repeat(32);

  it('covers the nonce and the address that it was asked at', async () => {
    const server = await open();
    const url = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
    const digest = tokenDigestOf(testToken);
    const answer = await fetch(new URL(`/v1/proof?key=${keyIdOf(digest)}&nonce=${nonce}`, url));
    expect(await answer.json()).toEqual({ address: url.host, proof: makeServerProof(digest, nonce, url.host) });
  });

  it('is given for no token that is not known, and for no nonce that could be guessed', async () => {
    const server = await open();
    expect((await ask(server, 'GET', `/v1/proof?key=${'0'.repeat(32)}&nonce=${nonce}`)).statusCode).toBe(401);
    expect((await ask(server, 'GET', `/v1/proof?key=${keyIdOf(tokenDigestOf(testToken))}&nonce=n`)).statusCode).toBe(
      400,
    );
  });
});
