import { copyFileSync, chmodSync, chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresStore } from '../../../src/adapters/sql/postgres/postgres-store.ts';
import { PlimsollError } from '../../../src/core/units/errors.ts';
import { missingOpenssl, TestAuthority, type CertificateFiles } from './test-authority.ts';
import { missingPostgres, password, PostgresServer } from '../../peers/postgres-server.ts';

const missing = missingPostgres ?? missingOpenssl;
const why = missing === null ? '' : `: skipped, ${missing}`;

/** What opening the store came to: `opened`, or the code of the refusal and its message. */
async function openingOf(url: string): Promise<string> {
  try {
    await (await openPostgresStore({ url, bounds: { connectTimeoutMs: 30_000 } })).close();
    return 'opened';
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    expect(`${thrown.message} ${thrown.next}`).not.toContain(password);
    expect(thrown.next).toBeDefined();
    return `${thrown.code}: ${thrown.message}`;
  }
}

describe.skipIf(missing !== null)(`PostgreSQL with TLS and without${why}`, { timeout: 240_000 }, () => {
  let server: PostgresServer;
  let [own, other] = [null, null] as [TestAuthority | null, TestAuthority | null];
  let certificates: Record<'right' | 'misnamed' | 'expired', CertificateFiles>;
  let database = '';

  beforeAll(async () => {
    own = new TestAuthority('own authority');
    other = new TestAuthority('another authority');
    certificates = {
      right: own.sign('right', 'IP:127.0.0.1,DNS:localhost'),
      misnamed: own.sign('misnamed', 'DNS:another.example'),
      expired: own.sign('expired', 'IP:127.0.0.1', ['20200101000000Z', '20200102000000Z']),
    };
    server = await PostgresServer.start();
    database = await server.newDatabase();
  });
  afterAll(() => {
    server?.remove();
    own?.remove();
    other?.remove();
  });

  /** Restarts the server with this certificate, or without TLS; `only` refuses what comes in plain text. */
  const serve = (shown: CertificateFiles | null, only = false): void => {
    server.halt();
    const { uid, gid } = statSync(server.data);
    if (shown !== null) {
      for (const [from, name] of [
        [shown.cert, 'server.crt'],
        [shown.key, 'server.key'],
      ] as const) {
        const file = path.join(server.data, name);
        copyFileSync(from, file);
        chmodSync(file, 0o600);
        chownSync(file, uid, gid);
      }
    }
    const settings = path.join(server.data, 'postgresql.auto.conf');
    const lines = readFileSync(settings, 'utf8').replaceAll(/\nssl = \w+/g, '');
    writeFileSync(settings, `${lines}\nssl = ${shown === null ? 'off' : 'on'}`);
    writeFileSync(
      path.join(server.data, 'pg_hba.conf'),
      `local all all scram-sha-256\n${only ? 'hostssl' : 'host'} all all 127.0.0.1/32 scram-sha-256\n`,
    );
    server.begin();
  };
  const asking = (query: string): Promise<string> => openingOf(`${server.url(database)}${query}`);
  const trusting = (mode: string, authority: TestAuthority | null): string =>
    `?sslmode=${mode}&sslrootcert=${encodeURIComponent(authority?.ca.cert ?? '')}`;

  it('a server without TLS: asking for it is refused before anything is sent', async () => {
    serve(null);
    expect(await asking('')).toBe('opened');
    expect(await asking('?sslmode=disable')).toBe('opened');
    for (const query of ['?sslmode=require', '?sslmode=verify-full', trusting('verify-ca', own)]) {
      expect(await asking(query)).toMatch(/^store-tls-missing: .*offers no TLS, and sslmode=.* asks for it/);
    }
  });

  it('a server that takes TLS alone says so to whoever comes without', async () => {
    serve(certificates.right, true);
    expect(await asking('?sslmode=disable')).toMatch(/^store-tls-required: /);
    expect(await asking('?sslmode=require')).toBe('opened');
  });

  it('a certificate counts by who signed it, its name and its dates, as the mode asks', async () => {
    serve(certificates.right);
    expect(await asking(trusting('verify-full', own))).toBe('opened');
    expect(await asking(trusting('verify-ca', own))).toBe('opened');
    for (const query of [trusting('verify-full', other), trusting('verify-ca', other), '?sslmode=verify-full']) {
      expect(await asking(query)).toMatch(/^store-certificate-refused: .*who signed it is not trusted/);
    }
    // As libpq: named certificates are checked, whatever the mode.
    expect(await asking(trusting('require', other))).toMatch(/^store-certificate-refused/);

    serve(certificates.misnamed);
    expect(await asking(trusting('verify-ca', own))).toBe('opened');
    expect(await asking(trusting('verify-full', own))).toMatch(/^store-certificate-refused: .*it is of another name/);

    serve(certificates.expired);
    for (const mode of ['verify-ca', 'verify-full']) {
      expect(await asking(trusting(mode, own))).toMatch(/^store-certificate-refused: .*it has expired/);
    }
    expect(await asking('?sslmode=require')).toBe('opened');
  });

  it('certificates that are not there, and addresses that say nothing clear', async () => {
    expect(await asking('?sslmode=verify-full&sslrootcert=%2Fnowhere.pem')).toMatch(
      /^store-certificates-unreadable: .*ENOENT/,
    );
    const noCertificate = path.join(own?.folder ?? '', 'serial');
    expect(await asking(`?sslmode=verify-ca&sslrootcert=${encodeURIComponent(noCertificate)}`)).toMatch(
      /^store-certificates-unreadable: .*no certificate in it/,
    );
    for (const query of [
      '?sslmode=prefer',
      '?sslmode=allow',
      '?sslmode=constructor',
      '?sslmode=require&sslmode=disable',
      '?sslrootcert=%2Fca.pem',
      '?sslmode=require&sslrootcert=ca.pem',
    ]) {
      expect(await asking(query)).toMatch(/^database-url-invalid/);
    }
  });
});
