import { canonicalJson } from '../../core/units/digest.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Platform } from '../../ports/serving/platform.ts';
import type { FleetChange, FleetEntry, FleetSpares, FleetView } from '../../schemas/view/fleet-view.ts';
import { EventStreams, type StreamBudget } from '../http/event-streams.ts';

export interface FleetFeedParts {
  readonly plimsollVersion: string;
  readonly clock: Clock;
  readonly streams: StreamBudget;
  entries(): readonly FleetEntry[];
  spares(): readonly FleetSpares[];
  /** Where replicas run; left out by tests without one. */
  readonly platform?: Pick<Platform, 'rights'>;
}

const nameOf = ({ service, environment }: Pick<FleetEntry, 'service' | 'environment'>): string =>
  `${service}\n${environment}`;

/** The list of all services, and what changed in it since it was last sent. */
export class FleetFeed {
  readonly streams: EventStreams;
  readonly #parts: FleetFeedParts;
  #sent: ReadonlyMap<string, { readonly said: string; readonly entry: FleetEntry }> = new Map();
  /** Spares that were last sent; of nobody they are none. */
  #sentSpares = '[]';

  constructor(parts: FleetFeedParts) {
    this.#parts = parts;
    this.streams = new EventStreams(parts.streams);
  }

  read(): FleetView {
    const { plimsollVersion, clock } = this.#parts;
    const rights = this.#parts.platform?.rights;
    const spares = this.#parts.spares();
    return {
      ...{ plimsollVersion, nowMs: clock.nowMs(), services: this.#parts.entries() },
      ...(rights === undefined ? {} : { rights }),
      ...(spares.length === 0 ? {} : { spares }),
    };
  }

  /** Sends what changed. Nobody looks: then nothing is compared, and the next reader begins with the whole list. */
  follow(): void {
    if (this.streams.size === 0) {
      this.#sent = new Map();
      this.#sentSpares = '[]';
      return;
    }
    const now = new Map(
      this.#parts.entries().map((entry) => [nameOf(entry), { entry, said: canonicalJson(entry) }] as const),
    );
    const changed = [...now].filter(([name, { said }]) => this.#sent.get(name)?.said !== said);
    const gone = [...this.#sent].filter(([name]) => !now.has(name));
    this.#sent = now;
    const spares = this.#parts.spares();
    const saidSpares = canonicalJson(spares);
    const isSame = saidSpares === this.#sentSpares;
    this.#sentSpares = saidSpares;
    if (changed.length + gone.length === 0 && isSame) return;
    const change: FleetChange = {
      nowMs: this.#parts.clock.nowMs(),
      changed: changed.map(([, { entry }]) => entry),
      gone: gone.map(
        ([
          ,
          {
            entry: { service, environment },
          },
        ]) => ({ service, environment }),
      ),
      ...(isSame ? {} : { spares }),
    };
    this.streams.send({ event: 'fleet-change', data: change });
  }
}
