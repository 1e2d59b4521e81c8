import type { Clock } from '../../ports/process/clock.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { ServiceScope } from '../service/service-scope.ts';

const dayMs = 86_400_000;
const readEveryMs = 60_000;
/** More starts of one service in a day than this are counted as so many. */
const startsAtMost = 2_000;

/** How many starts of each service took a spare in the last 24 hours, by its recorded events; read again each minute. */
export class TakenSpares {
  readonly #store: Pick<StoreReader, 'events'>;
  readonly #clock: Clock;
  #readMs = -Infinity;
  #counts: ReadonlyMap<string, number> = new Map();

  constructor(store: Pick<StoreReader, 'events'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async read(services: readonly ServiceScope[]): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#readMs < readEveryMs) return;
    this.#readMs = nowMs;
    const sinceMs = this.#clock.nowMs() - dayMs;
    const counts = new Map<string, number>();
    for (const { service, environment } of services) {
      const asked = { service, environment, kindPrefix: 'replica.ready', last: startsAtMost };
      const ready = await this.#store.events(asked);
      const took = ready.filter(
        (event) => event.kind === 'replica.ready' && event.atMs >= sinceMs && event.data.spare !== undefined,
      );
      counts.set(nameOf({ service, environment }), took.length);
    }
    this.#counts = counts;
  }

  /** Undefined before it was read. */
  countOf(environment: string, services: readonly string[]): number | undefined {
    const counts = services.map((service) => this.#counts.get(nameOf({ service, environment })));
    return counts.includes(undefined) ? undefined : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  }
}

const nameOf = ({ service, environment }: ServiceScope): string => `${environment}\n${service}`;
