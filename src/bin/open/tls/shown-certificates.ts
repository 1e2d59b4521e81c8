import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { systemClock } from '../../../adapters/system/clock.ts';
import type { GatewayCertificates } from '../../../control-plane/http/access/gateway-certificates.ts';
import type { ShownCertificate } from '../../../core/access/gateway-certificate.ts';

/** What clients showed on their connections. Read once for each of them. */
export class ShownCertificates implements GatewayCertificates {
  readonly #shown = new WeakMap<Socket, ShownCertificate>();
  readonly #sockets = new Set<TLSSocket>();

  /** A connection whose handshake is over. */
  add(socket: Socket): void {
    if (!(socket instanceof TLSSocket)) return;
    const shown = readShownCertificate(socket);
    if (shown === null) return;
    this.#shown.set(socket, shown);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  shownBy({ socket }: IncomingMessage): ShownCertificate | null {
    return this.#shown.get(socket) ?? null;
  }

  nowMs(): number {
    return systemClock.nowMs();
  }

  /** Other authorities are trusted from now on: whoever showed a certificate shows it again. */
  forgetAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** Returns the certificate that a client showed in the handshake; null for none. */
export function readShownCertificate(socket: TLSSocket): ShownCertificate | null {
  const certificate = socket.getPeerX509Certificate();
  return certificate === undefined ? null : describeCertificate(certificate, socket.authorizationError);
}

function describeCertificate(certificate: X509Certificate, error: Error | string | null): ShownCertificate {
  return {
    // Node gives the code, though its types say an error.
    problem: error === null ? null : String(error),
    commonName: commonNameOf(certificate.subject),
    alternativeNames: alternativeNamesOf(certificate.subjectAltName),
    validFromMs: Date.parse(certificate.validFrom),
    validToMs: Date.parse(certificate.validTo),
  };
}

/** One attribute a line. Of several common names none is the one. */
function commonNameOf(subject: string): string | null {
  const names = subject.split('\n').filter((line) => line.startsWith('CN='));
  return names.length === 1 ? (names[0]?.slice('CN='.length) ?? null) : null;
}

/** A name with a comma is quoted by Node, and is no name of a gateway: then none is taken. */
function alternativeNamesOf(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return [];
  return text.includes('"') ? ['unreadable'] : text.split(', ');
}
