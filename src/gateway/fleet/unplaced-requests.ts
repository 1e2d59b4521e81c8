import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../ports/process/clock.ts';
import type { Random } from '../../ports/process/random.ts';
import { RequestIdentity } from '../admission/request-identity.ts';
import type { RefusalCode } from '../admission/refusal.ts';
import type { ClientConnections } from '../front/client-connections.ts';
import { noRefusals } from '../signals/gateway-signals.ts';

/** Requests that were refused before they belonged to a service. */
export class UnplacedRequests {
  readonly refused = noRefusals();
  readonly #connections: ClientConnections;
  readonly #clock: Clock;
  readonly #identity: RequestIdentity;

  constructor(connections: ClientConnections, clock: Clock, random: Random) {
    this.#connections = connections;
    this.#clock = clock;
    this.#identity = new RequestIdentity(random);
  }

  refuse(req: IncomingMessage, res: ServerResponse, code: RefusalCode, detail?: string): void {
    if (this.#connections.isEnding(req.socket)) return;
    this.refused[code] += 1;
    const offered = req.headers['x-request-id'];
    const requestId = this.#identity.requestId(typeof offered === 'string' ? offered : undefined);
    this.#connections.refuse(req, res, code, requestId, this.#clock.monotonicMs(), { detail });
  }
}
