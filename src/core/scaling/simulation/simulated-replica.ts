import type { ScaledReplica } from '../policy.ts';
import type { DrawnStart } from './draw-start.ts';
import type { Due } from './due-heap.ts';
import type { Seated } from './line/free-seats.ts';
import type { ServiceLine } from './line/service-line.ts';

/**
 * | state | holds an accelerator | wanted |
 * |---|---|---|
 * | pending | no: none is to be had | yes |
 * | starting | yes | yes |
 * | ready | yes | yes |
 * | draining | yes | no |
 * | backoff | no: its start failed, and the platform orders the next one later; no policy sees it | yes |
 */
export type SimulatedState = ScaledReplica['state'] | 'backoff';

export class SimulatedReplica implements Due, Seated<SimulatedReplica> {
  /** Sooner of what its requests and its own life have next. */
  dueMs = Infinity;
  heapIndex = -1;
  seat = -1;
  nextSeated: SimulatedReplica | null = null;
  lastSeated: SimulatedReplica | null = null;
  state: SimulatedState = 'pending';
  /** Ready with a request under way, as it was accounted last. */
  serving = false;
  /** When its start ends, its drain is cut short or its backoff is over; Infinity for none of these. */
  turnMs = Infinity;
  /** Of one that was asleep. */
  awakeAtMs: number | undefined;
  ofSpare = false;
  /** 1 for the first that was ordered. */
  readonly order: number;
  readonly start: DrawnStart;
  readonly line: ServiceLine;
  readonly replicaId: string;
  readonly orderedAtMs: number;
  #readyAtMs: number | null = null;
  #seen: ScaledReplica | null = null;

  constructor(order: number, orderedAtMs: number, start: DrawnStart, line: ServiceLine) {
    this.order = order;
    this.orderedAtMs = orderedAtMs;
    this.start = start;
    this.line = line;
    this.replicaId = `r${order}`;
  }

  turn(state: SimulatedState, nowMs: number, turnMs: number): void {
    this.state = state;
    this.turnMs = turnMs;
    if (state === 'ready') this.#readyAtMs = nowMs;
    this.#seen = null;
  }

  /** As a policy sees it; null in a backoff. */
  seen(): ScaledReplica | null {
    if (this.state === 'backoff') return null;
    this.#seen ??= {
      replicaId: this.replicaId,
      state: this.state,
      orderedAtMs: this.orderedAtMs,
      readyAtMs: this.#readyAtMs,
      ...(this.awakeAtMs === undefined ? {} : { awakeAtMs: this.awakeAtMs }),
      ...(this.ofSpare ? { ofSpare: true as const } : {}),
    };
    return this.#seen;
  }
}
