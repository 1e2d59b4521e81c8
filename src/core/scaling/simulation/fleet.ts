import type { Random } from '../../statistics/random.ts';
import type { ScaledReplica } from '../policy.ts';
import { AcceleratorAccount } from './score/accelerator-account.ts';
import { DueHeap } from './due-heap.ts';
import { drawStart } from './draw-start.ts';
import { FreeSeats } from './line/free-seats.ts';
import { makeServiceLine, roomOf } from './line/make-service-line.ts';
import type { Scoreboard } from './score/scoreboard.ts';
import type { BatchTally } from './line/service-line.ts';
import { shedOrder } from './line/shed-order.ts';
import { SimulatedReplica } from './simulated-replica.ts';
import { SparePool } from './spares/spare-pool.ts';
import { stockAt } from './stock.ts';
import type { SimulatedWorld } from './world.ts';

/** The replicas, from the order to start until they are stopped. What becomes of requests is told to `FleetWatch`. */
export interface FleetWatch {
  /** A replica has room that it had not: requests that wait may go to it. */
  hasRoom(replica: SimulatedReplica, nowMs: number): void;
  /** A drain was cut short: a request on it is lost. */
  lost(arrivedAtMs: number, takenAtMs: number): void;
}

export class Fleet {
  readonly due = new DueHeap<SimulatedReplica>();
  readonly account: AcceleratorAccount;
  readonly batches: BatchTally = { batches: 0, requests: 0 };
  readonly seats: FreeSeats<SimulatedReplica>;
  /** Null where the world has none. */
  readonly spares: SparePool | null;
  readonly #world: SimulatedWorld;
  readonly #random: Random;
  readonly #score: Scoreboard;
  readonly #watch: FleetWatch;
  /** All that are not over, backoffs included, in the order in which they were ordered. */
  #replicas: SimulatedReplica[] = [];
  #seen: readonly ScaledReplica[] | null = null;
  #orders = 0;
  #ready = 0;
  /** All but the draining ones. */
  #wanted = 0;
  #pending = 0;
  #maySleep = 0;
  #desired: number;

  constructor(world: SimulatedWorld, random: Random, score: Scoreboard, watch: FleetWatch) {
    this.#world = world;
    this.#random = random;
    this.#score = score;
    this.#watch = watch;
    this.account = new AcceleratorAccount(world.scoreFromMs, world.endMs, world.terms.sleep?.priceShare);
    this.seats = new FreeSeats(roomOf(world.capacity.curve));
    this.spares = world.spares === undefined ? null : new SparePool(world.spares);
    this.#desired = world.initialReplicas;
    for (let index = 0; index < world.initialReplicas; index += 1) {
      const replica = this.#makeReplica(0, { durationMs: 0, fails: false });
      this.account.change(0, null, 'idle');
      this.#becomeReady(replica, 0);
    }
  }

  get replicas(): readonly SimulatedReplica[] {
    return this.#replicas;
  }

  get ready(): number {
    return this.#ready;
  }

  get desired(): number {
    return this.#desired;
  }

  /** As a policy sees them; the same list until one of them changes. */
  seen(): readonly ScaledReplica[] {
    this.#seen ??= this.#replicas.flatMap((replica) => replica.seen() ?? []);
    return this.#seen;
  }

  /** Whether nothing happens by itself: every replica is ready, with nothing under way, and no spare is away. */
  isSilentAt(nowMs: number): boolean {
    if (this.spares?.isFull(nowMs) === false) return false;
    return this.#ready === this.#replicas.length && (this.due.next?.dueMs ?? Infinity) === Infinity;
  }

  count(state: SimulatedReplica['state']): number {
    let count = 0;
    for (const replica of this.#replicas) if (replica.state === state) count += 1;
    return count;
  }

  /** @param asleep how many of those that are given up sleep in place of being stopped, sleeping ones included */
  want(desired: number, asleep: number, nowMs: number): void {
    this.#desired = desired;
    this.#maySleep = Math.min(asleep, this.#world.terms.sleep?.replicas ?? 0);
    this.#change(desired, nowMs);
    // After the orders, which wake some of them.
    while (this.account.asleep > this.#maySleep) this.account.change(nowMs, 'asleep', null);
    this.startPending(nowMs);
  }

  #change(desired: number, nowMs: number): void {
    if (desired === this.#wanted) return;
    const wanted = this.#replicas.filter((replica) => replica.state !== 'draining');
    if (wanted.length > desired) {
      for (const replica of shedOrder(wanted).slice(0, wanted.length - desired)) this.#shed(replica, nowMs);
    }
    for (let count = wanted.length; count < desired; count += 1) this.#order(nowMs);
  }

  /** As many of those that wait for an accelerator as there are any for. */
  startPending(nowMs: number): void {
    if (this.#pending === 0) return;
    const stock = stockAt(this.#world.stockOuts, nowMs);
    for (const replica of this.#replicas) {
      if (this.account.held >= stock) return;
      if (replica.state === 'pending') {
        this.account.change(nowMs, null, 'loading');
        this.#score.started(nowMs);
        this.#turn(replica, 'starting', nowMs, nowMs + replica.start.durationMs);
      }
    }
  }

  /** The start, drain or backoff of a replica is over. */
  turn(replica: SimulatedReplica, nowMs: number): void {
    switch (replica.state) {
      case 'starting':
        if (replica.start.fails) this.#failStart(replica, nowMs);
        else {
          this.account.change(nowMs, 'loading', 'idle');
          this.#becomeReady(replica, nowMs);
          this.#watch.hasRoom(replica, nowMs);
        }
        return;
      case 'backoff':
        this.#remove(replica);
        this.#order(nowMs);
        this.startPending(nowMs);
        return;
      case 'draining':
        replica.line.abandon((arrivedAtMs, takenAtMs) => this.#watch.lost(arrivedAtMs, takenAtMs));
        this.#stop(replica, nowMs);
        return;
      case 'pending':
      case 'ready':
        return;
    }
  }

  /** What a replica holds has changed: its seat, its accelerator-seconds and its next event follow. */
  settled(replica: SimulatedReplica, nowMs: number): void {
    const { line } = replica;
    line.settle(nowMs);
    if (replica.state === 'ready') {
      this.account.change(nowMs, replica.serving ? 'serving' : 'idle', line.held > 0 ? 'serving' : 'idle');
      replica.serving = line.held > 0;
      this.seats.put(replica, line.hasRoom() ? line.held : -1);
    } else if (replica.state === 'draining' && line.held === 0) {
      this.#stop(replica, nowMs);
      return;
    }
    this.#plan(replica);
  }

  #makeReplica(nowMs: number, start: SimulatedReplica['start']): SimulatedReplica {
    this.#orders += 1;
    const line = makeServiceLine(this.#world.capacity.curve, this.batches);
    const replica = new SimulatedReplica(this.#orders, nowMs, start, line);
    this.#replicas.push(replica);
    this.#wanted += 1;
    this.#pending += 1;
    this.due.add(replica);
    this.#seen = null;
    return replica;
  }

  #order(nowMs: number): void {
    const { sleep } = this.#world.terms;
    if (sleep !== undefined && this.account.asleep > 0) {
      const replica = this.#makeReplica(nowMs, { durationMs: sleep.wakeMs, fails: false });
      replica.awakeAtMs = nowMs + sleep.wakeMs;
      this.account.change(nowMs, 'asleep', 'loading');
      this.#score.woken(nowMs);
      this.#turn(replica, 'starting', nowMs, replica.awakeAtMs);
      return;
    }
    const { starts, spares } = this.#world;
    const takes = spares !== undefined && this.spares?.take(nowMs) === true;
    const replica = this.#makeReplica(nowMs, drawStart(takes ? spares.starts : starts, this.#random));
    replica.ofSpare = takes;
    if (takes) this.#score.tookSpare(nowMs);
  }

  #becomeReady(replica: SimulatedReplica, nowMs: number): void {
    this.#ready += 1;
    this.#turn(replica, 'ready', nowMs, Infinity);
    this.seats.put(replica, 0);
  }

  #failStart(replica: SimulatedReplica, nowMs: number): void {
    this.#score.startFailed(nowMs);
    this.account.change(nowMs, 'loading', null);
    this.#turn(replica, 'backoff', nowMs, nowMs + this.#world.restartBackoffMs);
    this.startPending(nowMs);
  }

  #shed(replica: SimulatedReplica, nowMs: number): void {
    if (replica.state !== 'ready') {
      if (replica.state === 'starting') this.#leave(nowMs, 'loading', replica.awakeAtMs !== undefined);
      this.#remove(replica);
      return;
    }
    this.#ready -= 1;
    this.seats.put(replica, -1);
    this.account.change(nowMs, replica.serving ? 'serving' : 'idle', 'draining');
    replica.line.close(nowMs);
    this.#turn(replica, 'draining', nowMs, nowMs + this.#world.drainAtMostMs);
    if (replica.line.held === 0) this.#stop(replica, nowMs);
  }

  #stop(replica: SimulatedReplica, nowMs: number): void {
    this.#leave(nowMs, 'draining', true);
    this.#remove(replica);
    this.startPending(nowMs);
  }

  /** One that was awake goes to sleep while fewer sleep than may. */
  #leave(nowMs: number, from: 'loading' | 'draining', wasAwake: boolean): void {
    this.account.change(nowMs, from, wasAwake && this.account.asleep < this.#maySleep ? 'asleep' : null);
  }

  #remove(replica: SimulatedReplica): void {
    if (replica.state === 'pending') this.#pending -= 1;
    if (replica.state !== 'draining') this.#wanted -= 1;
    this.due.remove(replica);
    this.#replicas = this.#replicas.filter((each) => each !== replica);
    this.#seen = null;
  }

  #turn(replica: SimulatedReplica, state: SimulatedReplica['state'], nowMs: number, turnMs: number): void {
    if (replica.state === 'pending') this.#pending -= 1;
    if (state === 'draining') this.#wanted -= 1;
    replica.turn(state, nowMs, turnMs);
    this.#seen = null;
    this.#plan(replica);
  }

  #plan(replica: SimulatedReplica): void {
    replica.dueMs = Math.min(replica.line.dueMs, replica.turnMs);
    this.due.moved(replica);
  }
}
