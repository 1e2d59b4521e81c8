import { canonicalJson } from '../../core/units/digest.ts';
import type { ServiceView } from '../../schemas/view/view.ts';

/**
 * Sends a view on when it says something else than the last one; the time of day, heartbeats, and numbers that every second
 * moves do not count.
 */
export class ViewFeed {
  readonly #read: () => Promise<ServiceView>;
  readonly #send: (view: ServiceView) => void;
  #last = '';
  #latest: ServiceView | null = null;
  #reading: Promise<void> | null = null;
  #again = false;

  constructor(read: () => Promise<ServiceView>, send: (view: ServiceView) => void) {
    this.#read = read;
    this.#send = send;
  }

  latest(): ServiceView | null {
    return this.#latest;
  }

  async refresh(): Promise<void> {
    this.#again = true;
    this.#reading ??= this.#run().finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      const view = await this.#read();
      this.#latest = view;
      const said = canonicalJson({
        ...view,
        nowMs: 0,
        ...(view.health === undefined ? {} : { health: { state: view.health.state, next: view.health.next } }),
        ...(view.rollout === undefined ? {} : { rollout: { ...view.rollout, elapsedMs: 0 } }),
        ...(view.scaling === undefined ? {} : { scaling: { ...view.scaling, signals: null } }),
        gateways: view.gateways.map((gateway) => ({ ...gateway, lastSeenMs: 0, residentBytes: 0 })),
      });
      if (said === this.#last) continue;
      this.#last = said;
      this.#send(view);
    }
  }
}
