import type { FleetChange, FleetView } from '../../../src/schemas/view/fleet-view.ts';
import { fleetSilentMs, type Heard } from '../live/connection.ts';
import { type FeedSurroundings, keepFollowing, Known, nothingHeard, openStream, readStream } from '../live/feed.ts';
import type { ServerEvent } from '../live/server-events.ts';
import { applyChange } from './fleet-entries.ts';

/** All that the fleet's page knows, and since when. */
export interface KnownFleet extends Heard {
  /** Null before the first answer. */
  readonly fleet: FleetView | null;
}

/** Follows the list of all services: `GET /v1/fleet/stream` tells it whole at first, then what changes. */
export class FleetFeed {
  readonly #known: Known<KnownFleet>;
  readonly #surroundings: FeedSurroundings;
  readonly subscribe: Known<KnownFleet>['subscribe'];
  readonly snapshot: Known<KnownFleet>['snapshot'];

  constructor(surroundings: FeedSurroundings) {
    this.#surroundings = surroundings;
    this.#known = new Known({ ...nothingHeard(surroundings, fleetSilentMs), fleet: null });
    ({ subscribe: this.subscribe, snapshot: this.snapshot } = this.#known);
  }

  /** Runs until the signal aborts. */
  follow(signal: AbortSignal): Promise<void> {
    const followOnce = (connection: AbortSignal): Promise<void> => this.#followOnce(connection);
    return keepFollowing({ surroundings: this.#surroundings, known: this.#known, followOnce }, signal);
  }

  async #followOnce(signal: AbortSignal): Promise<void> {
    const stream = await openStream(this.#surroundings, 'v1/fleet/stream', signal);
    this.#known.change({ streamOpen: true, trouble: null });
    await readStream(stream, (events) => this.#heard(events));
  }

  /** One change of what is known, however many events came at once: the list is drawn once. */
  #heard(events: readonly ServerEvent[]): void {
    const fleet = events.reduce(hearFleet, this.snapshot().fleet);
    // A ping before the first list is no answer yet: there is nothing to show.
    if (fleet !== null) this.#known.change({ fleet, lastHeardAtMs: this.#surroundings.nowMs() });
  }
}

function hearFleet(fleet: FleetView | null, { event, data }: ServerEvent): FleetView | null {
  if (event === 'fleet') return JSON.parse(data) as FleetView;
  if (event === 'fleet-change' && fleet !== null) return applyChange(fleet, JSON.parse(data) as FleetChange);
  return fleet;
}
