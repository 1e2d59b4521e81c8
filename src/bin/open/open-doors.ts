import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { createServer as createTlsServer, type Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { programSteps } from '../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { readFileHandleLimit } from '../../adapters/system/file-handles.ts';
import { ConnectionBound, connectionsAtMost } from '../../control-plane/http/connection-bound.ts';
import type { Server } from '../../control-plane/http/http-parts.ts';
import { slowClients } from '../../control-plane/http/server.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { isLoopback, listenText, urlOf, type ListenAddress } from '../listen-address.ts';
import { ShownCertificates } from './tls/shown-certificates.ts';
import { readTls, type TlsFiles } from './tls/tls-files.ts';
import { watchTls } from './tls/watch-tls.ts';

const { createServer } = process.getBuiltinModule('node:http');

export interface DoorOptions {
  /** Where people and other machines come in. */
  readonly listen: ListenAddress;
  /** Where programs of this machine come in, when `listen` is not on the loopback address or speaks TLS. */
  readonly local: ListenAddress;
  readonly tls: TlsFiles | null;
  /** How often the server looks whether its TLS files changed; every 2 s unless given. */
  readonly lookEveryMs?: number;
}

export interface Doors {
  /** For programs of this machine: plain HTTP on a loopback address. */
  readonly localUrl: string;
  /** For people. */
  readonly publicUrl: string;
  close(): Promise<void>;
}

const patienceMs = 5_000;

/** Whether one address is enough: on loopback and without TLS it serves this machine's programs and people alike. */
export function isOneDoor({ listen, tls }: Pick<DoorOptions, 'listen' | 'tls'>): boolean {
  return isLoopback(listen.host) && tls === null;
}

/** Remembers which connections came in by the public door, so that a route can tell. */
export class PublicConnections {
  readonly #sockets = new WeakSet<Socket>();
  /** Of those with TLS. */
  readonly certificates = new ShownCertificates();

  add(socket: Socket): void {
    this.#sockets.add(socket);
    this.certificates.add(socket);
  }

  isLocal(request: IncomingMessage): boolean {
    return !this.#sockets.has(request.socket);
  }
}

/** Opens the addresses of a control plane. @throws PlimsollError `port-taken` (unavailable), `tls-unusable` (input). */
export async function openDoors(
  server: Server,
  options: DoorOptions,
  seen: PublicConnections,
  log: { readonly warn: (facts: object, text: string) => void },
  signal: AbortSignal,
): Promise<Doors> {
  const bound = new ConnectionBound(connectionsAtMost(readFileHandleLimit()));
  bound.watch(server.server);
  if (isOneDoor(options)) {
    const url = await listenWithin(
      (address) => server.listen(address),
      server.server,
      options.listen,
      '--listen',
      signal,
    );
    return { localUrl: url, publicUrl: url, close: async () => undefined };
  }
  const localUrl = await listenWithin(
    (address) => server.listen(address),
    server.server,
    options.local,
    '--listen',
    signal,
  );
  const { door, stop } = makePublicDoor(server, options, seen, log);
  bound.watch(door);
  const begin = (address: ListenAddress): Promise<void> =>
    new Promise((resolve, reject) => {
      door.once('error', reject);
      door.listen(address, () => {
        door.off('error', reject);
        resolve();
      });
    });
  const plainUrl = await listenWithin(begin, door, options.listen, '--listen', signal);
  const publicUrl = options.tls === null ? plainUrl : plainUrl.replace(/^http:/, 'https:');
  return { localUrl, publicUrl, close: stop };
}

/** Hands its requests to the same routes; fastify itself listens at the local door. */
function makePublicDoor(
  server: Server,
  { tls, lookEveryMs }: DoorOptions,
  seen: PublicConnections,
  log: { readonly warn: (facts: object, text: string) => void },
): { readonly door: HttpServer | HttpsServer; readonly stop: () => Promise<void> } {
  const door =
    tls === null ? createServer(slowClients) : createTlsServer({ ...slowClients, ...readTls(tls), ...askFor(tls) });
  door.on('request', (request, response) => server.routing(request, response));
  door.on(tls === null ? 'connection' : 'secureConnection', (socket: Socket) => seen.add(socket));
  const watch =
    tls === null || !('setSecureContext' in door)
      ? null
      : watchTls(door, tls, log, () => seen.certificates.forgetAll(), lookEveryMs);
  const stop = async (): Promise<void> => {
    if (watch !== null) clearInterval(watch);
    door.closeAllConnections();
    await new Promise((resolve) => door.close(resolve));
  };
  return { door, stop };
}

/** A client without a certificate, or with a wrong one, comes in: the page needs none, and a gateway is told what is wrong. */
const askFor = ({ clientCa }: TlsFiles) =>
  clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: false };

/** The address may still be held for a moment by the one that came before. @throws PlimsollError `port-taken` (unavailable). */
export async function listenWithin(
  begin: (address: ListenAddress) => Promise<unknown>,
  server: Pick<HttpServer, 'address'>,
  address: ListenAddress,
  option: '--listen' | '--ready-listen',
  signal: AbortSignal,
): Promise<string> {
  const giveUpMs = systemClock.monotonicMs() + patienceMs;
  for (;;) {
    try {
      await begin(address);
      const bound = server.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
      return urlOf({ host: address.host, port });
    } catch (thrown) {
      const taken = thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE';
      if (!taken) throw thrown;
      if (systemClock.monotonicMs() >= giveUpMs) throw portTaken(address, option, thrown);
      await systemClock.sleep(100, signal);
    }
  }
}

function portTaken(address: ListenAddress, option: string, cause: unknown): PlimsollError {
  return new PlimsollError({
    code: 'port-taken',
    category: 'unavailable',
    message: `the address ${listenText(address)} is taken`,
    next: nextStep(programSteps, 'port-taken', { option, address: listenText({ ...address, port: 0 }) }),
    cause,
  });
}
