import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseTokenFile } from '../../core/access/access-token.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { asOperator, openTestServer, testAccess } from '../../testing/rigs/control-plane-server.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { openStoreOperations, type StoreOperations } from '../../testing/rigs/store-operations.ts';
import type { HttpService, HttpParts, Server } from './http-parts.ts';

const host = '127.0.0.1:7070';
let source: StoreOperations;
let servers: Server[] = [];
beforeEach(async () => {
  source = await openStoreOperations();
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});

async function open(over: Partial<HttpParts & HttpService> = {}): Promise<Server> {
  const server = await openTestServer({
    store: source.store,
    operationsFor: (by) => source.operationsFor(by),
    ...over,
  });
  servers.push(server);
  return server;
}
const json = (body: unknown) => ({
  headers: { host, ...asOperator, 'content-type': 'application/json' },
  payload: JSON.stringify(body),
});
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const { tokens } = parseTokenFile(
  `vera viewer ${sha256('look')}\n# the one who may write\n\nolaf operator ${sha256('write')}`,
);
const waiver = { service: 'digits', environment: 'default', kind: 'golden', reason: 'r', untilMs: 1e15 };

describe('who may ask', () => {
  it.each([
    ['another host name, as after DNS rebinding', { host: 'evil.example' }],
    ['a page of another origin', { host, origin: 'http://evil.example' }],
    ['a page without an origin', { host, origin: 'null' }],
    ['a page on another port of this machine', { host, origin: 'http://127.0.0.1:9999' }],
  ])('refuses %s, also for reading', async (_what, headers) => {
    const server = await open();
    const answer = await server.inject({ url: '/v1/view', headers });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ error: { code: 'foreign-origin', category: 'unauthorized' } });
  });

  it('refuses a write that the browser says another page sent', async () => {
    const server = await open();
    const headers = { ...json(waiver).headers, 'sec-fetch-site': 'cross-site' };
    expect((await server.inject({ method: 'POST', url: '/v1/waivers', ...json(waiver), headers })).statusCode).toBe(
      403,
    );
    const own = { ...headers, 'sec-fetch-site': 'same-origin', origin: `http://${host}` };
    expect(
      (await server.inject({ method: 'POST', url: '/v1/waivers', ...json(waiver), headers: own })).statusCode,
    ).toBe(204);
  });

  it('is read by no script of another page, and opened by a link of any', async () => {
    const server = await open();
    const from = (site: string, mode: string) =>
      server.inject({ url: '/v1/view', headers: { host, 'sec-fetch-site': site, 'sec-fetch-mode': mode } });
    const statuses = await Promise.all(
      [
        ['cross-site', 'no-cors'],
        ['same-site', 'cors'],
        ['cross-site', 'navigate'],
        ['same-origin', 'cors'],
        ['none', 'navigate'],
      ].map(async ([site = '', mode = '']) => (await from(site, mode)).statusCode),
    );
    expect(statuses).toEqual([403, 403, 200, 200, 200]);
  });

  it('takes no form post, and no text', async () => {
    const server = await open();
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data']) {
      const headers = { host, ...asOperator, 'content-type': type };
      const answer = await server.inject({
        method: 'POST',
        url: '/v1/waivers',
        headers,
        payload: JSON.stringify(waiver),
      });
      expect(answer.statusCode).toBe(415);
    }
  });

  it('accepts the names of this machine', async () => {
    const server = await open();
    for (const name of ['127.0.0.1:7070', 'localhost:7070', '[::1]:7070', '127.0.0.1']) {
      expect((await server.inject({ url: '/v1/health', headers: { host: name } })).statusCode).toBe(200);
    }
  });

  describe('with tokens', () => {
    const ask = (server: Server, authorization: string | undefined, method: 'GET' | 'POST' = 'GET') =>
      server.inject({
        method,
        url: method === 'GET' ? '/v1/view' : '/v1/waivers',
        headers: {
          host: 'plimsoll.example',
          ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
          ...(authorization === undefined ? {} : { authorization }),
        },
        ...(method === 'POST' ? { payload: JSON.stringify(waiver) } : {}),
      });
    const withTokens = () =>
      open({
        access: testAccess(() => tokens, { openReading: false }),
        isLocal: () => false,
      });

    it('asks for one, in a way that browsers understand', async () => {
      const server = await withTokens();
      for (const wrong of [undefined, 'Bearer nobody', 'Bearer ', 'Basic !!!', 'Digest look']) {
        const answer = await ask(server, wrong);
        expect(answer.statusCode).toBe(401);
        expect(answer.headers['www-authenticate']).toContain('Basic');
      }
    });

    it('lets a viewer read and not write', async () => {
      const server = await withTokens();
      expect((await ask(server, 'Bearer look')).statusCode).toBe(200);
      const answer = await ask(server, 'Bearer look', 'POST');
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ error: { code: 'forbidden', message: expect.stringContaining('vera') } });
    });

    it('lets an operator write, and records the name of the token', async () => {
      const server = await withTokens();
      expect((await ask(server, 'Bearer write', 'POST')).statusCode).toBe(204);
      expect(await source.store.events({ kindPrefix: 'waiver.' })).toMatchObject([{ by: 'olaf' }]);
    });

    it('takes the token as the password that a browser asks for', async () => {
      const server = await withTokens();
      const basic = `Basic ${Buffer.from('anything:look').toString('base64')}`;
      expect((await ask(server, basic)).statusCode).toBe(200);
    });

    it('guards every path, the page and the stream included', async () => {
      const server = await withTokens();
      for (const url of [
        '/',
        '/v1/stream',
        '/openapi.json',
        '/reference/',
        '/metrics',
        '/v1/gateways/g/routing',
        '/nothing',
      ]) {
        expect((await server.inject({ url, headers: { host: 'plimsoll.example' } })).statusCode).toBe(401);
      }
    });
  });
});

describe('answers to what is wrong', () => {
  it.each([
    ['input', 400],
    ['not-found', 404],
    ['conflict', 409],
    ['refused', 422],
    ['overloaded', 503],
    ['unavailable', 503],
    ['corrupt', 500],
    ['bug', 500],
  ] as const)('%s is %d, with code, sentence and next step', async (category, status) => {
    const error = new PlimsollError({ code: 'some-code', category, message: 'what is wrong', next: 'what to do' });
    const server = await open({
      operationsFor: () => ({ ...source.operationsFor('ada'), view: () => Promise.reject(error) }),
    });
    const answer = await server.inject({ url: '/v1/view', headers: { host } });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({
      error: { code: 'some-code', category, message: 'what is wrong', next: 'what to do', details: {} },
    });
  });

  it.each([
    ['no JSON', '{"service":', 400, 'invalid-json'],
    ['nothing', '', 400, 'invalid-json'],
    ['the wrong shape', '{"service": 1}', 400, 'invalid-request'],
    ['10,000 levels', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 400, 'invalid-request'],
    ['a poisoned prototype', '{"__proto__": {"x": 1}}', 400, 'invalid-json'],
  ])('a body of %s', async (_what, payload, status, code) => {
    const server = await open();
    const answer = await server.inject({
      method: 'POST',
      url: '/v1/releases',
      headers: { host, ...asOperator, 'content-type': 'application/json' },
      payload,
    });
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
  });

  it('names the place in the body that is wrong', async () => {
    const server = await open();
    const request = await aReleaseRequest(source.blobs, 1);
    const answer = await server.inject({
      method: 'POST',
      url: '/v1/releases',
      ...json({ ...request, bundle: 'sha256:short' }),
    });
    expect(answer.json().error.message).toContain('/bundle');
  });

  it.each(['evidence', 'code', 'model', 'golden', 'replicas', 'verdict'])(
    'refuses a release that brings its own %s: a verdict is made of the bundle alone',
    async (key) => {
      const server = await open();
      const request = await aReleaseRequest(source.blobs, 1);
      const answer = await server.inject({ method: 'POST', url: '/v1/releases', ...json({ ...request, [key]: [] }) });
      expect([answer.statusCode, answer.json().error.message]).toEqual([400, expect.stringContaining(`"${key}"`)]);
      expect(await source.store.events({})).toEqual([]);
    },
  );

  it('refuses a path out of an artifact', async () => {
    const server = await open();
    const { digest } = await source.blobs.put(new TextEncoder().encode('weights'));
    for (const file of ['../../etc/passwd', '/etc/passwd', 'a/../../b']) {
      const files = [{ path: file, digest, bytes: 7 }];
      const version = { environment: 'default', name: 'digits', digest, format: 'onnx', files, signature: null };
      const answer = await server.inject({
        method: 'POST',
        url: '/v1/models',
        ...json({ ...version, facts: {}, lineage: {} }),
      });
      expect(answer.statusCode).toBe(400);
    }
  });

  it('refuses a body beyond its bound', async () => {
    const server = await open();
    const payload = JSON.stringify({ reason: 'x'.repeat(5 * 1024 * 1024) });
    const headers = { host, ...asOperator, 'content-type': 'application/json' };
    const answer = await server.inject({ method: 'POST', url: '/v1/waivers', headers, payload });
    expect([answer.statusCode, answer.json().error.code]).toEqual([413, 'body-too-large']);
  });

  it('says where it does not know a path', async () => {
    const server = await open();
    const answer = await server.inject({ url: '/v1/nothing', headers: { host } });
    expect(answer.json()).toMatchObject({ error: { code: 'unknown-path', next: 'see /reference' } });
  });
});

describe('a client of another version', () => {
  const asking = async (version: string | undefined, method: 'GET' | 'POST') => {
    const server = await open({ plimsollVersion: '1.4.0' });
    const headers = { ...json(waiver).headers, ...(version === undefined ? {} : { 'plimsoll-version': version }) };
    return method === 'GET'
      ? server.inject({ url: '/v1/view', headers })
      : server.inject({ method, url: '/v1/waivers', ...json(waiver), headers });
  };

  it.each(['1.4.0', '1.3.9', '1.5.0', undefined])('that is near (%s) writes', async (version) => {
    expect((await asking(version, 'POST')).statusCode).toBe(204);
  });

  it.each(['1.2.0', '1.6.0', '2.4.0', 'dev'])(
    'that is far (%s) reads, and is told both versions when it writes',
    async (version) => {
      expect((await asking(version, 'GET')).statusCode).toBe(200);
      const refused = await asking(version, 'POST');
      expect([refused.statusCode, refused.json()]).toMatchObject([
        409,
        { error: { code: 'version-too-far', details: { client: version, server: '1.4.0' } } },
      ]);
    },
  );
});

/** Each `$ref` with the place where it stands. */
function referencesOf(value: unknown, at = '#'): readonly { readonly at: string; readonly reference: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) =>
    key === '$ref' && typeof member === 'string' ? [{ at, reference: member }] : referencesOf(member, `${at}/${key}`),
  );
}

/** What a reference within the document points at, by RFC 6901; undefined for none and for another document. */
function targetOf(reference: string, document: unknown): unknown {
  if (!reference.startsWith('#/')) return undefined;
  const parts = reference.slice(2).split('/');
  return parts
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, part) => (value as Record<string, unknown> | undefined)?.[part], document);
}

describe('the reference', () => {
  it('describes every path in OpenAPI, out of the schemas that are checked', async () => {
    const server = await open();
    const openapi = (await server.inject({ url: '/openapi.json', headers: { host } })).json();
    expect(openapi.openapi).toBe('3.1.0');
    expect(Object.keys(openapi.paths).sort()).toEqual([
      '/v1/approvals',
      '/v1/arrivals',
      '/v1/artifacts/shares',
      '/v1/asks/{id}',
      '/v1/asks/{id}/cancel',
      '/v1/bars/{axis}/{digest}',
      '/v1/capacity/plan',
      '/v1/cost',
      '/v1/cost/export',
      '/v1/cost/hours',
      '/v1/cost/rebuild',
      '/v1/data',
      '/v1/data/{name}',
      '/v1/diagnosis',
      '/v1/drift',
      '/v1/drift/acknowledge',
      '/v1/drift/explain',
      '/v1/drift/history',
      '/v1/drift/samples',
      '/v1/environments',
      '/v1/environments/{environment}',
      '/v1/events',
      '/v1/evidence',
      '/v1/fleet',
      '/v1/fleet/stream',
      '/v1/gateways/{id}/fleet',
      '/v1/gateways/{id}/report',
      '/v1/gateways/{id}/reports',
      '/v1/gateways/{id}/routing',
      '/v1/gateways/{id}/samples',
      '/v1/health',
      '/v1/identity',
      '/v1/labels',
      '/v1/labels/ask',
      '/v1/lineage',
      '/v1/models',
      '/v1/models/aliases',
      '/v1/models/syncs',
      '/v1/models/{name}',
      '/v1/notify/test',
      '/v1/pools',
      '/v1/proof',
      '/v1/releases',
      '/v1/replicas/isolation',
      '/v1/rollbacks',
      '/v1/rollout',
      '/v1/rollout/abort',
      '/v1/rollout/pause',
      '/v1/rollout/promote',
      '/v1/rollout/resume',
      '/v1/scaling',
      '/v1/scaling/{seq}',
      '/v1/services/remove',
      '/v1/services/transfers',
      '/v1/session',
      '/v1/session-codes',
      '/v1/session/begin',
      '/v1/session/callback',
      '/v1/session/providers',
      '/v1/signals',
      '/v1/signals/history',
      '/v1/stream',
      '/v1/try',
      '/v1/view',
      '/v1/waivers',
      '/v1/waivers/{kind}',
    ]);
    const body = openapi.paths['/v1/rollbacks'].post.requestBody.content['application/json'].schema;
    expect(body.required).toEqual(expect.arrayContaining(['service', 'environment', 'axis', 'reason']));

    const dangling = referencesOf(openapi).filter(({ reference }) => targetOf(reference, openapi) === undefined);
    expect(dangling).toEqual([]);
    // Any value of JSON: an empty schema, and still required.
    const decision = openapi.paths['/v1/scaling/{seq}'].get.responses['200'].content['application/json'].schema;
    const { grounds } = decision.properties.record.properties;
    expect(grounds.properties.state).toEqual({});
    expect(grounds.required).toContain('state');
  });

  it('is rendered from its own files alone', async () => {
    const server = await open();
    const page = await server.inject({ url: '/reference/', headers: { host } });
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.body).not.toMatch(/(?:src|href)="https?:/);
  });
});

describe('the page', () => {
  it('is served with a strict policy and relative links; what has a digest in its name is kept for ever, the rest asked for again', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-page-'));
    try {
      await mkdir(path.join(folder, 'assets'));
      const document = '<!doctype html><title>page</title><script src="./assets/main-B1a2C3d4.js"></script>';
      await writeFile(path.join(folder, 'index.html'), document);
      await writeFile(path.join(folder, 'assets', 'main-B1a2C3d4.js'), 'export {}');
      const server = await open({ dashboardFolder: folder });
      const page = await server.inject({ url: '/', headers: { host } });
      expect(page.body).toContain('<title>page</title>');
      expect(page.headers).toMatchObject({ 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' });
      const policy = String(page.headers['content-security-policy']);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      const script = await server.inject({ url: '/assets/main-B1a2C3d4.js', headers: { host } });
      expect(script.headers['cache-control']).toContain('immutable');
      expect((await server.inject({ url: '/../secret', headers: { host } })).statusCode).toBe(404);
      const links = ['/', '/cost?last=30d', '/services?search=a/b', '/services/', '/services/a%2Fb/prod'].map(
        async (url) => {
          const { body, headers } = await server.inject({ url, headers: { host } });
          expect(headers).toMatchObject({ 'cache-control': 'no-cache', 'content-security-policy': policy });
          expect(headers['content-type']).toMatch(/^text\/html/);
          return /src="([./]*)assets/.exec(body)?.[1];
        },
      );
      expect(await Promise.all(links)).toEqual(['./', './', './', '../', '../../']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says how to build it where it is not built', async () => {
    const server = await open();
    expect((await server.inject({ url: '/', headers: { host } })).body).toContain('npm run build');
  });
});

describe('trying the service', () => {
  it('hands the body on as it came, byte for byte', async () => {
    const seen: string[] = [];
    const answer = { status: 200, release: 1, replica: 'r', modelVersion: 2, latencyMs: 1.5, body: { outputs: [] } };
    const server = await open({
      tryIt: async (body) => {
        seen.push(Buffer.from(body).toString('utf8'));
        return answer;
      },
    });
    const payload = '{ "inputs": [1e400, 9007199254740993, -0] }';
    const headers = { host, ...asOperator, 'content-type': 'application/json' };
    const got = await server.inject({ method: 'POST', url: '/v1/try', headers, payload });
    expect([got.statusCode, got.json()]).toEqual([200, answer]);
    expect(seen).toEqual([payload]);
  });
});
