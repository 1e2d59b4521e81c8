import { PlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';

/** They ask again within seconds. */
const rememberedMs = 60_000;
const gatewaysAtMost = 20;

/** Gateways that named no service beside several: each is a problem until it is silent for a minute. */
export class OldGateways {
  readonly #clock: Clock;
  readonly #seenMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  saw(id: string): void {
    if (this.#seenMs.has(id) || this.#seenMs.size < gatewaysAtMost) this.#seenMs.set(id, this.#clock.monotonicMs());
  }

  problems(): readonly string[] {
    const oldestMs = this.#clock.monotonicMs() - rememberedMs;
    for (const [id, seenMs] of this.#seenMs) if (seenMs < oldestMs) this.#seenMs.delete(id);
    return [...this.#seenMs.keys()].sort().map((id) => `gateway ${id} is of an older version and names no service`);
  }
}

export function gatewayTooOld(id: string, services: number): PlimsollError {
  return new PlimsollError({
    code: 'gateway-too-old',
    category: 'conflict',
    message: `gateway ${id} names no service, and ${services} are held here: it is of an older version, and serves on with its last table`,
    next: 'start that gateway with this version of Plimsoll',
  });
}
