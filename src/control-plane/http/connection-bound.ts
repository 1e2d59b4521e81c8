import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Kept back for files, looks at replicas, and stores. */
const handlesKept = 256;
const [least, most] = [32, 1024];

/** How many connections a program may hold: half of the file handles that are left, from 32 to 1024. */
export function connectionsAtMost(fileHandles: number | null): number {
  if (fileHandles === null) return most;
  return Math.max(least, Math.min(most, Math.floor((fileHandles - handlesKept) / 2)));
}

interface Connection {
  readonly socket: Socket;
  requests: number;
}

/**
 * Holds the connections of servers together to a number, so that no client takes the file handles that looking at replicas needs.
 *
 * | a connection comes and all places are taken | then |
 * |---|---|
 * | some have no request under way | the one that was quiet for longest is closed |
 * | all are at work | the new one is closed |
 */
export class ConnectionBound {
  readonly #atMost: number;
  /** By the address of the other end; those that are quiet in the order in which they became so. */
  readonly #open = new Map<string, Connection>();

  constructor(atMost: number) {
    this.#atMost = atMost;
  }

  get open(): number {
    return this.#open.size;
  }

  /** Counts the connections of a server from now on. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#came(socket));
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#asked(request, response));
  }

  #came(socket: Socket): void {
    if (this.#open.size >= this.#atMost && !this.#closeQuietest()) {
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    const connection = { socket, requests: 0 };
    this.#open.set(peer, connection);
    socket.once('close', () => {
      if (this.#open.get(peer) === connection) this.#open.delete(peer);
    });
  }

  #closeQuietest(): boolean {
    for (const [peer, { socket, requests }] of this.#open) {
      if (requests > 0) continue;
      this.#open.delete(peer);
      socket.destroy();
      return true;
    }
    return false;
  }

  /** Of a connection with TLS the request's socket is another one, with the same other end. */
  #asked(request: IncomingMessage, response: ServerResponse): void {
    const peer = peerOf(request.socket);
    const connection = this.#open.get(peer);
    if (connection === undefined) return;
    connection.requests += 1;
    response.once('close', () => {
      connection.requests -= 1;
      if (this.#open.get(peer) !== connection) return;
      // Behind all others: it was quiet for the shortest time.
      this.#open.delete(peer);
      this.#open.set(peer, connection);
    });
  }
}

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
