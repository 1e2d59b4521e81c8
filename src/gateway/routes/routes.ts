import type { IncomingMessage } from 'node:http';
import type { Protocol } from '../../core/contract/contract.ts';
import type { RoutedReplica, RoutingShadow, RoutingTable } from '../../core/rollout/routing/routing.ts';
import { splitAt, stickyOrder, stickyPlace, stickySalt } from '../../core/rollout/routing/sticky-choice.ts';
import { identityPath } from '../../protocols/replica-identity/replica-identity.ts';
import type { ReleaseSignals } from '../signals/release-signals.ts';
import { drawSeat, type DrawnSeat } from './control-draw.ts';
import { Replica, type Seat, type ReplicaBounds } from './replica.ts';
import { chooseSeat, leastOutstanding, type Split } from './seat-choice.ts';

/** Who asks for a seat, as far as the choice depends on it. */
export interface Asker {
  readonly req: IncomingMessage;
  readonly avoided: Replica | null;
  stickyPlace: number;
  stickySalt: number;
}

/** Where requests go now: the present routing generation with its live replicas. */
export class Routes {
  readonly #bounds: ReplicaBounds;
  readonly #signalsOf: (release: number, modelVersion: number) => ReleaseSignals;
  #table: RoutingTable | null = null;
  #splits: readonly Split[] = [];
  /** Replicas of the shadow among them: one that begins to serve keeps its connections. */
  #replicas = new Map<string, Replica>();
  #serving = 0;
  #shadowSeats: readonly Seat[] = [];
  #stickyHeader: string | null = null;
  #stickyOrder: readonly number[] = [];
  #salt = 0;
  #turn = 0;

  constructor(bounds: ReplicaBounds, signalsOf: (release: number, modelVersion: number) => ReleaseSignals) {
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

  /** All of them, the shadow's too. */
  get replicas(): Iterable<Replica> {
    return this.#replicas.values();
  }

  /** Those that answer clients. */
  get replicaCount(): number {
    return this.#serving;
  }

  get shadowSeats(): readonly Seat[] {
    return this.#shadowSeats;
  }

  /** Of this rollout, for places of keys. */
  get salt(): number {
    return this.#salt;
  }

  /** True when a key decides between splits. */
  get sticky(): boolean {
    return this.#stickyHeader !== null && this.#splits.length > 1;
  }

  /** False when a request has nothing to wait for. */
  get mayServe(): boolean {
    return this.#serving > 0 || this.#table?.starting === true;
  }

  /** Replicas that stay keep their connections; requests on those that go finish. */
  apply(table: RoutingTable): void {
    const kept = new Map<string, Replica>();
    this.#splits = table.splits.map((split) => {
      return { share: split.share, seats: this.#seatsOf(split, table, kept), credit: 0 };
    });
    this.#serving = kept.size;
    this.#shadowSeats = table.shadow === undefined ? [] : this.#seatsOf(table.shadow, table, kept);
    for (const [key, replica] of this.#replicas) if (!kept.has(key)) replica.retire();
    this.#replicas = kept;
    this.#table = table;
    this.#stickyHeader = table.stickyBy?.header ?? null;
    this.#stickyOrder = stickyOrder(table);
    this.#salt = stickySalt(table);
  }

  /**
   * A free replica, by share and then by fewest outstanding; null when none is free now.
   * @param avoided a replica that just failed this request: taken again only when there is no other.
   * @param keptFree seats of each replica that are not for this request.
   */
  choose(nowMs: number, avoided: Replica | null, keptFree = 0): Seat | null {
    const concurrency = this.#bounds.concurrency - keptFree;
    const skip = this.#serving > 1 ? avoided : null;
    const free = (seat: Seat): boolean => seat.replica !== skip && seat.replica.available(nowMs, concurrency);
    return chooseSeat(this.#splits, free, this.#next());
  }

  /** The value of the sticky key; null when there is none, or the table asks for none. */
  stickyKey(req: IncomingMessage): string | null {
    if (this.#stickyHeader === null) return null;
    const value = req.headers[this.#stickyHeader];
    const text = typeof value === 'string' ? value : (value?.join(', ') ?? '');
    return text === '' ? null : text;
  }

  /** The split that a request's key decides; -1 when it has no key, and its split is chosen by weight. */
  stickySplit(asker: Asker): number {
    if (!this.sticky) return -1;
    if (asker.stickySalt !== this.#salt) {
      const key = this.stickyKey(asker.req);
      asker.stickyPlace = key === null ? -1 : stickyPlace(key, this.#salt);
      asker.stickySalt = this.#salt;
    }
    return asker.stickyPlace < 0 ? -1 : splitAt(this.#stickyOrder, this.#splits, asker.stickyPlace);
  }

  /** A free replica of one split; null when it has none now. The replica that just failed the request is not taken. */
  chooseIn(split: number, nowMs: number, avoided: Replica | null, keptFree = 0): Seat | null {
    const concurrency = this.#bounds.concurrency - keptFree;
    const free = (seat: Seat): boolean => seat.replica !== avoided && seat.replica.available(nowMs, concurrency);
    return leastOutstanding(this.#splits[split]?.seats ?? [], free, this.#next());
  }

  /**
   * A free replica, drawn; null when none is free now. It neither earns nor pays in the weighted choice.
   * @param split the one that a sticky key decided; -1 for any.
   */
  draw(split: number, nowMs: number, random: number, keptFree = 0): DrawnSeat | null {
    const concurrency = this.#bounds.concurrency - keptFree;
    const free = (seat: Seat): boolean => seat.replica.available(nowMs, concurrency);
    return drawSeat(split < 0 ? this.#splits : this.#splits.slice(split, split + 1), free, random);
  }

  /** True when a split has a replica that this request may still be given once it is free. */
  worthWaiting(split: number, avoided: Replica | null): boolean {
    return this.#splits[split]?.seats.some((seat) => seat.replica !== avoided) === true;
  }

  /** A free replica of any split, by fewest outstanding: what a sticky request falls back to, without a claim on shares. */
  chooseAny(nowMs: number, avoided: Replica | null, keptFree = 0): Seat | null {
    const concurrency = this.#bounds.concurrency - keptFree;
    const skip = this.#serving > 1 ? avoided : null;
    const free = (seat: Seat): boolean => seat.replica !== skip && seat.replica.available(nowMs, concurrency);
    const seats = this.#splits.flatMap((split) => (split.share > 0 ? split.seats : []));
    return leastOutstanding(seats, free, this.#next());
  }

  /** A replica of the shadow that can take a copy now. */
  chooseShadow(nowMs: number): Seat | null {
    const free = (seat: Seat): boolean => seat.replica.available(nowMs, this.#bounds.concurrency);
    return leastOutstanding(this.#shadowSeats, free, this.#next());
  }

  async destroy(): Promise<void> {
    await Promise.allSettled([...this.#replicas.values()].map((replica) => replica.destroy()));
  }

  #next(): number {
    this.#turn = (this.#turn + 1) & 0x3fffffff;
    return this.#turn;
  }

  #seatsOf(
    part: Pick<RoutingShadow, 'release' | 'modelVersion' | 'replicas'>,
    { protocol }: RoutingTable,
    kept: Map<string, Replica>,
  ): readonly Seat[] {
    const signals = this.#signalsOf(part.release, part.modelVersion);
    return part.replicas.map((routed) => makeSeat(this.#keep(kept, routed, protocol), part, signals));
  }

  #keep(kept: Map<string, Replica>, { replicaId, endpoint, answersAs }: RoutedReplica, protocol: Protocol): Replica {
    const key = `${replicaId} ${endpoint} ${answersAs ?? ''}`;
    const expected = answersAs === undefined ? null : { identity: answersAs, path: identityPath(protocol) };
    const replica =
      kept.get(key) ?? this.#replicas.get(key) ?? new Replica(replicaId, endpoint, this.#bounds, expected);
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
