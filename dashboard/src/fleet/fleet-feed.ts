import type { FleetChange, FleetView } from '../../../src/schemas/view/fleet-view.ts';
import { fleetSilentMs, type Heard } from '../live/connection.ts';
import { type FeedSurroundings, keepFollowing, nothingHeard, openStream, readStream } from '../live/feed.ts';
import type { ServerEvent } from '../live/server-events.ts';
import { applyChange } from './fleet-entries.ts';

/** All that the fleet's page knows, and since when. */
export interface KnownFleet extends Heard {
  /** Null before the first answer. */
  readonly fleet: FleetView | null;
}

/** Follows the list of all services: `GET /v1/fleet/stream` tells it whole at first, then what changes. */
export class FleetFeed {
  #known: KnownFleet;
  readonly #listeners = new Set<() => void>();
  readonly #surroundings: FeedSurroundings;

  constructor(surroundings: FeedSurroundings) {
    this.#surroundings = surroundings;
    this.#known = { ...nothingHeard, fleet: null, startedAtMs: surroundings.nowMs(), silentMs: fleetSilentMs };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): KnownFleet => this.#known;

  /** Runs until the signal aborts. */
  follow(signal: AbortSignal): Promise<void> {
    const following = {
      surroundings: this.#surroundings,
      snapshot: this.snapshot,
      followOnce: (connection: AbortSignal) => this.#followOnce(connection),
      closed: (trouble: string) => this.#change({ streamOpen: false, trouble }),
    };
    return keepFollowing(following, signal);
  }

  async #followOnce(signal: AbortSignal): Promise<string> {
    const stream = await openStream(this.#surroundings, 'v1/fleet/stream', signal);
    this.#change({ streamOpen: true, trouble: null });
    await readStream(stream, (events) => this.#heard(events));
    return 'the control plane closed the stream';
  }

  /** One change of what is known, however many events came at once: the list is drawn once. */
  #heard(events: readonly ServerEvent[]): void {
    const fleet = events.reduce(hearFleet, this.#known.fleet);
    // A ping before the first list is no answer yet: there is nothing to show.
    if (fleet !== null) this.#change({ fleet, lastHeardAtMs: this.#surroundings.nowMs() });
  }

  #change(change: Partial<KnownFleet>): void {
    this.#known = { ...this.#known, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function hearFleet(fleet: FleetView | null, { event, data }: ServerEvent): FleetView | null {
  if (event === 'fleet') return JSON.parse(data) as FleetView;
  if (event === 'fleet-change' && fleet !== null) return applyChange(fleet, JSON.parse(data) as FleetChange);
  return fleet;
}
