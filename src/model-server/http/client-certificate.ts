import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { PlimsollError } from '../../core/units/errors.ts';

/** What a connection showed. Read once for each of them. */
interface Shown {
  /** Why it was not verified; null where it was. */
  readonly problem: string | null;
  readonly validToMs: number;
}

const shownOn = new WeakMap<Socket, Shown | 'nothing'>();

/**
 * Lets a request over TLS through. Asked at each request: a connection may outlive the certificate.
 *
 * | the client shows | a probe of health | anything else |
 * |---|---|---|
 * | no certificate, as a kubelet | passes | 401 |
 * | one that an authority of `ca.crt` vouches for | passes | passes |
 * | one that is not verified, or expired | 401 | 401 |
 *
 * @throws PlimsollError `client-certificate-missing`, `client-certificate-untrusted`, `client-certificate-expired` (unauthorized).
 */
export function requireClientCertificate({ socket }: IncomingMessage, isProbe: boolean, nowMs: number): void {
  if (!isTls(socket)) return;
  const shown = shownOn.get(socket) ?? readShown(socket);
  if (shown === 'nothing') {
    if (isProbe) return;
    throw refuse('missing', 'this request shows no certificate', 'show the one of PLIMSOLL_REPLICA_CERT_FILE');
  }
  if (shown.problem !== null) {
    const next = 'put its authority into `ca.crt` of the Secret of `code.tls`';
    throw refuse('untrusted', `the certificate of this connection was not verified (${shown.problem})`, next);
  }
  if (nowMs > shown.validToMs) {
    throw refuse('expired', 'the certificate of this connection has expired', 'renew it, and connect again');
  }
}

/** An import of node:tls would load it in each replica. */
const isTls = (socket: Socket): socket is TLSSocket => 'encrypted' in socket;

function readShown(socket: TLSSocket): Shown | 'nothing' {
  const certificate = socket.getPeerX509Certificate();
  const shown =
    certificate === undefined
      ? 'nothing'
      : {
          // Node gives the code, though its types say an error.
          problem: socket.authorized ? null : String(socket.authorizationError),
          validToMs: Date.parse(certificate.validTo),
        };
  shownOn.set(socket, shown);
  return shown;
}

const refuse = (what: 'missing' | 'untrusted' | 'expired', message: string, next: string): PlimsollError =>
  new PlimsollError({
    code: `client-certificate-${what}`,
    category: 'unauthorized',
    message,
    next,
    details: { close: true },
  });
