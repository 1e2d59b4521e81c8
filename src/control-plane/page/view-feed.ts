import { canonicalJson } from '../../core/units/digest.ts';
import type { ServiceView } from '../../schemas/view/view.ts';

/** Sends a view on when it says something else than the last one; the time of day and heartbeats do not count. */
export class ViewFeed {
  readonly #read: () => Promise<ServiceView>;
  readonly #send: (view: ServiceView) => void;
  #last = '';
  #reading: Promise<void> | null = null;
  #again = false;

  constructor(read: () => Promise<ServiceView>, send: (view: ServiceView) => void) {
    this.#read = read;
    this.#send = send;
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
      const said = canonicalJson({
        ...view,
        nowMs: 0,
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
