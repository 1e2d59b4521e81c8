import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from '../../ports/process/clock.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import type { Watch, WatchedWorld, WatchNews } from './watch.ts';

export interface EvidenceWatchesParts {
  readonly service: string;
  readonly environment: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly watches: readonly Watch[];
  fence(): Fence;
  /** Something was recorded that evidence is judged by. */
  recorded(): void;
}

/** Lets each watch look while a service runs, and records what is new. A watch that is slow or fails holds up no other. */
export class EvidenceWatches {
  readonly #parts: EvidenceWatchesParts;
  readonly #looking = new Set<Watch>();

  constructor(parts: EvidenceWatchesParts) {
    this.#parts = parts;
  }

  /** Never rejects: what fails is told in the log, and looked at again. */
  async look(seen: WatchedWorld, signal: AbortSignal): Promise<void> {
    const free = this.#parts.watches.filter((watch) => !this.#looking.has(watch));
    await Promise.all(free.map((watch) => this.#lookBy(watch, seen, signal)));
  }

  async #lookBy(watch: Watch, seen: WatchedWorld, signal: AbortSignal): Promise<void> {
    this.#looking.add(watch);
    try {
      const news = await watch.look(seen, signal);
      if (news.length > 0) await this.#record(news);
      watch.recorded?.();
    } catch (thrown) {
      const said = `the ${watch.subject} could not be looked at; the evidence stands`;
      if (!signal.aborted) this.#parts.log.warn({ err: thrown }, said);
    } finally {
      this.#looking.delete(watch);
    }
  }

  async #record(news: readonly WatchNews[]): Promise<void> {
    const { store, service, environment, clock } = this.#parts;
    await store.transaction(this.#parts.fence(), async (tx) => {
      for (const { invalidation, event } of news) {
        if (invalidation !== null) await tx.addInvalidation(service, invalidation);
        await tx.appendEvent({ service, environment, by: 'watch', atMs: clock.nowMs(), ...event });
      }
    });
    this.#parts.recorded();
  }
}
