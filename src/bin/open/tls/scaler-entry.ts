import { createServer, type Server, type TLSSocket } from 'node:tls';
import { endAtExpiry } from '../../../adapters/http-control/server-certificate.ts';
import type { ScalerEntry } from '../../../adapters/keda/bounded-listener.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { refuseUntrusted } from '../../../core/access/gateway-certificate.ts';
import { readShownCertificate } from './shown-certificates.ts';
import { readTls, type TlsFiles } from './tls-files.ts';
import { watchTls } from './watch-tls.ts';

export interface ScalerEntryOptions {
  readonly handshakeWithinMs?: number;
  /** How often it looks whether the files changed; every 2 s unless given. */
  readonly lookEveryMs?: number;
}

type Log = Parameters<typeof watchTls>[2];

const usualHandshakeMs = 10_000;
const sayAtMostEveryMs = 60_000;

/**
 * Makes the TLS of KEDA's port. With authorities in `clientCa` KEDA shows a certificate of theirs, and is refused before its first
 * byte reaches gRPC. The log says why, once a minute at most.
 *
 * | event | then |
 * |---|---|
 * | the certificate of the server changes | new connections get the new one |
 * | other authorities are trusted | all connections end, and KEDA comes again |
 * | the certificate of KEDA expires | its connection ends |
 *
 * What it returns throws PlimsollError `tls-unusable` (input).
 */
export function makeScalerEntry(files: TlsFiles, log: Log, options: ScalerEntryOptions = {}): ScalerEntry {
  return (take, endAll) => {
    const server = makeTlsServer(files, log, options, take);
    const watch = watchTls(server, files, log, endAll, options.lookEveryMs);
    return { admit: (socket) => void server.emit('connection', socket), close: () => clearInterval(watch) };
  };
}

function makeTlsServer(
  files: TlsFiles,
  log: Log,
  { handshakeWithinMs = usualHandshakeMs }: ScalerEntryOptions,
  take: (socket: TLSSocket) => void,
): Server {
  const server = createServer({
    ...readTls(files),
    ...(files.clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: false }),
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['h2'],
    handshakeTimeout: handshakeWithinMs,
  });
  // A handshake that failed or did not come: the server leaves the connection open.
  server.on('tlsClientError', (_error, socket) => void socket.destroy());
  const refuse = makeRefusal(log);
  server.on('secureConnection', (socket) => {
    socket.on('error', () => socket.destroy());
    const nowMs = systemClock.nowMs();
    const refused = files.clientCa === undefined ? null : refuseUntrusted(readShownCertificate(socket), nowMs);
    if (refused !== null) refuse(socket, refused.reason, nowMs);
    else if (socket.alpnProtocol !== 'h2') socket.destroy();
    else {
      endAtExpiry(socket, nowMs, () => new Error('the certificate of the client has expired'));
      take(socket);
    }
  });
  return server;
}

function makeRefusal(log: Log): (socket: TLSSocket, reason: string, nowMs: number) => void {
  let [saidMs, unsaid] = [-Infinity, 0];
  return (socket, reason, nowMs) => {
    const { remoteAddress } = socket;
    socket.destroy();
    unsaid += 1;
    if (Math.abs(nowMs - saidMs) < sayAtMostEveryMs) return;
    const next = 'give KEDA a certificate of the authority in --scaler-client-ca: tlsClientCert and tlsClientKey';
    log.warn({ remoteAddress, refused: unsaid, next }, `KEDA's port refused a client: ${reason}`);
    [saidMs, unsaid] = [nowMs, 0];
  };
}
