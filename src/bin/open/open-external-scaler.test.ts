import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Services } from '../../control-plane/fleet/services.ts';
import { makeCertificate, missingOpenssl, type CertificateFiles } from '../../testing/rigs/certificates.ts';
import { makeLog } from './log/make-log.ts';
import { openExternalScaler } from './open-external-scaler.ts';

const nobody = { find: () => ({}) } as unknown as Services;

describe.skipIf(missingOpenssl !== null)("KEDA's port", () => {
  let folder: string;
  let own: CertificateFiles;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-scaler-'));
    own = makeCertificate(folder, 'own', { commonName: 'own' });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['0.0.0.0', 'plain', /in plain text; --tls-cert, --tls-key and --scaler-client-ca/],
    ['0.0.0.0', 'tls', /reads the number of replicas; --scaler-client-ca/],
    ['0.0.0.0', 'mutual', null],
    ['127.0.0.1', 'plain', null],
  ] as const)('on %s with %s warns of who may read it: %s', async (host, how, warning) => {
    const warned: string[] = [];
    const log = Object.assign(makeLog(), {
      info: () => undefined,
      warn: (_: object, text: string) => warned.push(text),
    });
    const tls = { plain: null, tls: own, mutual: { ...own, clientCa: own.cert } }[how];
    const scaler = await openExternalScaler(nobody, { listen: { host, port: 0 }, tls }, log);
    await scaler?.close();
    expect(warned).toEqual(warning === null ? [] : [expect.stringMatching(warning)]);
  });
});
