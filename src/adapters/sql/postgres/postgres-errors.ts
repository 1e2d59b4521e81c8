import { adapterSteps } from '../../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { PlimsollError, type ErrorCategory } from '../../../core/units/errors.ts';
import type { DatabaseAddress } from './database-url.ts';

/** What was being done when it failed: a commit that breaks off leaves open whether it was written. */
export type Doing = 'connect' | 'query' | 'commit';

interface Meaning {
  readonly code: string;
  readonly category: ErrorCategory;
  readonly what: string;
  readonly next: string;
}

const unavailable = 'unavailable' as const;
const oftenFull =
  'end what holds connections (select pid, application_name from pg_stat_activity), or raise max_connections';

/** Codes of PostgreSQL that mean one thing each (https://www.postgresql.org/docs/15/errcodes-appendix.html, 2024). */
const byCode: Readonly<Record<string, Meaning>> = {
  '28P01': {
    code: 'store-login-refused',
    category: unavailable,
    what: 'refused the password',
    next: 'correct user and password in DATABASE_URL',
  },
  '28000': {
    code: 'store-login-refused',
    category: unavailable,
    what: 'lets this user not in',
    next: 'correct the user in DATABASE_URL, or pg_hba.conf of the server',
  },
  '3D000': {
    code: 'store-database-missing',
    category: unavailable,
    what: 'has no such database',
    next: 'createdb makes it; or correct the name in DATABASE_URL',
  },
  '42501': {
    code: 'store-forbidden',
    category: unavailable,
    what: 'forbids this user what the store needs',
    next: 'let the user own its database: alter database NAME owner to USER',
  },
  '25006': {
    code: 'store-read-only',
    category: unavailable,
    what: 'only reads: it is a standby, or default_transaction_read_only is on',
    next: 'name the primary in DATABASE_URL',
  },
  '53100': {
    code: 'storage-full',
    category: unavailable,
    what: 'has no space left; nothing was written',
    next: 'free space on the disk of the server, then run the same command again',
  },
  '53300': {
    code: 'store-connections-exhausted',
    category: 'overloaded',
    what: 'has no connection left to give',
    next: oftenFull,
  },
  '57014': {
    code: 'store-slow',
    category: unavailable,
    what: 'did not finish a statement in time',
    next: 'look at the load of the server (pg_stat_activity), then run the same command again',
  },
  '55P03': {
    code: 'store-locked',
    category: unavailable,
    what: 'keeps the store locked: another process writes and does not end',
    next: "see who: select pid, application_name, query from pg_stat_activity where state <> 'idle'",
  },
  '40P01': {
    code: 'store-locked',
    category: unavailable,
    what: 'ended a transaction that waited in a circle',
    next: 'run the same command again',
  },
  '40001': {
    code: 'store-locked',
    category: unavailable,
    what: 'ended a transaction that could not be put in order',
    next: 'run the same command again',
  },
  '57P03': {
    code: 'store-unreachable',
    category: unavailable,
    what: 'is starting or stopping',
    next: 'try again in a moment',
  },
  '42P01': {
    code: 'store-gone',
    category: unavailable,
    what: 'does not hold the tables of this store any more',
    next: 'bring the database back, or restart the control plane to begin an empty store',
  },
  '22021': {
    code: 'text-unstorable',
    category: 'input',
    what: 'cannot store a text with a NUL character',
    next: 'take the NUL character out',
  },
  XX001: {
    code: 'store-corrupt',
    category: 'corrupt',
    what: 'found damaged data',
    next: 'bring back a backup of the database',
  },
  XX002: {
    code: 'store-corrupt',
    category: 'corrupt',
    what: 'found a damaged index',
    next: 'reindex database NAME, or bring back a backup',
  },
};

/** Why a certificate is refused, by the code of Node's TLS (OpenSSL's X509_V_ERR_ names). */
const certificates: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  CERT_REVOKED: 'it is revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is of another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself, and not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'who signed it is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'who signed it is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'who signed it is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'who signed it is not trusted',
  CERT_SIGNATURE_FAILURE: 'its signature is wrong',
};

const network: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is unknown',
  EAI_AGAIN: 'its name could not be looked up',
  EHOSTUNREACH: 'no way leads there',
  ENETUNREACH: 'no way leads there',
  ETIMEDOUT: 'it does not answer',
  ENOENT: 'its socket is not there',
  EACCES: 'its socket may not be used',
};

/**
 * What PostgreSQL or the network said, in words that say what, where and what next. Neither the password nor the error
 * object of the driver is in it. An error that is ours already, or is no error of the connection, comes back as it is.
 */
export function postgresError(thrown: unknown, address: DatabaseAddress, doing: Doing): unknown {
  if (thrown instanceof PlimsollError || !(thrown instanceof Error)) return thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
  const said = withoutPassword(thrown.message, address);
  const lost = isLost(thrown);
  if (doing === 'commit' && lost) return outcomeUnknown(address, said);
  // Raised by the driver before it answers the server, and without a code: no password was given.
  const unasked = code === null && thrown.message.startsWith('SASL');
  const meaning = unasked ? byCode['28P01'] : code === null ? undefined : byCode[code];
  const refusal = tlsRefusal(thrown, code, address);
  if (refusal !== null) return made(address, refusal, `PostgreSQL at ${address.shown} ${refusal.what}`, code);
  if (meaning !== undefined) {
    const { what, ...rest } = meaning;
    return made(address, rest, `PostgreSQL at ${address.shown} ${what} (${said})`, code);
  }
  if (code?.startsWith('58') === true || code?.startsWith('53') === true) {
    return made(address, unusable, `PostgreSQL at ${address.shown} cannot go on (${said})`, code);
  }
  if (lost || doing === 'connect') {
    const why = (code === null ? undefined : network[code]) ?? said;
    return made(address, unreachable, `PostgreSQL at ${address.shown} cannot be reached: ${why}`, code);
  }
  return thrown;
}

/** What is wrong between both sides about encryption; null for anything else. */
function tlsRefusal(thrown: Error, code: string | null, { tls }: DatabaseAddress): Meaning | null {
  if (thrown.message === 'The server does not support SSL connections') {
    return {
      code: 'store-tls-missing',
      category: unavailable,
      what: `offers no TLS, and sslmode=${tls} asks for it; nothing was sent`,
      next: 'turn ssl on in postgresql.conf, or, on a network that you trust, leave sslmode out of DATABASE_URL',
    };
  }
  if (code === '28000' && /no encryption/.test(thrown.message)) {
    return {
      code: 'store-tls-required',
      category: unavailable,
      what: 'takes no connection without TLS',
      next: 'add ?sslmode=verify-full to DATABASE_URL',
    };
  }
  const why = code === null ? undefined : certificates[code];
  if (why === undefined) return null;
  return {
    code: 'store-certificate-refused',
    category: unavailable,
    what: `shows a certificate that sslmode=${tls} refuses: ${why} (${code})`,
    next: 'renew the certificate of the server, or name who signed it: sslrootcert=/PATH/ca.pem in DATABASE_URL',
  };
}

const unusable = { code: 'store-unusable', category: unavailable, next: 'see the log of the server' };
const unreachable = {
  code: 'store-unreachable',
  category: unavailable,
  next: 'start the server, or correct host and port in DATABASE_URL; then run the same command again',
};

function made(
  address: DatabaseAddress,
  { code, category, next }: Omit<Meaning, 'what'>,
  message: string,
  sqlState: string | null,
): PlimsollError {
  return new PlimsollError({ code, category, message, next, details: { location: address.shown, sqlState } });
}

function outcomeUnknown(address: DatabaseAddress, said: string): PlimsollError {
  return new PlimsollError({
    code: 'store-outcome-unknown',
    category: unavailable,
    message: `the connection to PostgreSQL at ${address.shown} broke while a write was being committed (${said}): whether it was written is not known`,
    next: nextStep(adapterSteps, 'store-outcome-unknown'),
    details: { location: address.shown },
  });
}

/** The connection is over: by the network, by a timeout of ours, or because the server ended it (classes 08 and 57P). */
export function isLost(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  if (/^(08...|57P0[1-5]|25P0[34])$/.test(code)) return true;
  if (code in network || /^(ECONNRESET|EPIPE|ECONNABORTED)$/.test(code)) return true;
  return (
    code === '' && /^(Connection terminated|Client was closed|timeout expired|no answer within)/.test(thrown.message)
  );
}

function withoutPassword(text: string, { password }: DatabaseAddress): string {
  return password === null || password === '' ? text : text.replaceAll(password, '***');
}
