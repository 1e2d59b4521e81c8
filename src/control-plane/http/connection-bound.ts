import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { clientOfAddress } from '../../core/access/shares/client-address.ts';
import { ConnectionPlaces } from '../../core/access/shares/connection-places.ts';

/** Kept back for files, looks at replicas, and stores. */
const handlesKept = 256;
const [least, most] = [32, 1024];

/** How many connections a program may hold: half of the file handles that are left, from 32 to 1024. */
export function connectionsAtMost(fileHandles: number | null): number {
  if (fileHandles === null) return most;
  return Math.max(least, Math.min(most, Math.floor((fileHandles - handlesKept) / 2)));
}

/**
 * Holds the connections of servers together to a number, so that no client takes the file handles that looking at replicas needs.
 * `ConnectionPlaces` says which one is closed where all places are taken.
 */
export class ConnectionBound {
  readonly #places: ConnectionPlaces<Socket>;
  /** By the other end: of a connection with TLS the request's socket is another one, with the same other end. */
  readonly #byPeer = new Map<string, Socket>();

  constructor(atMost: number) {
    this.#places = new ConnectionPlaces(atMost);
  }

  get open(): number {
    return this.#places.open;
  }

  /** Counts the connections of a server from now on. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#came(socket));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#asked(request, response));
  }

  #came(socket: Socket): void {
    const { taken, closed } = this.#places.came(socket, clientOfAddress(socket.remoteAddress));
    closed?.destroy();
    if (!taken) {
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    this.#byPeer.set(peer, socket);
    socket.once('close', () => {
      this.#places.left(socket);
      if (this.#byPeer.get(peer) === socket) this.#byPeer.delete(peer);
    });
  }

  #asked(request: IncomingMessage, response: ServerResponse): void {
    const socket = this.#byPeer.get(peerOf(request.socket));
    if (socket === undefined) return;
    this.#places.began(socket);
    response.once('close', () => this.#places.ended(socket));
  }
}

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
