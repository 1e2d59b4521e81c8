import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startExternalScaler, type ExternalScalerServer } from '../../../adapters/keda/external-scaler-server.ts';
import {
  makeCertificate,
  missingOpenssl,
  replaceCertificate,
  type CertificateFiles,
} from '../../../testing/rigs/certificates.ts';
import { makeScalerEntry } from './scaler-entry.ts';

const patient = { timeout: 60_000, interval: 20 };
const localhost = 'IP:127.0.0.1,DNS:localhost';

describe.skipIf(missingOpenssl !== null)("TLS of KEDA's port", { timeout: 120_000 }, () => {
  let folder: string;
  let made: Readonly<Record<'authority' | 'server' | 'renewed' | 'keda' | 'expired' | 'stranger', CertificateFiles>>;
  let present: CertificateFiles;
  let clientCa: string;
  let server: ExternalScalerServer;
  let warned: { readonly facts: object; readonly text: string }[] = [];
  let sessions: ClientHttp2Session[] = [];
  const log = { warn: (facts: object, text: string) => void warned.push({ facts, text }) };

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-keda-tls-'));
    const authority = makeCertificate(folder, 'authority', { commonName: 'keda' });
    const strange = makeCertificate(folder, 'strange', { commonName: 'keda' });
    const own = { commonName: 'server', alternativeNames: localhost };
    made = {
      authority,
      server: makeCertificate(folder, 'server', own),
      renewed: makeCertificate(folder, 'renewed', own),
      keda: makeCertificate(folder, 'keda', { commonName: 'keda-operator', authority }),
      expired: makeCertificate(folder, 'expired', { commonName: 'keda-operator', authority, days: -1 }),
      stranger: makeCertificate(folder, 'stranger', { commonName: 'keda-operator', authority: strange }),
    };
    present = { cert: path.join(folder, 'present.pem'), key: path.join(folder, 'present.key') };
    clientCa = path.join(folder, 'clients.pem');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const start = async (isMutual: boolean, handshakeWithinMs = 60_000): Promise<void> => {
    replaceCertificate(present, made.server);
    copyFileSync(made.authority.cert, clientCa);
    const files = { ...present, ...(isMutual ? { clientCa } : {}) };
    const entry = makeScalerEntry(files, log, { handshakeWithinMs, lookEveryMs: 50 });
    const scale = () => ({ service: 'chat', environment: 'prod', desired: 1, current: 1, decidedAtMs: 0 });
    server = await startExternalScaler('127.0.0.1:0', { scale }, { entry });
  };
  beforeEach(() => void ([warned, sessions] = [[], []]));
  afterEach(async () => {
    for (const session of sessions) session.destroy();
    await server.close();
  });

  const open = (trusted: CertificateFiles, shown: CertificateFiles | null): ClientHttp2Session => {
    const own = shown === null ? {} : { cert: readFileSync(shown.cert), key: readFileSync(shown.key) };
    const session = connectHttp2(`https://${server.address}`, { ca: readFileSync(trusted.cert), ...own });
    session.on('error', () => undefined);
    sessions.push(session);
    return session;
  };
  /** The gRPC status of `IsActive` over a session; the error code of the connection where there was no answer. */
  const ask = (session: ClientHttp2Session): Promise<string> =>
    new Promise((resolve) => {
      const end = (error?: NodeJS.ErrnoException): void => resolve(error?.code ?? 'closed');
      session.once('error', end);
      session.once('close', () => end());
      const stream = session.request({
        ':method': 'POST',
        ':path': '/externalscaler.ExternalScaler/IsActive',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      stream.once('error', () => undefined);
      stream.once('trailers', (trailers) => resolve(`grpc ${String(trailers['grpc-status'])}`));
      stream.resume();
      // One message of no bytes: a trigger without names.
      stream.end(Buffer.alloc(5));
    });
  const askAs = (shown: CertificateFiles | null, trusted = made.server): Promise<string> => ask(open(trusted, shown));

  it('tells KEDA which server answers, and answers nobody in plain text', async () => {
    await start(false);
    expect(await askAs(null)).toBe('grpc 0');
    expect(await askAs(null, made.renewed)).toMatch(/SELF_SIGNED|UNABLE_TO/);
    const plain = connectHttp2(`http://${server.address}`);
    sessions.push(plain);
    plain.on('error', () => undefined);
    expect(await ask(plain)).not.toMatch(/^grpc/);
  });

  it('asks for a certificate of the authority, and the log says once why a client was refused', async () => {
    await start(true);
    expect(await askAs(made.keda)).toBe('grpc 0');
    for (const shown of [null, made.stranger, made.expired]) expect(await askAs(shown)).not.toMatch(/^grpc/);
    expect(warned).toMatchObject([
      { text: "KEDA's port refused a client: no certificate was shown", facts: { refused: 1 } },
    ]);
    expect(await askAs(made.keda)).toBe('grpc 0');
  });

  it.each([
    ['stranger', 'its certificate was not verified'],
    ['expired', 'its certificate expired on'],
  ] as const)('says of a certificate that is %s what is wrong', async (which, reason) => {
    await start(true);
    expect(await askAs(made[which])).not.toMatch(/^grpc/);
    await expect.poll(() => warned.map(({ text }) => text).join('\n'), patient).toContain(reason);
  });

  it('shows a renewed certificate without a restart, and the open connection stays', async () => {
    await start(false);
    const before = open(made.server, null);
    expect(await ask(before)).toBe('grpc 0');
    replaceCertificate(present, made.renewed);
    await expect.poll(() => askAs(null, made.renewed), patient).toBe('grpc 0');
    expect(await ask(before)).toBe('grpc 0');
  });

  it('ends the connections that former authorities vouched for', async () => {
    await start(true);
    const before = open(made.server, made.keda);
    expect(await ask(before)).toBe('grpc 0');
    copyFileSync(path.join(folder, 'strange.pem'), clientCa);
    await expect.poll(() => before.destroyed, patient).toBe(true);
    await expect.poll(() => askAs(made.stranger), patient).toBe('grpc 0');
    expect(await askAs(made.keda)).not.toMatch(/^grpc/);
  });

  it('ends a connection whose handshake does not come', async () => {
    await start(false, 100);
    const [host = '', port = ''] = server.address.split(':');
    const silent = connect({ host, port: Number(port) });
    silent.on('error', () => undefined).resume();
    await expect.poll(() => silent.destroyed, patient).toBe(true);
    await expect.poll(() => askAs(null), patient).toBe('grpc 0');
  });
});
