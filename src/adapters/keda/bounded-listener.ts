import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { clientOfAddress } from '../../core/access/shares/client-address.ts';
import { ConnectionPlaces } from '../../core/access/shares/connection-places.ts';
import { PlimsollError } from '../../core/units/errors.ts';

const connectionsAtMost = 200;

/**
 * Opens what stands between a connection and the server: TLS, and who may come in.
 * @param take gets what an admitted client says and is told, decrypted.
 * @param endAll ends every connection; called when other authorities are trusted.
 */
export type ScalerEntry = (take: (stream: Duplex) => void, endAll: () => void) => OpenEntry;

interface OpenEntry {
  /** Hands the connection on once its client is known, else ends the connection. */
  admit(socket: Socket): void;
  close(): void;
}

const openPlainEntry: ScalerEntry = (take) => ({ admit: take, close: () => undefined });

interface BoundedListener {
  readonly port: number;
  /** Takes no connection from now on, and ends those that are open. */
  close(): Promise<void>;
}

/**
 * Listens, and hands at most 200 connections on. Where all places are taken, whoever holds most gives up the oldest one.
 * @param openEntry null takes whoever comes, in plain text.
 * @throws PlimsollError `address-taken` (unavailable).
 */
export async function listenBounded(
  listen: string,
  openEntry: ScalerEntry | null,
  take: (stream: Duplex) => void,
): Promise<BoundedListener> {
  const places = new ConnectionPlaces<Socket>(connectionsAtMost);
  const open = new Set<Socket>();
  const endAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  const entry = (openEntry ?? openPlainEntry)(take, endAll);
  const server = createServer((socket) => {
    // Whoever takes it hears of errors too; before that nobody would.
    socket.on('error', () => socket.destroy());
    const { taken, closed } = places.came(socket, clientOfAddress(socket.remoteAddress));
    closed?.destroy();
    if (!taken) {
      socket.destroy();
      return;
    }
    open.add(socket);
    socket.once('close', () => {
      places.left(socket);
      open.delete(socket);
    });
    entry.admit(socket);
  });
  const at = /^\[?(.*?)\]?:(\d+)$/.exec(listen);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(addressTaken(listen, error)));
    server.listen({ host: at?.[1] ?? '127.0.0.1', port: Number(at?.[2] ?? 0) }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        entry.close();
        server.close(() => resolve());
        endAll();
      }),
  };
}

function addressTaken(listen: string, cause: Error): PlimsollError {
  return new PlimsollError({
    code: 'address-taken',
    category: 'unavailable',
    message: `the external scaler cannot listen on ${listen}: ${cause.message}`,
    next: 'choose another address with --scaler-listen HOST:PORT',
    cause,
  });
}
