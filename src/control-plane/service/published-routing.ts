import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { EventStreams, type StreamBudget } from '../http/event-streams.ts';
import { RoutedReplicas } from '../monitoring/routed-replicas.ts';

/** The newest routing table of one service, and the streams of the gateways that follow it. */
export class PublishedRouting {
  readonly streams: EventStreams;
  /** Which replicas it ever named. */
  readonly replicas = new RoutedReplicas();
  readonly #published: (table: RoutingTable) => void;
  #table: RoutingTable | null = null;

  /** @param published is told of each table that was published. */
  constructor(budget: StreamBudget, published: (table: RoutingTable) => void) {
    this.streams = new EventStreams(budget);
    this.#published = published;
  }

  /** Null before the first. */
  get table(): RoutingTable | null {
    return this.#table;
  }

  /** A gateway never goes back to a lower generation, and neither do we. */
  publish(table: RoutingTable): void {
    if (this.#table !== null && table.generation <= this.#table.generation) return;
    this.#table = table;
    this.replicas.add(table);
    this.streams.send({ event: 'routing', data: table, id: table.generation });
    this.#published(table);
  }
}
