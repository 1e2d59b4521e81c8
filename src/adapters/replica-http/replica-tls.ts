import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { buildConnector } from 'undici';
import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { explainReplicaTls, namesOfReplica } from '../../core/access/replica-certificate.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { ReplicaOwner } from '../../ports/serving/platform.ts';

/** What this program shows replicas, and which authorities it trusts for theirs; in PEM. */
interface ShownTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

interface ReplicaTlsParts {
  /** Reads the files anew for each connection; null where none are set. */
  readonly read: (() => Promise<ShownTls>) | null;
  /** Ends a connection, with this error, once the certificate of the server expires. */
  readonly endAtExpiry: (socket: Socket, makeError: () => Error) => void;
  readonly nowMs: () => number;
}

/** As many endpoints are remembered with their owners; the oldest is forgotten first. */
const rememberedAtMost = 10_000;

/**
 * Connections to replicas over TLS, on which both sides verify each other. Of a replica the certificate has to name its service
 * (core/access/replica-certificate.ts), whatever its address is: addresses of replicas are used again.
 */
export class ReplicaTls {
  readonly #parts: ReplicaTlsParts;
  readonly #owners = new Map<string, ReplicaOwner>();

  constructor(parts: ReplicaTlsParts) {
    this.#parts = parts;
  }

  /** Tells whose replica is at an endpoint, for requests that know its address alone. */
  remember(endpoint: string, owner: ReplicaOwner): void {
    this.#owners.delete(endpoint);
    this.#owners.set(endpoint, owner);
    const [oldest] = this.#owners.keys();
    if (this.#owners.size > rememberedAtMost && oldest !== undefined) this.#owners.delete(oldest);
  }

  /**
   * Returns what opens connections to replicas of one owner, over TLS whatever scheme is asked for: undici ends the connections of an
   * `https:` origin when the Host of a request changes, and the Host of a request is its client's.
   * Errors: PlimsollError `replica-tls-unset`, `replica-tls-unreadable`, `replica-tls-expired` (unavailable), the codes of `explainReplicaTls` (unauthorized);
   * others as they are.
   */
  connectAs(owner: ReplicaOwner, timeoutMs: number): buildConnector.connector {
    return (target, callback) => {
      const connect = (tls: ShownTls): void =>
        buildConnector({
          ...tls,
          ...{ timeout: timeoutMs, allowH2: false, maxCachedSessions: 0, servername: namesOfReplica(owner)[0] },
          checkServerIdentity: (_host: string, shown: PeerCertificate) => findWrongName(owner, shown),
        })({ ...target, protocol: 'https:', servername: namesOfReplica(owner)[0] }, (...[error, socket]) => {
          if (error !== null) {
            callback(explainTlsError(error, owner), null);
            return;
          }
          this.#parts.endAtExpiry(socket, () => new ExpiredError());
          callback(null, socket);
        });
      this.#read().then(connect, (thrown: unknown) => callback(asPlimsollError(thrown), null));
    };
  }

  /**
   * Returns what opens connections to replicas by their address: over TLS as `connectAs`, and over plain HTTP as always.
   * @param others what becomes of an address over TLS that is not known to be a replica's: it is refused, or verified as any server of the web.
   */
  connectAny(timeoutMs: number, others: 'refuse' | 'as-web' = 'refuse'): buildConnector.connector {
    const usual = buildConnector({ timeout: timeoutMs, allowH2: false });
    return (target, callback) => {
      const endpoint = `https://${target.host ?? target.hostname}`;
      const owner = this.#owners.get(endpoint);
      if (target.protocol !== 'https:' || (owner === undefined && others === 'as-web')) usual(target, callback);
      else if (owner === undefined) callback(ownerUnknown(endpoint), null);
      else this.connectAs(owner, timeoutMs)(target, callback);
    };
  }

  async #read(): Promise<ShownTls> {
    const { read, nowMs } = this.#parts;
    if (read === null) throw filesUnset();
    const files = await read().catch((cause: unknown) => {
      const { message, next } = asPlimsollError(cause);
      throw new PlimsollError({ code: 'replica-tls-unreadable', category: 'unavailable', message, next, cause });
    });
    const validTo = files.cert === undefined ? null : new X509Certificate(files.cert).validTo;
    if (validTo !== null && nowMs() > Date.parse(validTo)) throw ownExpired(validTo);
    return files;
  }
}

/** Problems of this program's own files: they say nothing of a replica. */
export const isOwnTlsProblem = (error: unknown): boolean =>
  error instanceof PlimsollError &&
  ['replica-tls-unset', 'replica-tls-unreadable', 'replica-tls-expired'].includes(error.code);

/** Requests that can be sent again are, to another replica: gateway/exchange/retry.ts. */
class ExpiredError extends Error {
  readonly code = 'ECONNRESET';

  constructor() {
    super('the certificate of the replica expired while the connection was open');
  }
}

function findWrongName(owner: ReplicaOwner, shown: PeerCertificate): Error | undefined {
  const problems = namesOfReplica(owner).map((name) => checkServerIdentity(name, shown));
  return problems.includes(undefined) ? undefined : problems[0];
}

/** Returns an error of TLS as what it says of the replica; any other as it is. A server may refuse our certificate after the handshake. */
export function explainTlsError(error: Error, owner: ReplicaOwner): Error {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const problem = explainReplicaTls(code, owner);
  if (problem === null) return error;
  const { reason: message, next } = problem;
  return new PlimsollError({ code: problem.code, category: 'unauthorized', message, next, cause: error });
}

const filesUnset = (): PlimsollError =>
  new PlimsollError({
    code: 'replica-tls-unset',
    category: 'unavailable',
    message: 'its contract says `code.tls`, and this program has no certificate for replicas',
    next: 'set PLIMSOLL_REPLICA_CA_FILE, PLIMSOLL_REPLICA_CERT_FILE and PLIMSOLL_REPLICA_KEY_FILE',
  });

/** Every replica would refuse it: that is no fault of theirs. */
const ownExpired = (validTo: string): PlimsollError =>
  new PlimsollError({
    code: 'replica-tls-expired',
    category: 'unavailable',
    message: `the certificate of PLIMSOLL_REPLICA_CERT_FILE expired on ${validTo}`,
    next: 'renew it; its files are read again',
  });

const ownerUnknown = (endpoint: string): PlimsollError =>
  new PlimsollError({
    code: 'replica-tls-unset',
    category: 'unavailable',
    message: `whose replica answers at ${endpoint} is not known yet`,
    next: nextStep(adapterSteps, 'replica-tls-unset'),
  });
