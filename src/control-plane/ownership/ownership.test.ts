import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseTokenFile, tokenDigestOf, type AccessToken } from '../../core/access/access-token.ts';
import { artifactDigest } from '../../core/registry/artifact.ts';
import { aReleaseRequest, type BundleOver } from '../../testing/builders/release-fixture.ts';
import { ControlPlaneRig } from '../../testing/rigs/control-plane-rig.ts';
import { asOperator, testAccess } from '../../testing/rigs/control-plane-server.ts';
import type { Server } from '../http/http-parts.ts';

const environment = 'default';
const host = '127.0.0.1:7070';
let tokens: readonly AccessToken[];
let rig: ControlPlaneRig;
let server: Server;

beforeEach(async () => {
  tokens = parseTokenFile(
    [
      `digits-ci release ${tokenDigestOf('digits')} service=digits`,
      `chat-ci release ${tokenDigestOf('chat')} service=chat`,
      `release-all release ${tokenDigestOf('default')} environment=default`,
      `admin operate ${tokenDigestOf('admin')} environment=default`,
      `reader view ${tokenDigestOf('reader')}`,
    ].join('\n'),
  ).tokens;
  rig = new ControlPlaneRig();
  rig.services = ['chat', 'digits'].map((service) => ({ service, environment }));
  await rig.start();
  server = await rig.server({ access: testAccess(() => tokens, { openReading: false }) });
});
afterEach(async () => {
  await server.close();
  await rig.stop();
});

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const post = async (url: string, headers: Readonly<Record<string, string>>, payload: object) => {
  const answer = await server.inject({ method: 'POST', url, headers: { host, ...headers }, payload });
  const body = answer.body === '' ? {} : answer.json<{ error?: { code: string; message: string; next?: string } }>();
  return { status: answer.statusCode, code: body.error?.code, error: body.error, body: body as unknown };
};
const release = async (service: string, headers: Readonly<Record<string, string>>, over: BundleOver = {}, model = 1) =>
  post('/v1/releases', headers, await aReleaseRequest(rig.blobs, model, { service, ...over }));
const move = (
  service: string,
  headers: Readonly<Record<string, string>>,
  name = 'digits',
  from: number | null = null,
) =>
  post(`/v1/models/aliases?service=${service}`, headers, {
    ...{ environment, name, alias: 'candidate', from, to: 1, reason: 'r' },
  });
const share = (service: string, token: string, over: object = {}) =>
  post(`/v1/artifacts/shares?service=${service}`, as(token), {
    ...{ environment, kind: 'model', name: 'digits', with: 'chat' },
    ...over,
  });
const transfer = (token: string, to: object) =>
  post('/v1/services/transfers', as(token), { service: 'digits', environment, to });
const kindsOf = async (service: string) =>
  (await rig.store.events({ service, environment })).map(({ kind }) => kind).filter((kind) => !/^control/.test(kind));
/** What is on record, beside requests that were refused: these are no record of a service. */
const decided = async () => (await rig.store.events({})).filter(({ kind }) => kind !== 'access.refused');
const digitsModel = { model: { name: 'digits' } };

describe('a model', () => {
  beforeEach(async () => {
    expect((await release('digits', as('digits'))).status).toBe(201);
  });

  it('is moved by the service that owns it, and by no token of another one', async () => {
    const before = await decided();
    const refused = await move('chat', as('chat'));
    expect(refused).toMatchObject({
      status: 409,
      code: 'model-claimed',
      error: {
        message: 'model digits of default belongs to digits, and not to chat',
        next: expect.stringContaining('plimsoll model share digits --with chat'),
      },
    });
    expect((await move('digits', as('chat'))).code).toBe('forbidden');
    expect(await rig.store.aliases(environment, 'digits')).toEqual({});
    expect(await decided()).toEqual(before);
    expect((await move('digits', as('digits'))).status).toBe(204);
    expect(await rig.store.aliases(environment, 'digits')).toEqual({ candidate: 1 });
  });

  it('gets no version of another service, neither by itself nor by a release or a sync', async () => {
    const { digest, bytes } = await rig.blobs.put(new TextEncoder().encode('weights of chat'));
    const files = [{ path: 'model.bin', digest, bytes }];
    const version = {
      ...{ environment, name: 'digits', digest: artifactDigest(files), format: 'other', files, signature: null },
      ...{ facts: {}, lineage: {} },
    };
    expect((await post('/v1/models?service=chat', as('chat'), version)).code).toBe('model-claimed');
    expect((await release('chat', as('chat'), digitsModel)).code).toBe('model-claimed');
    const sync = {
      ...{ environment, location: 'mlflow://h:1', remoteName: 'D', outcome: 'added', alias: null, remote: '1' },
      ...{ local: 1, reason: 'r' },
    };
    expect((await post('/v1/models/syncs?service=chat', as('chat'), { ...sync, name: 'digits' })).code).toBe(
      'model-claimed',
    );
    expect((await post('/v1/models/syncs?service=digits', as('digits'), { ...sync, name: 'digits' })).status).toBe(204);
    expect(await rig.store.modelVersions(environment, 'digits')).toHaveLength(1);
    expect(await kindsOf('chat')).toEqual(['release.refused']);
  });

  it('is released by another service while it is shared, and changed by its owner alone', async () => {
    const answer = await share('digits', 'digits');
    expect(answer).toMatchObject({
      status: 200,
      body: [
        { service: 'chat', standing: 'shared', by: 'digits-ci' },
        { service: 'digits', standing: 'owner', by: 'digits-ci' },
      ],
    });
    expect((await release('chat', as('chat'), digitsModel)).status).toBe(201);
    expect(await move('chat', as('chat'))).toMatchObject({
      code: 'model-claimed',
      error: { next: 'have digits do it, or use another name' },
    });
    expect((await release('chat', as('chat'), digitsModel, 2)).code).toBe('model-claimed');
    expect(await share('digits', 'digits', { stop: true })).toMatchObject({
      status: 200,
      body: [{ service: 'digits' }],
    });
    expect((await release('chat', as('chat'), { ...digitsModel, codeName: 'c2' })).code).toBe('model-claimed');
  });

  it('that is shared no more holds up no rollback to it', async () => {
    await share('digits', 'digits');
    await release('chat', as('chat'), digitsModel);
    await rig.pass(4_000);
    expect((await release('chat', as('chat'), {}, 2)).status).toBe(201);
    await rig.pass(4_000);
    await share('digits', 'digits', { stop: true });
    await transfer('admin', { service: 'digits', environment: null });
    const body = { service: 'chat', environment, axis: 'model', reason: 'r' };
    const { status, body: rolledBack } = await post('/v1/rollbacks', as('admin'), body);
    expect([status, rolledBack]).toMatchObject([201, { model: { name: 'digits' } }]);
  });

  it('is shared by whoever owns or operates it, once, and on the record', async () => {
    expect((await share('chat', 'chat')).code).toBe('model-claimed');
    expect((await share('chat', 'reader')).code).toBe('forbidden');
    expect((await share('digits', 'digits', { name: 'nowhere' })).code).toBe('unknown-model');
    expect((await share('digits', 'digits', { with: 'Not A Service' })).status).toBe(400);
    await share('digits', 'digits');
    await share('digits', 'digits');
    // Of all owners, also where another service is named.
    expect((await share('chat', 'admin', { with: 'search' })).status).toBe(200);
    const shared = await rig.store.events({ kindPrefix: 'artifact.shared' });
    expect(shared.map(({ data }) => [data['with'], data['standing']])).toEqual([
      ['chat', 'shared'],
      ['search', 'shared'],
    ]);
  });

  it('leaves its owner by whoever operates that service alone, and is claimed by the next that changes it', async () => {
    await share('digits', 'digits');
    expect((await share('digits', 'digits', { with: 'digits', stop: true })).code).toBe('owner-stays');
    expect((await share('digits', 'admin', { with: 'digits', stop: true })).status).toBe(200);
    expect((await move('chat', as('chat'))).status).toBe(204);
    expect(await rig.store.artifactClaims(environment, 'model', 'digits')).toMatchObject([
      { service: 'chat', standing: 'owner' },
    ]);
  });
});

describe('data', () => {
  const rows = async (service: string, token: string) => {
    const { digest, bytes } = await rig.blobs.put(new TextEncoder().encode(`{"of":"${service}"}\n`));
    return post(`/v1/data?service=${service}`, as(token), {
      ...{ environment, name: 'digits-golden', digest, rows: 1 },
      ...{ files: [{ path: 'rows.jsonl', digest, bytes }], columns: [] },
    });
  };

  it('are added to by the service that had them first, and released by those that it shares them with', async () => {
    expect((await rows('digits', 'digits')).status).toBe(201);
    expect((await rows('chat', 'chat')).code).toBe('data-claimed');
    expect((await release('chat', as('chat'), {}, 2)).code).toBe('data-claimed');
    await share('digits', 'digits', { kind: 'data', name: 'digits-golden' });
    expect((await release('chat', as('chat'), {}, 2)).status).toBe(201);
    expect((await rows('chat', 'chat')).code).toBe('data-claimed');
  });

  it('that only a bundle names are nobody’s', async () => {
    expect((await release('digits', as('digits'))).status).toBe(201);
    expect((await release('chat', as('chat'), {}, 2)).status).toBe(201);
    expect(await rig.store.artifactClaims(environment, 'data', 'digits-golden')).toEqual([]);
  });
});

describe('a service', () => {
  it('is claimed by its first release for the scope of that token, and not by one that is refused', async () => {
    const failing = await release('digits', as('digits'), { contract: { monitoring: null } });
    expect(failing.status).toBe(422);
    expect(await rig.store.serviceClaim('digits', environment)).toBeNull();
    await release('digits', as('digits'));
    expect(await rig.store.serviceClaim('digits', environment)).toMatchObject({
      by: 'digits-ci',
      scope: { service: 'digits', environment: null },
    });
    expect((await rig.store.events({ kindPrefix: 'service.claimed' }))[0]?.data).toMatchObject({
      scope: 'service=digits',
    });
  });

  it('is released, and written as, by no token of another scope, which leaves no trace', async () => {
    await release('digits', as('digits'));
    const before = [await decided(), await rig.store.releaseAsks('digits', environment)];
    const refused = await release('digits', as('default'), { codeName: 'c2' });
    expect(refused).toMatchObject({
      status: 409,
      code: 'service-claimed',
      error: {
        message: expect.stringMatching(
          /^digits in default belongs to tokens of service=digits: digits-ci claimed it on /,
        ),
        next: expect.stringContaining('plimsoll service transfer digits --environment default'),
      },
    });
    expect((await move('digits', as('default'))).code).toBe('service-claimed');
    expect(
      (
        await post('/v1/artifacts/shares?service=digits', as('default'), {
          ...{ environment, kind: 'model', name: 'digits', with: 'chat' },
        })
      ).code,
    ).toBe('service-claimed');
    const [ask] = await rig.store.releaseAsks('digits', environment);
    const cancel = { service: 'digits', environment, reason: 'r' };
    expect((await post(`/v1/asks/${ask?.id}/cancel`, as('default'), cancel)).code).toBe('service-claimed');
    expect([await decided(), await rig.store.releaseAsks('digits', environment)]).toEqual(before);
  });

  it('is released by a token that is issued again, by a narrower one, and by whoever operates it', async () => {
    await release('digits', as('digits'));
    tokens = parseTokenFile(
      [
        `digits-2 release ${tokenDigestOf('again')} service=digits`,
        `digits-3 release ${tokenDigestOf('narrow')} service=digits environment=default`,
        `admin operate ${tokenDigestOf('admin')} environment=default`,
      ].join('\n'),
    ).tokens;
    for (const [index, headers] of [as('again'), as('narrow'), as('admin'), asOperator].entries()) {
      expect((await release('digits', headers, { codeName: `c${index + 2}` })).status).toBe(201);
    }
    expect((await release('digits', as('digits'))).code).toBe('token-unknown');
  });

  it('goes over to other tokens by whoever operates it, and to none that cannot release it', async () => {
    await release('digits', as('digits'));
    expect((await transfer('digits', { service: null, environment: 'default' })).code).toBe('forbidden');
    expect((await transfer('admin', { service: 'chat', environment: null })).code).toBe('scope-elsewhere');
    expect(await transfer('admin', { service: null, environment: 'default' })).toMatchObject({
      status: 200,
      body: { by: 'admin', scope: { service: null, environment: 'default' } },
    });
    expect((await release('digits', as('digits'), { codeName: 'c2' })).code).toBe('service-claimed');
    expect((await release('digits', as('default'), { codeName: 'c2' })).status).toBe(201);
    expect((await rig.store.events({ kindPrefix: 'service.transferred' }))[0]?.data).toMatchObject({
      scope: 'environment=default',
      from: 'service=digits',
    });
  });

  it('that was released by whoever may do everything is open to every token that may release it', async () => {
    await release('digits', asOperator);
    expect((await release('digits', as('default'), { codeName: 'c2' })).status).toBe(201);
    expect((await release('digits', as('digits'), { codeName: 'c3' })).status).toBe(201);
    expect((await release('digits', as('chat'), { codeName: 'c4' })).code).toBe('forbidden');
  });

  it('keeps its claim when it is removed: a token of others does not take it up again', async () => {
    await release('digits', as('digits'));
    expect(
      (await post('/v1/services/remove', as('admin'), { service: 'digits', environment, reason: 'r' })).status,
    ).toBe(200);
    await rig.pass(30_000);
    const originOf = async () => (await rig.store.heldServices()).find(({ service }) => service === 'digits')?.origin;
    expect(await originOf()).toBe('removed');
    expect((await release('digits', as('default'), { codeName: 'c2' })).code).toBe('service-claimed');
    expect(await originOf()).toBe('removed');
    expect((await release('digits', as('digits'), { codeName: 'c2' })).status).toBe(201);
    expect(await originOf()).toBe('released');
  });

  it('keeps its claim, and what it owns, over a restart', async () => {
    await release('digits', as('digits'));
    await server.close();
    await rig.crash();
    await rig.start('host:boot:2:2');
    server = await rig.server({ access: testAccess(() => tokens, { openReading: false }) });
    expect((await release('digits', as('default'), { codeName: 'c2' })).code).toBe('service-claimed');
    expect((await move('chat', as('chat'))).code).toBe('model-claimed');
    expect((await move('digits', as('digits'))).status).toBe(204);
  });
});
