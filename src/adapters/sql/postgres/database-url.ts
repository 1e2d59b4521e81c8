import { userInfo } from 'node:os';
import { PlimsollError } from '../../../core/units/errors.ts';

/** Where a PostgreSQL database is, taken apart so that nothing but the connection itself sees the password. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | null;
  /** As libpq means them; `verify-full` checks the certificate and the name on it. */
  readonly tls: 'disable' | 'require' | 'verify-full';
  /** `postgresql://user@host:port/database`: for people, without the password. */
  readonly shown: string;
}

const tlsModes: Readonly<Record<string, DatabaseAddress['tls']>> = {
  disable: 'disable',
  require: 'require',
  'verify-full': 'verify-full',
};

/**
 * `postgresql://user:password@host:5432/database?sslmode=verify-full`; a socket folder is `?host=/var/run/postgresql`.
 * @throws PlimsollError `database-url-invalid` (input), which never repeats the text: it may hold the password.
 */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw invalid('is not an address of PostgreSQL: it begins with postgresql:// and names user, host and database');
  }
  const unknown = [...url.searchParams.keys()].find((key) => key !== 'sslmode' && key !== 'host');
  if (unknown !== undefined)
    throw invalid(`has the parameter ${unknown}; sslmode and host are the ones that are known`);
  const database = decoded(url.pathname.slice(1));
  if (database === '' || database.includes('/')) throw invalid('names no database: it ends in /NAME');
  const mode = url.searchParams.get('sslmode') ?? 'disable';
  const tls = tlsModes[mode];
  if (tls === undefined) throw invalid(`has another sslmode than ${Object.keys(tlsModes).join(', ')}`);
  const folder = url.searchParams.get('host');
  const host = folder ?? decoded(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  if (host === '') throw invalid('names no host');
  const port = url.port === '' ? 5432 : Number(url.port);
  const user = url.username === '' ? userInfo().username : decoded(url.username);
  const password = url.password === '' ? null : decoded(url.password);
  const shownHost = host.startsWith('/') ? encodeURIComponent(host) : host.includes(':') ? `[${host}]` : host;
  const shown = `postgresql://${encodeURIComponent(user)}@${shownHost}:${port}/${encodeURIComponent(database)}`;
  return { host, port, database, user, password, tls, shown };
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
