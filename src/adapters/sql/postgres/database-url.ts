import { userInfo } from 'node:os';
import path from 'node:path';
import { PlimsollError } from '../../../core/units/errors.ts';

/** Where a PostgreSQL database is, taken apart so that nothing but the connection itself sees the password. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  /** As libpq means them: `verify-ca` checks the certificate, `verify-full` also the name on it. */
  readonly tls: 'disable' | 'require' | 'verify-ca' | 'verify-full';
  /** A file of certificates that are trusted in place of the system's; null without one. */
  readonly caFile: string | null;
  /** `postgresql://user@host:port/database`: for people, without the password. */
  readonly shown: string;
}

const tlsModes: Readonly<Record<string, DatabaseAddress['tls']>> = {
  disable: 'disable',
  require: 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
};

const parameters = ['sslmode', 'sslrootcert', 'host'];

/**
 * `postgresql://user:password@host:5432/database?sslmode=verify-full&sslrootcert=/etc/ssl/db-ca.pem`; a socket folder is
 * `?host=/var/run/postgresql`.
 * @throws PlimsollError `database-url-invalid` (input), which never repeats the text: it may hold the password.
 */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw invalid('is not an address of PostgreSQL: it begins with postgresql:// and names user, host and database');
  }
  const unknown = [...url.searchParams.keys()].find((key) => !parameters.includes(key));
  if (unknown !== undefined) throw invalid(`has the parameter ${unknown}; known are ${parameters.join(', ')}`);
  const twice = parameters.find((key) => url.searchParams.getAll(key).length > 1);
  if (twice !== undefined) throw invalid(`has the parameter ${twice} twice`);
  const database = decoded(url.pathname.slice(1));
  if (database === '' || database.includes('/')) throw invalid('names no database: it ends in /NAME');
  const { tls, caFile } = trustOf(url.searchParams);
  const folder = url.searchParams.get('host');
  const host = folder ?? decoded(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  if (host === '') throw invalid('names no host');
  const port = url.port === '' ? 5432 : Number(url.port);
  const user = url.username === '' ? userInfo().username : decoded(url.username);
  const password = url.password === '' ? null : decoded(url.password);
  const shownHost = host.startsWith('/') ? encodeURIComponent(host) : host.includes(':') ? `[${host}]` : host;
  const shown = `postgresql://${encodeURIComponent(user)}@${shownHost}:${port}/${encodeURIComponent(database)}`;
  return { host, port, database, user, password, tls, caFile, shown };
}

/** `allow` and `prefer` go on in plain text without a word where somebody on the way says that there is no TLS. */
function trustOf(given: URLSearchParams): Pick<DatabaseAddress, 'tls' | 'caFile'> {
  const mode = given.get('sslmode') ?? 'disable';
  if (!Object.hasOwn(tlsModes, mode)) throw invalid(`has another sslmode than ${Object.keys(tlsModes).join(', ')}`);
  const asked = tlsModes[mode] ?? 'disable';
  const caFile = given.get('sslrootcert');
  if (caFile === null) return { tls: asked, caFile };
  if (asked === 'disable') throw invalid('names an sslrootcert and no sslmode that uses it');
  if (!path.isAbsolute(caFile)) throw invalid('has an sslrootcert that does not begin with /');
  // As libpq: whoever names certificates wants them checked.
  return { tls: asked === 'require' ? 'verify-ca' : asked, caFile };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('has a % that begins no percent-encoded character: write it as %25');
  }
}

function invalid(what: string): PlimsollError {
  return new PlimsollError({
    code: 'database-url-invalid',
    category: 'input',
    message: `DATABASE_URL ${what}`,
    next: "export DATABASE_URL='postgresql://USER:PASSWORD@HOST:5432/DATABASE', or unset it to store under .plimsoll/",
  });
}
