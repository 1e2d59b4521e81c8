import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createPlainServer, type Server } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TLSSocket } from 'node:tls';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writeDurably } from '../../../adapters/files/write-durably.ts';
import { makeClientTls } from '../../../adapters/http-control/client-tls.ts';
import { findFreePort } from '../../../adapters/processes/port/free-port.ts';
import { makeFileSecrets } from '../../../adapters/processes/file-secrets.ts';
import { makeOpenInferenceClient } from '../../../adapters/replica-http/open-inference-client.ts';
import { makeScrapeSource } from '../../../adapters/prometheus/scrape-source.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { replicaAgent } from '../../../adapters/replica-http/bounded-request.ts';
import { makeProbeOverTls } from '../../../adapters/replica-http/probe-replica.ts';
import { ReplicaTls } from '../../../adapters/replica-http/replica-tls.ts';
import { makeTlsSecrets } from '../../../core/contract/replica-tls.ts';
import type { Health } from '../../../core/rollout/replica-health.ts';
import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import { digestOf } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { MakeServer } from '../../../model-server/http/http-server.ts';
import { FakeInferenceEngine, fakeModelBytes } from '../../../testing/fakes/fake-inference-engine.ts';
import {
  makeCertificate,
  missingOpenssl,
  replaceCertificate,
  type CertificateFiles,
} from '../../../testing/rigs/certificates.ts';
import { ask, makeTable, startGateway } from '../../../testing/rigs/gateway-rig.ts';
import { openLocalFixture, scriptedWorkload } from '../../../testing/rigs/local-platform-fixture.ts';
import { memoryModels, startModelServer } from '../../../testing/rigs/model-server-rig.ts';
import { openReplicaTls } from './open-replica-tls.ts';
import { openTlsServers } from './open-tls-servers.ts';

const patient = { timeout: 60_000, interval: 50 };
const never = new AbortController().signal;
const owner = { service: 'digits', environment: 'default' };
const digits = { name: 'digits', path: '', version: null };
const models = memoryModels('digits', new Map([[1, () => fakeModelBytes()]]));
interface ServedReplica {
  readonly url: string;
  readonly connections: number;
  readonly asked: number;
}

type Name = 'server' | 'ofAll' | 'expired' | 'other' | 'stranger' | 'client' | 'expiredClient' | 'strangeClient';

describe.skipIf(missingOpenssl !== null)('certificates of replicas', { timeout: 120_000 }, () => {
  let folder: string;
  let authority: CertificateFiles;
  let made: Readonly<Record<Name, CertificateFiles>>;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-replica-tls-'));
    authority = makeCertificate(folder, 'authority', { commonName: 'replicas' });
    const strange = makeCertificate(folder, 'strange', { commonName: 'replicas of others' });
    const ofReplica = (name: string, dns: string, by = authority, days = 2): CertificateFiles =>
      makeCertificate(folder, name, { commonName: 'x', alternativeNames: `DNS:${dns}`, authority: by, days });
    made = {
      server: ofReplica('server', 'digits.default.plimsoll'),
      ofAll: ofReplica('of-all', 'digits.plimsoll'),
      expired: ofReplica('expired', 'digits.default.plimsoll', authority, -1),
      other: ofReplica('other', 'letters.default.plimsoll'),
      stranger: ofReplica('stranger', 'digits.default.plimsoll', strange),
      client: makeCertificate(folder, 'client', { commonName: 'gateways', authority }),
      expiredClient: makeCertificate(folder, 'expired-client', { commonName: 'gateways', authority, days: -1 }),
      strangeClient: makeCertificate(folder, 'strange-client', { commonName: 'gateways', authority: strange }),
    };
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const closing: (() => Promise<unknown>)[] = [];
  let present: CertificateFiles;
  beforeEach(() => {
    present = { cert: path.join(folder, 'present.pem'), key: path.join(folder, 'present.key') };
    replaceCertificate(present, made.server);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const clientOf = ({ cert, key }: CertificateFiles, ca = authority.cert): ReplicaTls =>
    openReplicaTls({ PLIMSOLL_REPLICA_CA_FILE: ca, PLIMSOLL_REPLICA_CERT_FILE: cert, PLIMSOLL_REPLICA_KEY_FILE: key });
  const probe = (endpoint: string, tls = clientOf(made.client)): Promise<Health> =>
    makeProbeOverTls(tls)({ owner, endpoint, protocol: 'open-inference-v2', model: 'digits' }, 30_000, never);
  const serve = async (shown: CertificateFiles = present): Promise<ServedReplica> => {
    const env = {
      ...{ PLIMSOLL_TLS_CERT_FILE: shown.cert, PLIMSOLL_TLS_KEY_FILE: shown.key },
      PLIMSOLL_TLS_CA_FILE: authority.cert,
    };
    const makeServer: MakeServer = (options, onRequest) =>
      openTlsServers(env, () => undefined)(options, onRequest)
        .on('secureConnection', () => (rig.connections += 1))
        .on('request', () => (rig.asked += 1));
    const rig = { connections: 0, asked: 0 };
    const server = await startModelServer(new FakeInferenceEngine(), models, { makeServer, model: digits });
    closing.push(() => server.stop());
    return Object.assign(rig, { url: server.url });
  };
  const listen = async (server: Server | HttpsServer, scheme: string): Promise<string> => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it.each<Name>(['server', 'ofAll'])('a replica with one of its service is ready: %s', async (name) => {
    expect(await probe((await serve(made[name])).url)).toMatchObject({ ready: true });
  });

  it.each<[Name, RegExp]>([
    ['expired', /its certificate has expired; next: renew the Secret of `code.tls`/],
    ['other', /names neither digits.default.plimsoll nor digits.plimsoll; next: issue a certificate/],
    ['stranger', /no authority of PLIMSOLL_REPLICA_CA_FILE vouches .*; next: issue/],
  ])('a replica with another one is not ready, with the reason: %s', async (name, reason) => {
    const health = await probe((await serve(made[name])).url);
    expect(health).toMatchObject({ ready: false, timedOut: false, couldNotAsk: false });
    expect(health.reason).toMatch(reason);
  });

  it('nothing is known of a replica while our own files cannot be read, or are not set', async () => {
    const { url } = await serve();
    const unreadable = clientOf({ ...made.client, key: path.join(folder, 'nothing.key') });
    expect(await probe(url, unreadable)).toMatchObject({
      ...{ ready: false, couldNotAsk: true },
      reason: expect.stringMatching(/nothing.key cannot be read.*next: /s) as string,
    });
    expect(await probe(url, openReplicaTls({}))).toMatchObject({
      ...{ ready: false, couldNotAsk: true },
      reason: expect.stringContaining('next: set PLIMSOLL_REPLICA_CA_FILE') as string,
    });
  });

  it('nothing is known of a replica once our own certificate has expired', async () => {
    const replica = await serve();
    expect(await probe(replica.url, clientOf(made.expiredClient))).toMatchObject({
      ...{ ready: false, couldNotAsk: true },
      reason: expect.stringMatching(/PLIMSOLL_REPLICA_CERT_FILE expired on .*; next: renew it/) as string,
    });
    expect(replica.connections).toBe(0);
  });

  it('variables of which one is missing are refused at the start', () => {
    expect(() => openReplicaTls({ PLIMSOLL_REPLICA_CA_FILE: authority.cert })).toThrow(PlimsollError);
    expect(() => openTlsServers({ PLIMSOLL_TLS_KEY_FILE: present.key }, () => undefined)).toThrow(PlimsollError);
  });

  it('a renewed certificate is shown without a restart', async () => {
    replaceCertificate(present, made.expired);
    const { url } = await serve();
    expect((await probe(url)).ready).toBe(false);
    replaceCertificate(present, made.server);
    await expect.poll(async () => (await probe(url)).ready, patient).toBe(true);
  });

  it('the built-in server answers health to a kubelet, and refuses everything else without a certificate', async () => {
    const { url } = await serve();
    const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
    closing.push(() => dispatcher.close());
    const get = async (at: string): Promise<[number, string]> => {
      const answer = await request(`${url}${at}`, { dispatcher });
      return [answer.statusCode, await answer.body.text()];
    };
    expect((await get('/v2/health/ready'))[0]).toBe(200);
    expect((await get('/v2/models/digits/ready'))[0]).toBe(200);
    const [status, text] = await get('/v2/models/digits');
    expect([status, text]).toEqual([401, expect.stringContaining('this request shows no certificate')]);
    expect((await get('/metrics'))[0]).toBe(401);
  });

  it('a client of another authority learns from health already that it is refused', async () => {
    const { url } = await serve();
    const health = await probe(url, clientOf(made.strangeClient));
    expect(health).toMatchObject({
      ready: false,
      reason: 'this server asks for a credential (GET /v2/health/ready: 401)',
    });
  });

  it('an engine that refuses our certificate in the handshake is not ready, with the reason', async () => {
    const port = await findFreePort('127.0.0.1', new Set());
    const files = ['-cert', present.cert, '-key', present.key, '-CAfile', authority.cert];
    const strict = ['-Verify', '1', '-verify_return_error', '-www', '-quiet'];
    const engine = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, ...files, ...strict]);
    closing.push(() => Promise.resolve(engine.kill('SIGKILL')));
    const url = `https://127.0.0.1:${port}`;
    await expect.poll(async () => (await probe(url)).reason, patient).not.toContain('ECONNREFUSED');
    const refused = await probe(url, clientOf(made.strangeClient));
    expect(refused.ready).toBe(false);
    expect(refused.reason).toMatch(/does not take the certificate of PLIMSOLL_REPLICA_CERT_FILE.*next: put the auth/);
  });

  it('an engine that ends the connection without a word is not ready, and where to look is said', async () => {
    const content = {
      cert: readFileSync(present.cert),
      key: readFileSync(present.key),
      ca: readFileSync(authority.cert),
    };
    const strict = { ...content, requestCert: true, rejectUnauthorized: true };
    const server = createServer(strict, (_request, response) => response.end('{}'));
    const url = await listen(server, 'https');
    expect(await probe(url)).toMatchObject({ ready: true });
    const refused = await probe(url, clientOf(made.strangeClient));
    expect(refused).toMatchObject({ ready: false, reason: expect.stringContaining('see in its log') as string });
  });

  it('a server that speaks plain HTTP is not ready, with the reason', async () => {
    const plain = await listen(
      createPlainServer((_request, response) => response.end('{}')),
      'http',
    );
    expect((await probe(plain.replace('http:', 'https:'))).reason).toContain(
      'it does not speak TLS; next: start it with',
    );
  });

  it('the control plane reaches a replica by its address once it was asked whose it is', async () => {
    const { url } = await serve();
    const tls = clientOf(made.client);
    const client = makeOpenInferenceClient(replicaAgent(1, tls));
    await expect(client.metadata(url, 'digits', never)).rejects.toThrow('is not known yet');
    await probe(url, tls);
    expect((await client.metadata(url, 'digits', never)).inputs.length).toBeGreaterThan(0);
    const metrics = makeScrapeSource({ clock: systemClock, connect: (ms) => tls.connectAny(ms, 'as-web') });
    closing.push(() => metrics.close());
    expect((await metrics.read([{ replicaId: 'a', endpoint: url }], never))[0]?.kind).toBe('read');
  });

  it('each connection is watched for the moment when the certificate of the replica expires', async () => {
    const { url } = await serve();
    const watched: { readonly socket: Socket; readonly error: Error }[] = [];
    const tls = new ReplicaTls({
      read: makeClientTls({ ca: authority.cert, ...made.client }),
      endAtExpiry: (socket, makeError) => void watched.push({ socket, error: makeError() }),
      nowMs: () => systemClock.nowMs(),
    });
    expect((await probe(url, tls)).ready).toBe(true);
    expect(watched[0]?.socket).toBeInstanceOf(TLSSocket);
    // Requests that can be sent again then go to another replica.
    expect(watched[0]?.error).toMatchObject({
      code: 'ECONNRESET',
      message: expect.stringContaining('expired') as string,
    });
  });

  describe('at a gateway', () => {
    const gatewayTo = async (endpoint: string, tls: ReplicaTls | null, more: { readonly answersAs?: string } = {}) => {
      const table = makeTable([{ endpoints: [endpoint] }]);
      const splits = table.splits.map((split) => ({
        ...split,
        replicas: split.replicas.map((replica) => ({ ...replica, ...more })),
      }));
      const connectOverTls = (of: typeof owner) => (timeoutMs: number) => {
        if (tls === null) throw new Error('unused');
        return tls.connectAs(of, timeoutMs);
      };
      const settings = { connectTimeoutMs: 30_000, deadlineMs: 1_000 };
      const gateway = await startGateway({ ...table, splits }, settings, tls === null ? {} : { connectOverTls });
      closing.push(() => gateway.stop());
      return gateway;
    };

    it('requests go over TLS, on one connection whatever Host they name', async () => {
      const replica = await serve();
      const gateway = await gatewayTo(replica.url, clientOf(made.client), { answersAs: 'replica-a/1' });
      for (const host of ['a.example', 'b.example', 'a.example', 'c.example']) {
        const answer = await ask(gateway.url, { method: 'GET', path: '/v2/models/digits', headers: { host } });
        expect([answer.status, JSON.parse(answer.body)]).toEqual([200, expect.objectContaining({ name: 'digits' })]);
      }
      expect(replica.connections).toBe(1);
    });

    it.each<Name>(['expired', 'other', 'stranger'])(
      'nothing is sent to a replica with another one: %s',
      async (name) => {
        const replica = await serve(made[name]);
        const gateway = await gatewayTo(replica.url, clientOf(made.client));
        const answer = await ask(gateway.url, { method: 'GET', path: '/v2/models/digits' });
        expect([answer.status, replica.asked]).toEqual([504, 0]);
        expect(gateway.log.find((line) => line.startsWith('replica.unreachable'))).toMatch(/certificate/);
      },
    );

    it('a gateway without a certificate for replicas sends nothing, and says why', async () => {
      const replica = await serve();
      const gateway = await gatewayTo(replica.url, null);
      expect((await ask(gateway.url, { method: 'GET', path: '/v2/models/digits' })).status).toBe(504);
      expect(gateway.log.join('\n')).toContain('no certificate for replicas');
      expect(replica.connections).toBe(0);
    });
  });

  describe('on the local platform', () => {
    const ready = async (
      shown: CertificateFiles,
      own = made.client,
    ): Promise<{ observe: () => Promise<ObservedReplica | undefined> }> => {
      const fixture = await openLocalFixture({ probeOverTls: makeProbeOverTls(clientOf(own)) });
      closing.push(() => fixture.close());
      const secrets = makeFileSecrets(fixture.stateFolder, writeDurably);
      await secrets.set('digits-tls', 'tls.crt', readFileSync(shown.cert, 'utf8'));
      await secrets.set('digits-tls', 'tls.key', readFileSync(shown.key, 'utf8'));
      await secrets.set('digits-tls', 'ca.crt', readFileSync(authority.cert, 'utf8'));
      await secrets.grant('digits-tls', { service: 'digits', environment: null });
      const workload = scriptedWorkload({}, { secrets: makeTlsSecrets('digits-tls') });
      const args = ['--certificate', '${PLIMSOLL_TLS_CERT_FILE}'];
      const spec = {
        ...{ set: 'digits-default-aaaaaaaaaaaa', pair: digestOf('pair'), release: 1, replicas: 1, stopFirst: [] },
        ...{ workload: { ...workload, args }, drainTimeoutMs: 1_000, startTimeoutMs: 600_000 },
      };
      await fixture.platform.apply(owner, [spec], never);
      return { observe: async () => (await fixture.platform.observe(owner, never))[0] };
    };

    it('a replica is given its files, and is ready over TLS', async () => {
      const { observe } = await ready(made.server);
      await expect.poll(async () => (await observe())?.state, patient).toBe('ready');
      expect((await observe())?.endpoint).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    });

    it('a replica stays ready while our own files cannot be read, and its reason says which', async () => {
      const own = { cert: path.join(folder, 'own.pem'), key: path.join(folder, 'own.key') };
      replaceCertificate(own, made.client);
      const { observe } = await ready(made.server, own);
      await expect.poll(async () => (await observe())?.state, patient).toBe('ready');
      rmSync(own.key);
      await expect
        .poll(async () => (await observe())?.reason, patient)
        .toMatch(/cannot look at it: .*own.key cannot be read/);
      expect((await observe())?.state).toBe('ready');
    });

    it('a replica with a certificate of another service is not, and says so', async () => {
      const { observe } = await ready(made.other);
      await expect
        .poll(async () => (await observe())?.reason, patient)
        .toContain('its certificate names neither digits');
      expect((await observe())?.state).toBe('starting');
    });
  });
});
