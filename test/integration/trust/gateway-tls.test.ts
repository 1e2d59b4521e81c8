import { copyFileSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openTlsDoor } from '../../../src/bin/open/gateway/open-tls-door.ts';
import type { GatewaySettings } from '../../../src/gateway/settings.ts';
import { ask, makeTable, startGateway, startUpstream } from '../../../src/testing/rigs/gateway-rig.ts';
import { findSteadyPort } from '../../steady-port.ts';
import { missingOpenssl, TestAuthority, type CertificateFiles } from './test-authority.ts';

const patience = { timeout: 60_000, interval: 50 };

describe.skipIf(missingOpenssl !== null)(
  `TLS for clients of a gateway (${missingOpenssl ?? 'openssl'})`,
  { timeout: 120_000 },
  () => {
    const running: { stop(): Promise<unknown> }[] = [];
    let authority: TestAuthority;
    let files: CertificateFiles;
    beforeAll(() => {
      authority = new TestAuthority('clients trust it');
      files = authority.sign('first', 'IP:127.0.0.1');
    });
    afterEach(async () => {
      await Promise.all(running.splice(0).map((each) => each.stop()));
    });
    afterAll(() => authority.remove());

    async function open(settings: Partial<GatewaySettings> = {}) {
      const port = await findSteadyPort();
      const upstream = await startUpstream((req, res) => req.resume().on('end', () => res.end('ok')));
      const options = { 'https-listen': `127.0.0.1:${port}`, 'https-cert': files.cert, 'https-key': files.key };
      const tlsDoor = openTlsDoor(options, () => undefined);
      if (tlsDoor === null) throw new Error('there is no door');
      const rig = await startGateway(makeTable([{ endpoints: [upstream.endpoint] }]), settings, { tlsDoor });
      running.push(rig, upstream);
      return { port, rig };
    }

    /** The status of one request over TLS, and whose certificate was shown. */
    const askTls = (port: number): Promise<readonly [number | undefined, string]> =>
      new Promise((resolve, reject) => {
        const options = { port, host: '127.0.0.1', method: 'POST', path: '/v2/models/m/infer', agent: false };
        const req = request({ ...options, ca: readFileSync(authority.ca.cert) }, (res) => {
          const { subject } = connectionOf(res.socket).getPeerCertificate();
          res.resume().on('end', () => resolve([res.statusCode, String(subject.CN)]));
        });
        req.on('error', reject).end('x');
      });
    const connectionOf = (socket: unknown) => socket as ReturnType<typeof connectTls>;

    it('answers by both ports, takes a renewed certificate, and drains both', async () => {
      const { port, rig } = await open();
      expect(await askTls(port)).toEqual([200, 'first']);
      expect((await ask(rig.url, { body: 'x' })).status).toBe(200);
      const second = authority.sign('second', 'IP:127.0.0.1');
      copyFileSync(second.key, files.key);
      copyFileSync(second.cert, files.cert);
      await vi.waitFor(async () => expect(await askTls(port)).toEqual([200, 'second']), patience);
    });

    it('closes what speaks no TLS, speaks an old one, or never ends its handshake, and serves on', async () => {
      const { port } = await open({ headersTimeoutMs: 1_000 });
      const saying = (bytes: Buffer) => {
        const socket = connect(port, '127.0.0.1');
        socket.on('connect', () => socket.write(bytes));
        return socket;
      };
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', rejectUnauthorized: false } as const;
      const closed = [
        saying(Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n')),
        saying(Buffer.from('16030100050100', 'hex')),
        connectTls({ port, host: '127.0.0.1', ...old }),
      ].map(
        (socket) =>
          new Promise((resolve) =>
            socket
              .on('error', () => undefined)
              .resume()
              .on('close', resolve),
          ),
      );
      await Promise.all(closed);
      expect((await askTls(port))[0]).toBe(200);
    });

    it('gives a place up for who comes later, of silent connections that never begin a handshake', async () => {
      const { port } = await open({ maxConnections: 20, headersTimeoutMs: 60_000 });
      const silent = Array.from({ length: 40 }, () =>
        connect(port, '127.0.0.1')
          .on('error', () => undefined)
          .resume(),
      );
      await Promise.all(
        silent.map((socket) => new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))),
      );
      expect((await askTls(port))[0]).toBe(200);
      for (const socket of silent) socket.destroy();
    });

    it('says which option is missing', () => {
      expect(() => openTlsDoor({ 'https-cert': files.cert, 'https-key': files.key }, () => undefined)).toThrow(
        /--https-listen/,
      );
      expect(() => openTlsDoor({ 'https-listen': '127.0.0.1:0' }, () => undefined)).toThrow(
        /--https-cert and --https-key/,
      );
      expect(() => openTlsDoor({ 'https-cert': files.cert }, () => undefined)).toThrow(/--https-key beside it/);
      expect(openTlsDoor({}, () => undefined)).toBeNull();
    });
  },
);
