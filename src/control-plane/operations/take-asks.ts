import { isOpenAsk, type ReleaseAsk } from '../../core/rollout/release-ask.ts';
import { asPlimsollError, type PlimsollError } from '../../core/units/errors.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { OperationsSource } from './operations-source.ts';
import { decideAsk } from './release.ts';

export interface AskTakerParts {
  readonly service: string;
  readonly environment: string;
  readonly store: StoreReader;
  sourceFor(by: string): OperationsSource;
  /** Whether the model of a request is still being fetched. */
  isFetching(id: string): boolean;
  /** Told of a request that could not be decided now; it is looked at again. */
  problem(ask: ReleaseAsk, thrown: PlimsollError): void;
}

/** Decides what was requested while no control plane ran, and what waited for its model; one after another. */
export class AskTaker {
  readonly #parts: AskTakerParts;
  #taking: Promise<void> | null = null;

  constructor(parts: AskTakerParts) {
    this.#parts = parts;
  }

  /** Resolves when every open request was looked at. Never rejects. */
  take(): Promise<void> {
    this.#taking ??= this.#takeAll().finally(() => {
      this.#taking = null;
    });
    return this.#taking;
  }

  async #takeAll(): Promise<void> {
    const { service, environment, store, sourceFor, isFetching, problem } = this.#parts;
    const asks = await store.openReleaseAsks().catch(() => []);
    for (const ask of asks.filter((each) => each.service === service && each.environment === environment)) {
      if (sourceFor(ask.by).deciding.has(ask.id) || isFetching(ask.id)) continue;
      try {
        await decideAsk(sourceFor(ask.by), ask);
      } catch (thrown) {
        const error = asPlimsollError(thrown);
        const stored = await store.releaseAsk(ask.id).catch(() => null);
        // What was judged and refused, or taken back meanwhile, stands in the record.
        if (stored === null || isOpenAsk(stored)) problem(ask, error);
      }
    }
  }
}
