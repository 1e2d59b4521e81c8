import type { FastifyBaseLogger } from 'fastify';
import type { PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Health } from '../http/http-parts.ts';

const unhealthyAfterMs = 15_000;

/** What is wrong with the turns of a control plane, if anything is. Each problem is logged once. */
export class TurnHealth {
  readonly #clock: Clock;
  readonly #log: FastifyBaseLogger;
  #doneMs: number | null = null;
  #problem: string | null = null;

  constructor(clock: Clock, log: FastifyBaseLogger) {
    this.#clock = clock;
    this.#log = log;
  }

  turnDone(): void {
    this.#doneMs = this.#clock.monotonicMs();
    this.#problem = null;
  }

  turnFailed(error: PlimsollError): void {
    if (this.#problem !== error.message) this.#log.error({ err: error }, 'a reconciliation failed');
    this.#problem = error.message;
  }

  /** @param astray why the store is not where it was; null while it is. */
  tell(leaseHeld: boolean, astray: string | null): Health {
    const agoMs = this.#doneMs === null ? null : this.#clock.monotonicMs() - this.#doneMs;
    const problems = [
      ...(leaseHeld ? [] : ['the lease is not held']),
      ...(agoMs !== null && agoMs > unhealthyAfterMs
        ? [`the last reconciliation is ${Math.round(agoMs / 1000)} s ago`]
        : []),
      ...(this.#problem === null ? [] : [this.#problem]),
      ...(astray === null ? [] : [astray]),
    ];
    return { healthy: problems.length === 0, leaseHeld, lastReconciledAgoMs: agoMs, problems };
  }
}
