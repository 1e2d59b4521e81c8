import type { Protocol } from '../core/contract/contract.ts';
import type { RoutedReplica, RoutingTable } from '../core/rollout/routing.ts';
import type { ReleaseSignals } from './release-signals.ts';
import { Replica, type Seat } from './replica.ts';
import { chooseSeat, type Split } from './seat-choice.ts';

/** Where requests go now: the present routing generation with its live replicas. */
export class Routes {
  readonly #bounds: { readonly concurrency: number; readonly connectTimeoutMs: number };
  readonly #signalsOf: (release: number, modelVersion: number) => ReleaseSignals;
  #table: RoutingTable | null = null;
  #splits: readonly Split[] = [];
  #replicas = new Map<string, Replica>();
  #turn = 0;

  constructor(
    bounds: { concurrency: number; connectTimeoutMs: number },
    signalsOf: (release: number, modelVersion: number) => ReleaseSignals,
  ) {
    this.#bounds = bounds;
    this.#signalsOf = signalsOf;
  }

  get table(): RoutingTable | null {
    return this.#table;
  }

  get generation(): number {
    return this.#table?.generation ?? 0;
  }

  get protocol(): Protocol {
    return this.#table?.protocol ?? 'open-inference-v2';
  }

  get replicas(): Iterable<Replica> {
    return this.#replicas.values();
  }

  get replicaCount(): number {
    return this.#replicas.size;
  }

  /** False when a request has nothing to wait for. */
  get mayServe(): boolean {
    return this.#replicas.size > 0 || this.#table?.starting === true;
  }

  /** Replicas that stay keep their connections; requests on those that go finish. */
  apply(table: RoutingTable): void {
    const kept = new Map<string, Replica>();
    this.#splits = table.splits.map((split) => {
      const signals = this.#signalsOf(split.release, split.modelVersion);
      const seats = split.replicas.map((routed) => makeSeat(this.#keep(kept, routed), split, signals));
      return { share: split.share, seats, credit: 0 };
    });
    for (const [key, replica] of this.#replicas) if (!kept.has(key)) replica.retire();
    this.#replicas = kept;
    this.#table = table;
  }

  /**
   * A free replica, by share and then by fewest outstanding; null when none is free now.
   * @param avoided a replica that just failed this request: taken again only when there is no other.
   */
  choose(nowMs: number, avoided: Replica | null): Seat | null {
    const { concurrency } = this.#bounds;
    this.#turn = (this.#turn + 1) & 0x3fffffff;
    const skip = this.#replicas.size > 1 ? avoided : null;
    const free = (seat: Seat): boolean => seat.replica !== skip && seat.replica.available(nowMs, concurrency);
    return chooseSeat(this.#splits, free, this.#turn);
  }

  async destroy(): Promise<void> {
    await Promise.allSettled([...this.#replicas.values()].map((replica) => replica.destroy()));
  }

  #keep(kept: Map<string, Replica>, routed: RoutedReplica): Replica {
    const key = `${routed.replicaId} ${routed.endpoint}`;
    const replica =
      kept.get(key) ?? this.#replicas.get(key) ?? new Replica(routed.replicaId, routed.endpoint, this.#bounds);
    kept.set(key, replica);
    return replica;
  }
}

function makeSeat(
  replica: Replica,
  split: { readonly release: number; readonly modelVersion: number },
  signals: ReleaseSignals,
): Seat {
  const answerHeaders = [
    'plimsoll-release',
    String(split.release),
    'plimsoll-replica',
    replica.replicaId,
    'plimsoll-model-version',
    String(split.modelVersion),
  ];
  return { replica, release: split.release, signals, answerHeaders };
}
