import type { Platform } from '../../ports/serving/platform.ts';

const turnEveryMs = 1_000;
/** A replica that starts is ready within a second or two: waiting a whole period to see it would double that. */
const turnWhileStartingMs = 200;
/** Each service of a large fleet is looked at less often, unless something changed: the turns leave time for the rest. */
const turnShareMs = 10;
/** Above this share of its time a control plane is short of it: turns that nothing asked for are put off. */
const busyAtMost = 0.6;
/** Below it they come closer together again. */
const busyAtLeast = 0.45;
const putOffAtMost = 8;
/** Turns of fewer services take next to nothing: where their process is busy, something else is. */
const servicesPutOff = 25;

/**
 * How far apart the turns of a service are while nothing asks for one. A fleet whose turns take too much of the process puts
 * them off, up to eight times as far, so that a turn that something asks for waits for few others. A fleet of up to 25 services
 * puts nothing off.
 */
export class FleetPace {
  readonly #size: () => number;
  readonly #tellsChanges: boolean;
  #factor = 1;

  /** @param size how many services take turns. */
  constructor(size: () => number, platform: Pick<Platform, 'tellChanges'>) {
    this.#size = size;
    this.#tellsChanges = platform.tellChanges !== undefined;
  }

  /** How many services take turns. */
  get services(): number {
    return this.#size();
  }

  /** Milliseconds from the end of one turn to the next. */
  get settledMs(): number {
    return Math.max(turnEveryMs, turnShareMs * this.services) * this.#factor;
  }

  /** The same while a replica starts. A platform that tells of changes is not looked at for them. */
  get startingMs(): number {
    return this.#tellsChanges ? this.settledMs : turnWhileStartingMs * this.#factor;
  }

  /** @param busyShare of the time since the last call, 0 to 1. Meant to be called each second. */
  observe(busyShare: number): void {
    const most = Math.min(putOffAtMost, Math.max(1, this.services / servicesPutOff));
    if (busyShare > busyAtMost) this.#factor = Math.min(most, this.#factor * Math.min(2, busyShare / busyAtLeast));
    else if (busyShare < busyAtLeast) this.#factor = Math.max(1, this.#factor * 0.8);
  }
}
