import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isOpenAsk, type ReleaseAsk } from '../../core/rollout/release-ask.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { recordDelay, recordRefusal } from '../operations/release/ask-records.ts';
import type { OperationsSource } from '../operations/operations-source.ts';
import { decideAsk } from '../operations/release/release.ts';

export interface AskTakerParts {
  readonly service: string;
  readonly environment: string;
  readonly store: StoreReader;
  sourceFor(ask: Pick<ReleaseAsk, 'by' | 'grants'>): OperationsSource;
  /** Whether the model of a request is still being fetched. */
  isFetching(id: string): boolean;
  /** Told of a request that could not be decided now; it is looked at again. */
  problem(ask: ReleaseAsk, thrown: PlimsollError): void;
}

/** Tries of a request whose deciding fails by a bug of ours; then it is refused. */
const triesAtMost = 5;
const firstPauseMs = 5_000;

/** A try that failed by a bug. A successor, which may be another version, counts anew. */
interface FailedTry {
  readonly tries: number;
  readonly nextMs: number;
}

/** Decides what was requested while no control plane ran, and what waited for its model; one after another. */
export class AskTaker {
  readonly #parts: AskTakerParts;
  readonly #failed = new Map<string, FailedTry>();
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
    const { service, environment, store, sourceFor, isFetching } = this.#parts;
    const asks = await store.openReleaseAsks().catch(() => null);
    if (asks === null) return;
    for (const id of this.#failed.keys()) if (!asks.some((ask) => ask.id === id)) this.#failed.delete(id);
    for (const ask of asks.filter((each) => each.service === service && each.environment === environment)) {
      const source = sourceFor(ask);
      if (source.deciding.has(ask.id) || isFetching(ask.id)) continue;
      if (source.clock.monotonicMs() < (this.#failed.get(ask.id)?.nextMs ?? 0)) continue;
      try {
        await decideAsk(source, ask);
      } catch (thrown) {
        await this.#fail(source, ask, asPlimsollError(thrown));
      }
    }
  }

  async #fail(source: OperationsSource, ask: ReleaseAsk, error: PlimsollError): Promise<void> {
    const { store, problem } = this.#parts;
    const stored = await store.releaseAsk(ask.id).catch(() => null);
    // What was judged and refused, or taken back meanwhile, stands in the record.
    if (stored !== null && !isOpenAsk(stored)) return;
    problem(ask, error);
    if (error.category !== 'bug') return;
    const tries = (this.#failed.get(ask.id)?.tries ?? 0) + 1;
    const pauseMs = firstPauseMs * 2 ** (Math.min(tries, triesAtMost) - 1);
    this.#failed.set(ask.id, { tries, nextMs: source.clock.monotonicMs() + pauseMs });
    const recorded =
      tries < triesAtMost
        ? recordDelay(source, ask, `deciding it failed: ${error.message}; the next try begins in ${pauseMs / 1_000} s`)
        : recordRefusal(source, ask, judgingFailed(error, tries));
    // Where the store is away, the next try says it.
    await recorded.catch(() => undefined);
  }
}

function judgingFailed(last: PlimsollError, tries: number): PlimsollError {
  return new PlimsollError({
    code: 'judging-failed',
    category: 'bug',
    message: `deciding it failed ${tries} times by an error of Plimsoll itself, last: ${last.message}`,
    next: nextStep(controlPlaneSteps, 'judging-failed'),
    cause: last,
  });
}
