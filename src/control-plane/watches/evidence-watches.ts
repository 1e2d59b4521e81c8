import type { FastifyBaseLogger } from 'fastify';
import type { StartDistribution } from '../../core/coldstart/start-distribution.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import { HardwareWatch, type HardwareNews, type HardwareSource } from './hardware-watch.ts';
import { StartWatch, type StartNews, type StartSource } from './start-watch.ts';

export interface EvidenceWatchesParts {
  readonly service: string;
  readonly environment: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
  /** Null where replicas land on other machines than this one: then the platform tells of its nodes. */
  readonly hardware: HardwareSource | null;
  readonly starts: StartSource;
  fence(): Fence;
  /** Something was recorded that evidence is judged by. */
  recorded(): void;
}

/** What the machine and the starts of replicas say to the evidence while a service runs; what is new is recorded. */
export class EvidenceWatches {
  readonly #parts: EvidenceWatchesParts;
  readonly #hardware: HardwareWatch | null;
  readonly #starts: StartWatch;

  constructor(parts: EvidenceWatchesParts) {
    const { service, environment, store, clock, log } = parts;
    this.#parts = parts;
    this.#hardware =
      parts.hardware === null
        ? null
        : new HardwareWatch({
            source: parts.hardware,
            environment,
            clock,
            recorded: () => store.invalidations(service, environment),
            record: (news) => this.#record(news),
            problem: (thrown) => {
              log.warn({ err: thrown }, 'the hardware could not be looked at; the evidence stands');
            },
          });
    this.#starts = new StartWatch({
      source: parts.starts,
      service,
      environment,
      store,
      clock,
      record: (news) => this.#record(news),
      problem: (thrown) => {
        log.warn({ err: thrown }, 'the starts could not be looked at; the evidence stands');
      },
    });
  }

  async look(replicas: readonly ObservedReplica[], signal: AbortSignal): Promise<void> {
    await Promise.all([this.#hardware?.look(signal), this.#starts.look(replicas)]);
  }

  /** Of the starts measured and those of live replicas; null while there is none. */
  startsSoFar(): StartDistribution | null {
    return this.#starts.distribution();
  }

  async #record(news: readonly (HardwareNews | StartNews)[]): Promise<void> {
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
