import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeClientTls } from '../../../adapters/http-control/client-tls.ts';
import { makeProvingConnector } from '../../../adapters/http-control/proving-connector.ts';
import { EventStreams, StreamBudget } from '../../../control-plane/http/event-streams.ts';
import type { Server } from '../../../control-plane/http/http-parts.ts';
import { ControlPlaneLink } from '../../../gateway/following/control-plane-link.ts';
import {
  makeCertificate,
  missingOpenssl,
  replaceCertificate,
  type CertificateFiles,
} from '../../../testing/rigs/certificates.ts';
import {
  asOperator,
  openTestServer,
  testAccess,
  testGatewayToken,
} from '../../../testing/rigs/control-plane-server.ts';
import { openDoors, PublicConnections, type Doors } from '../open-doors.ts';

const patient = { timeout: 60_000, interval: 20 };
const hourMs = 3_600_000;
/** How often the server looks at its files and at the credentials of open streams. */
const lookEveryMs = 100;
const localhost = 'IP:127.0.0.1,DNS:localhost';

describe.skipIf(missingOpenssl !== null)('certificates of gateways', { timeout: 120_000 }, () => {
  let folder: string;
  let authority: CertificateFiles;
  let made: Readonly<Record<'server' | 'expiredServer' | 'good' | 'expired' | 'other' | 'stranger', CertificateFiles>>;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-mtls-'));
    authority = makeCertificate(folder, 'authority', { commonName: 'gateways' });
    const strange = makeCertificate(folder, 'strange', { commonName: 'gateways', days: -1 });
    made = {
      server: makeCertificate(folder, 'server', { commonName: 'server', alternativeNames: localhost }),
      expiredServer: makeCertificate(folder, 'expired-server', {
        ...{ commonName: 'server', alternativeNames: localhost, days: -1 },
      }),
      good: makeCertificate(folder, 'good', { commonName: 'gateway-1', authority }),
      expired: makeCertificate(folder, 'expired', { commonName: 'gateway-1', authority, days: -1 }),
      other: makeCertificate(folder, 'other', { commonName: 'x', alternativeNames: 'DNS:gateway-2', authority }),
      stranger: makeCertificate(folder, 'stranger', { commonName: 'gateway-1', authority: strange }),
    };
    // A client may send what it likes along: an expired authority of its own must not hide that nobody trusts it.
    appendFileSync(made.stranger.cert, readFileSync(strange.cert));
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  let server: Server;
  let doors: Doors;
  let ending: AbortController;
  let aheadMs: number;
  let logged: { readonly event: string; readonly facts: Readonly<Record<string, unknown>> }[];
  let links: { readonly link: ControlPlaneLink; readonly following: Promise<void> }[];
  let present: Readonly<Record<'server' | 'gateway', CertificateFiles>>;
  const filesOf = (name: string): CertificateFiles => ({
    cert: path.join(folder, `present-${name}.pem`),
    key: path.join(folder, `present-${name}.key`),
  });

  beforeEach(async () => {
    [aheadMs, logged, links, ending] = [0, [], [], new AbortController()];
    present = { server: filesOf('server'), gateway: filesOf('gateway') };
    replaceCertificate(present.server, made.server);
    replaceCertificate(present.gateway, made.good);
    copyFileSync(authority.cert, path.join(folder, 'clients.pem'));
    const connections = new PublicConnections();
    const streams = new EventStreams(new StreamBudget(), lookEveryMs);
    server = await openTestServer({
      ...{ fleetStreams: streams, gatewayStreams: streams },
      access: testAccess(() => [], { openReading: false }),
      isLocal: (request) => connections.isLocal(request),
      gatewayCertificates: {
        shownBy: (request) => connections.certificates.shownBy(request),
        nowMs: () => connections.certificates.nowMs() + aheadMs,
      },
    });
    const any = { host: '127.0.0.1', port: 0 };
    const tls = { ...present.server, clientCa: path.join(folder, 'clients.pem') };
    const log = { warn: () => undefined };
    doors = await openDoors(server, { listen: any, local: any, tls, lookEveryMs }, connections, log, ending.signal);
  });
  afterEach(async () => {
    ending.abort();
    for (const { link, following } of links) {
      await following;
      await link.close();
    }
    await doors.close();
    await server.close();
  });

  const follow = (gateway: CertificateFiles | null, gatewayId = 'gateway-1', url = doors.publicUrl): void => {
    const token = (): Promise<string> => Promise.resolve(testGatewayToken);
    const tls = makeClientTls({ ca: path.join(folder, 'trusted.pem'), ...gateway });
    const connect = makeProvingConnector({ token, tls });
    const log = (event: string, facts: object): void => void logged.push({ event, facts: { ...facts } });
    const link = new ControlPlaneLink({ url, gatewayId, token, connect, random: () => 0.5, log });
    links.push({ link, following: link.follow({ resource: 'fleet', take: () => true }, ending.signal) });
  };
  const trust = (...certificates: readonly CertificateFiles[]): void => {
    rmSync(path.join(folder, 'trusted.pem'), { force: true });
    for (const { cert } of certificates) appendFileSync(path.join(folder, 'trusted.pem'), readFileSync(cert));
  };
  beforeEach(() => trust(made.server, made.expiredServer));
  const connected = (times = 1): Promise<void> =>
    expect.poll(() => logged.filter(({ event }) => event === 'control-plane.connected').length, patient).toBe(times);
  const away = async (code: string): Promise<Readonly<Record<string, unknown>>> => {
    const find = () => logged.find(({ event, facts }) => event === 'control-plane.away' && facts['code'] === code);
    await expect.poll(() => find() ?? logged, patient).toMatchObject({ facts: { code } });
    return find()?.facts ?? {};
  };

  it('one that names the gateway is taken, and people need none', async () => {
    follow(present.gateway);
    await connected();
    const dispatcher = new Agent({ connect: { ca: readFileSync(made.server.cert) } });
    const answer = await request(`${doors.publicUrl}/v1/identity`, { dispatcher, headers: asOperator });
    await answer.body.dump();
    await dispatcher.close();
    expect(answer.statusCode).toBe(200);
  });

  it('none, one of another gateway, and one of another authority are refused, and the gateway says why', async () => {
    follow(null);
    expect(await away('client-certificate-missing')).toMatchObject({
      reason: 'gateway gateway-1: no certificate was shown',
      next: expect.stringContaining('--tls-cert') as string,
    });
    follow(made.other);
    expect((await away('client-certificate-of-another'))['reason']).toContain('its certificate is of gateway-2');
    follow(made.stranger);
    await away('client-certificate-untrusted');
    expect(logged.filter(({ event }) => event === 'control-plane.connected')).toEqual([]);
  });

  it('programs of this machine come in without one', async () => {
    follow(null, 'gateway-1', doors.localUrl);
    await connected();
  });

  it('one that expired is refused, and its renewal is shown without a restart', async () => {
    replaceCertificate(present.gateway, made.expired);
    follow(present.gateway);
    expect((await away('client-certificate-expired'))['reason']).toMatch(/its certificate expired on \d{4}-/);
    replaceCertificate(present.gateway, made.good);
    await connected();
  });

  it('one that expires while the stream is open ends the stream, and the next one is shown', async () => {
    follow(present.gateway);
    await connected();
    aheadMs = 72 * hourMs;
    await away('client-certificate-expired');
    aheadMs = 0;
    await connected(2);
  });

  it('a certificate of the server that expired is not taken, and its renewal is', async () => {
    replaceCertificate(present.server, made.expiredServer);
    follow(present.gateway);
    await connected().catch(() => undefined);
    // The server reads its files again soon; connections from then on see the expired one.
    await expect
      .poll(
        () => {
          if (logged.every(({ facts }) => facts['code'] !== 'server-certificate-expired')) follow(present.gateway);
          return logged.map(({ facts }) => facts['code']);
        },
        { timeout: 60_000, interval: 500 },
      )
      .toContain('server-certificate-expired');
    const before = logged.filter(({ event }) => event === 'control-plane.connected').length;
    replaceCertificate(present.server, made.server);
    await expect
      .poll(() => logged.filter(({ event }) => event === 'control-plane.connected').length, patient)
      .toBeGreaterThan(before);
  });

  it('other authorities end connections that the former ones vouched for', async () => {
    follow(present.gateway);
    await connected();
    copyFileSync(made.server.cert, path.join(folder, 'clients.pem'));
    await away('client-certificate-untrusted');
    copyFileSync(authority.cert, path.join(folder, 'clients.pem'));
    await connected(2);
  });
});
