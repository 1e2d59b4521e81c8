import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { PlimsollError } from '../../core/units/errors.ts';

/** setTimeout(3) of Node takes no longer one. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Ends a connection when the certificate of the peer expires, as a new one would not be made any more. A stream of events is one
 * connection for days.
 * @param expired makes the error that whoever uses the connection is told.
 */
export function endAtExpiry(socket: Socket, nowMs: number, makeError: () => Error): void {
  if (!(socket instanceof TLSSocket)) return;
  const validTo = socket.getPeerX509Certificate()?.validTo;
  const leftMs = validTo === undefined ? NaN : Date.parse(validTo) - nowMs;
  if (Number.isNaN(leftMs) || leftMs > longestTimerMs) return;
  const timer = setTimeout(() => socket.destroy(makeError()), Math.max(0, leftMs));
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
}

/**
 * | what TLS says | the error |
 * |---|---|
 * | CERT_HAS_EXPIRED | `server-certificate-expired` |
 * | CERT_NOT_YET_VALID, ERR_TLS_CERT_ALTNAME_INVALID, an authority that is not known | `server-certificate-refused` |
 * | anything else | as it was |
 */
export function explainTlsError(error: Error, host: string): Error {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'CERT_HAS_EXPIRED') return expiredCertificate(host, error);
  if (!/^(CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_CERT)/.test(code)) return error;
  return new PlimsollError({
    code: 'server-certificate-refused',
    category: 'unauthorized',
    message: `the certificate of the control plane at ${host} is not taken: ${error.message}`,
    next: 'see --ca-file, and the names in the certificate',
    cause: error,
  });
}

export function expiredCertificate(host: string, cause?: Error): PlimsollError {
  return new PlimsollError({
    code: 'server-certificate-expired',
    category: 'unauthorized',
    message: `the certificate of the control plane at ${host} has expired`,
    next: 'renew the files of --tls-cert and --tls-key of the control plane; it reads them again',
    cause,
  });
}
