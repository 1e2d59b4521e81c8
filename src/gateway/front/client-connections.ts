import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RefusalCode } from '../admission/refusal.ts';
import { endsConnection, writeRefusal, type RefusalMore } from '../admission/refusal-answer.ts';

/** The client connections of one gateway, as far as refused requests concern them. All its services share them. */
export class ClientConnections {
  readonly #lingerMs: number;
  /** Refused requests whose client still sends its body, and how long it may. */
  readonly #lingering = new Map<IncomingMessage, number>();
  /** Connections that had their last answer; what still comes on them is not read as requests. */
  readonly #ending = new WeakSet<Socket>();

  /** The newest response of each. */
  readonly #newest = new WeakMap<Socket, ServerResponse>();

  constructor(lingerMs: number) {
    this.#lingerMs = lingerMs;
  }

  began(socket: Socket, res: ServerResponse): void {
    this.#newest.set(socket, res);
  }

  /** False where one more answer would be taken for that to a request before it, or would be a second one to the same request. */
  isAnswered(socket: Socket): boolean {
    const res = this.#newest.get(socket);
    return res === undefined || (res.req.complete && res.writableFinished);
  }

  isEnding(socket: Socket): boolean {
    return this.#ending.has(socket);
  }

  end(socket: Socket): void {
    this.#ending.add(socket);
  }

  /** Answers a request whose body nobody has read. */
  refuse(
    req: IncomingMessage,
    res: ServerResponse,
    code: RefusalCode,
    requestId: string,
    nowMs: number,
    more: RefusalMore = {},
  ): void {
    writeRefusal(res, code, requestId, more);
    if (endsConnection(code)) this.#ending.add(req.socket);
    this.linger(req, nowMs);
  }

  /** The refusal should reach a client that is still sending; what it sends is dropped, for a while. */
  linger(req: IncomingMessage, nowMs: number): void {
    if (req.complete || req.destroyed) return;
    req.resume();
    if (!this.#lingering.has(req)) this.#lingering.set(req, nowMs + this.#lingerMs);
  }

  sweep(nowMs: number): void {
    for (const [req, untilMs] of this.#lingering) {
      if (!req.complete && nowMs < untilMs && !req.destroyed) continue;
      this.#lingering.delete(req);
      if (!req.complete) req.socket.destroy();
    }
  }
}
