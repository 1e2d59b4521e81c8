import type { StoreReader } from '../../ports/records/store.ts';
import type { StoredEvent } from '../../core/records/event.ts';

const atOnce = 1_000;

/**
 * Hands on events after they are recorded, in the order in which they are recorded, whoever recorded them: it reads the
 * store, and nothing else.
 */
export class EventFeed {
  readonly #store: StoreReader;
  readonly #scope: { readonly service: string; readonly environment: string };
  readonly #each: (event: StoredEvent) => void;
  #seq: number | null = null;
  #reading: Promise<void> | null = null;
  #again = false;

  constructor(
    store: StoreReader,
    scope: { readonly service: string; readonly environment: string },
    each: (event: StoredEvent) => void,
  ) {
    this.#store = store;
    this.#scope = scope;
    this.#each = each;
  }

  /** What is recorded now is old; only what comes later is handed on. */
  async begin(): Promise<void> {
    this.#seq = (await this.#store.events({ ...this.#scope, last: 1 })).at(-1)?.seq ?? 0;
  }

  /** Never two readings at once; a call during one makes another follow. @returns whether anything was new. */
  async read(): Promise<boolean> {
    const before = this.#seq;
    this.#again = true;
    this.#reading ??= this.#drain().finally(() => {
      this.#reading = null;
    });
    await this.#reading;
    return this.#seq !== before;
  }

  async #drain(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      if (this.#seq === null) return;
      const events = await this.#store.events({ ...this.#scope, afterSeq: this.#seq, limit: atOnce });
      for (const event of events) {
        this.#seq = event.seq;
        this.#each(event);
      }
      if (events.length === atOnce) this.#again = true;
    }
  }
}
