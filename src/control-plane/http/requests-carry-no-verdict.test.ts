/** No field of a request is a judgement: neither what the routes take, nor what becomes of more than that. */
import { afterEach, expect, expectTypeOf, it } from 'vitest';
import type { AskedWaiver } from '../../core/rollout/release-ask.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { ReleaseRequest } from '../../schemas/http/operations.ts';
import { aReleaseRequest } from '../../testing/builders/release-fixture.ts';
import { asOperator, openTestServer } from '../../testing/rigs/control-plane-server.ts';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';
import type { Server } from './http-parts.ts';

/** Words of these routes that no judge ever reads: what an alias moved on is history, and a gateway counts its refusals. */
const recordedOnly = ['post /v1/models/aliases', 'post /v1/gateways/{id}/report', 'post /v1/gateways/{id}/reports'];
const judgements = [
  'verdict',
  'freshness',
  'reasons',
  'evidence',
  'evidenceStates',
  'states',
  'judgement',
  'measurements',
];
let server: Server;
afterEach(() => server.close());

/** Every name of a property in a schema, however deep; references are followed once. */
function propertyNames(schema: unknown, document: unknown, seen = new Set<unknown>()): ReadonlySet<string> {
  const names = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    for (const [key, member] of Object.entries(value)) {
      if (key === 'properties') for (const name of Object.keys(member as object)) names.add(name);
      if (key === '$ref')
        look(
          String(member)
            .slice(2)
            .split('/')
            .reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], document),
        );
      else look(member);
    }
  };
  look(schema);
  return names;
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { requestBody?: unknown; parameters?: unknown }>>>>;
}

it('no route takes a verdict, a freshness or reasons', async () => {
  server = await openTestServer();
  const document = (
    await server.inject({ url: '/openapi.json', headers: { host: '127.0.0.1:7070' } })
  ).json() as OpenApi;
  const taken = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody, parameters }]) =>
      [...propertyNames([requestBody, parameters], document)].map((name) => ({ route: `${method} ${path}`, name })),
    ),
  );
  // Without a look at bodies there would be nothing to find.
  expect(taken).toContainEqual({ route: 'post /v1/releases', name: 'bundle' });
  const judging = taken.filter(({ route, name }) => judgements.includes(name) && !recordedOnly.includes(route));
  expect(judging).toEqual([]);
  expect(
    taken
      .filter(({ route }) => route === 'post /v1/releases')
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['again', 'bundle', 'environment', 'failing', 'kind', 'reason', 'service', 'untilMs', 'waivers']);
});

it('a release is asked for by five fields', () => {
  expectTypeOf<ReleaseRequest>().toEqualTypeOf<{
    readonly service: string;
    readonly environment: string;
    readonly bundle: Digest;
    readonly waivers: readonly AskedWaiver[];
    readonly again: boolean;
  }>();
});

it.each([
  ['a verdict', { verdict: 'pass' }],
  [
    'states of evidence',
    { evidence: [{ kind: 'golden', freshness: 'fresh', verdict: 'pass', reasons: [], available: true }] },
  ],
  ['a code digest', { code: `sha256:${'0'.repeat(64)}` }],
  ['who asks', { by: 'root' }],
  ['what became of it', { state: 'released', release: 7 }],
  ['a waiver under the name of another', { waivers: [{ kind: 'golden', reason: 'r', untilMs: 1e14, by: 'root' }] }],
  ['a waiver without an end', { waivers: [{ kind: 'golden', reason: 'r', untilMs: 1e300 }] }],
])('a request with %s is no request: nothing is judged or recorded', async (_what, more) => {
  const world = await openStoreOperations();
  server = await openTestServer({ store: world.store, operationsFor: (by) => world.operationsFor(by) });
  const payload = { ...(await aReleaseRequest(world.blobs, 1)), ...more };
  const headers = { host: '127.0.0.1:7070', ...asOperator, 'content-type': 'application/json' };
  const answer = await server.inject({
    method: 'POST',
    url: '/v1/releases',
    headers,
    payload: JSON.stringify(payload),
  });
  expect([answer.statusCode, answer.json().error?.code]).toEqual([400, 'invalid-request']);
  expect(await world.store.releases('digits', 'default')).toEqual([]);
  expect(await world.store.releaseAsks('digits', 'default')).toEqual([]);
});

it('what is asked in process with more than that is recorded without it', async () => {
  const world = await openStoreOperations();
  server = await openTestServer();
  const forged = {
    ...(await aReleaseRequest(world.blobs, 1)),
    evidence: [],
    by: 'root',
    state: 'released',
    id: 'mine',
  };
  const { ask } = await world.operationsFor('ada').release(forged as ReleaseRequest);
  expect(ask).toMatchObject({ by: 'ada', state: 'released', release: 1 });
  expect([ask.id, Object.keys(ask)]).toEqual([
    expect.not.stringMatching('mine'),
    expect.not.arrayContaining(['evidence']),
  ]);
});
