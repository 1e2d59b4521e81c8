import { readFile } from 'node:fs/promises';
import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { DatabaseAddress } from './database-url.ts';

/**
 * How a connection is encrypted; false for plain text. Certificates are read for each connection, so that a new file counts
 * without a restart.
 *
 * | sslmode | encrypted | certificate | name on it |
 * |---|---|---|---|
 * | disable | no | | |
 * | require | yes | not looked at | not looked at |
 * | verify-ca | yes | checked | not looked at |
 * | verify-full | yes | checked | checked |
 *
 * @throws PlimsollError `store-certificates-unreadable` (unavailable).
 */
export async function makeTlsOptions(address: DatabaseAddress): Promise<ConnectionOptions | false> {
  const { tls, caFile, host } = address;
  if (tls === 'disable') return false;
  const isVerified = tls !== 'require';
  return {
    rejectUnauthorized: isVerified,
    checkServerIdentity: (_name, certificate) =>
      tls === 'verify-full' ? checkServerIdentity(host, certificate) : undefined,
    ...(caFile === null ? {} : { ca: await readCertificates(caFile, address) }),
  };
}

async function readCertificates(file: string, { shown }: DatabaseAddress): Promise<string> {
  const next = 'name a file of PEM certificates in sslrootcert of DATABASE_URL';
  const problem = (why: string, cause?: unknown): PlimsollError =>
    new PlimsollError({
      code: 'store-certificates-unreadable',
      category: 'unavailable',
      message: `the certificates ${file} for PostgreSQL at ${shown} cannot be used: ${why}`,
      next,
      details: { location: shown, file },
      cause,
    });
  const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
    throw problem(thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unreadable', thrown);
  });
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw problem('there is no certificate in it');
  return text;
}
