import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { ConnectionPlaces } from '../../core/access/shares/connection-places.ts';

/** Where clients come in over TLS, beside the plain port. */
export interface TlsDoor {
  readonly listen: { readonly host: string; readonly port: number };
  readonly certificate: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** Has the server take changed certificates, until what it returns is called. */
  follow(server: Server): () => void;
}

/** A server over TLS 1.2 or newer, HTTP/1.1 alone; a handshake takes no longer than the head of a request may. */
export function makeTlsServer(options: object, { certificate }: TlsDoor, handshakeTimeoutMs: number): Server {
  return createServer({
    ...options,
    ...certificate,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: handshakeTimeoutMs,
  });
}

/** What OpenSSL says of a client: nothing can be answered in plain text on such a connection. */
export const isTlsError = ({ code = '' }: NodeJS.ErrnoException): boolean => /^ERR_(SSL|TLS)_/.test(code);

/** Finds the place of a connection, which is that of the socket below TLS. */
export class PlacedSockets {
  readonly #places: ConnectionPlaces<Socket>;
  readonly #byPeer = new Map<string, Socket>();
  readonly #below = new WeakMap<Socket, Socket>();

  constructor(places: ConnectionPlaces<Socket>) {
    this.#places = places;
  }

  /** A connection came whose handshake is still to come. */
  came(socket: Socket): void {
    const peer = peerOf(socket);
    this.#byPeer.set(peer, socket);
    socket.once('close', () => {
      if (this.#byPeer.get(peer) === socket) this.#byPeer.delete(peer);
    });
  }

  secured(socket: Socket): void {
    const below = this.#byPeer.get(peerOf(socket));
    if (below !== undefined) this.#below.set(socket, below);
  }

  began(socket: Socket): void {
    this.#places.began(this.#below.get(socket) ?? socket);
  }

  ended(socket: Socket): void {
    this.#places.ended(this.#below.get(socket) ?? socket);
  }
}

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
