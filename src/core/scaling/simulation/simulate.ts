import type { Random } from '../../statistics/random.ts';
import type { Policy, PolicyInput, ScalingDecision } from '../policy.ts';
import { calendarHorizonMs } from '../acting/calendar-horizon.ts';
import { LearntCalendar } from '../seasons/learnt-calendar.ts';
import { Fleet } from './fleet.ts';
import { Scoreboard } from './score/scoreboard.ts';
import { MetricClock } from './metric-clock.ts';
import { SignalSamples } from './signal-samples.ts';
import type { SimulatedReplica } from './simulated-replica.ts';
import { refuseCount, refuseArrival, refusePeriod } from './simulation-errors.ts';
import { stockReturnsMs } from './stock.ts';
import { UnitsUnderWay } from './units-under-way.ts';
import { TimelineRecorder, type Timeline } from './score/timeline.ts';
import { WaitingQueue } from './line/waiting-queue.ts';
import type { Arrival, SimulatedWorld, SimulationResult } from './world.ts';

export interface SimulationOptions {
  /** Distance of the timeline's points at first, milliseconds; by default a thousandth of the simulation. */
  readonly recordEveryMs?: number;
  /** Called with each decision and what it was decided by; with it no decision is passed over. */
  readonly onDecision?: (input: PolicyInput, decision: ScalingDecision) => void;
  /** Called with each request of the scored time that was answered: when it arrived, a replica took it, and it ended. */
  readonly onAnswer?: (arrivedAtMs: number, takenAtMs: number, endedAtMs: number) => void;
}

/** What is still under way so long after `endMs` is counted as dropped: without it a policy of no replicas would never end. */
export const overtimeAtMostMs = 6 * 3_600_000;

/**
 * A policy in a world, event by event: first come first served in one gateway queue, from which the ready replica with the
 * fewest requests under way takes one, or its next batch, as soon as it has room (`ServiceCurve`).
 *
 * - Scored time is from `scoreFromMs` up to `endMs`: requests that arrive, replicas that hold an accelerator, starts that begin
 *   and decisions in it. What arrived before `endMs` is served to its end, and the accelerator-seconds of that overtime are
 *   nobody's. `requests` = answered + `dropped`, always. Latencies are those of answered requests (NaN without any); of no
 *   requests all kept the latency.
 * - Dropped is what waited `dropAfterMs`, found `queueLimit` waiting, was on a replica whose drain was cut short, or is still
 *   under way `overtimeAtMostMs` after the end.
 * - A replica is ordered, gets an accelerator at once unless a stock-out leaves it pending, loads (`drawStart`), and is ready, or
 *   failed: then it gives the accelerator back, and another is ordered after `restartBackoffMs` while it is still desired. Who
 *   leaves on a step down is told by `shedOrder`; a draining replica is not called back.
 * - Where replicas may sleep (`SleepTerms`) one that served and is given up sleeps while fewer do than the policy asks for, and
 *   an order wakes one before it starts anew: it is ready after `wakeMs`, without fail.
 * - The policy is asked at 0 and each `periodMs`, and its count is kept between the terms' bounds (from 0 where `toZero`).
 *   Signals are taken at 0 and each `metricPeriodMs`; before any is old enough to be seen all of them are null.
 * - With spares (`SimulatedSpares`) an order takes a free one where nothing sleeps, and starts as starts with one do.
 * - With a calendar the policy is told what its schedule and the season of what arrived so far expect (`LearntCalendar`).
 * - Decisions of a silence that change nothing are passed over where the policy can tell so (`Policy.rest`), and signals that no decision
 *   looks at are not taken: the result is the same, and a silence costs no more for being long.
 * - At one moment: what replicas finish, then stock, arrivals, drops, signals, timeline, decision. With the same world,
 *   policy and seed the result is the same, bit for bit; `random` is drawn from for starts alone, the same for the n-th start.
 *
 * Memory grows with replicas and waiting requests, and not with the length of the arrivals.
 * @throws PlimsollError `arrivals-invalid` and `period-invalid` (input), `decision-invalid` (bug).
 */
export function simulate<State>(
  world: SimulatedWorld,
  policy: Policy<State>,
  random: Random,
  options: SimulationOptions = {},
): SimulationResult & { readonly timeline: Timeline } {
  return new Simulation(world, policy, random, options).run();
}

class Simulation<State> {
  readonly #world: SimulatedWorld;
  readonly #policy: Policy<State>;
  readonly #options: SimulationOptions;
  readonly #queue = new WaitingQueue();
  readonly #score: Scoreboard;
  readonly #fleet: Fleet;
  readonly #signals: SignalSamples;
  readonly #recorder: TimelineRecorder;
  readonly #metricClock: MetricClock;
  readonly #arrivals: Iterator<Arrival>;
  readonly #calendar: LearntCalendar | null;
  readonly #units: UnitsUnderWay | null;
  /** Requests that replicas hold. */
  #held = 0;
  #nowMs = 0;
  #arrivalAtMs = 0;
  #arrivalWorkMs = 0;
  #arrivalUnits = 0;
  #arrivalWritten = 0;
  #signalsAtMs: number;
  #decisionAtMs = 0;
  #stockAtMs: number;
  #takenAtMs = 0;
  /** Decisions in a row that found nothing to have happened. */
  #silentDecisions = 0;
  #state: State;

  constructor(world: SimulatedWorld, policy: Policy<State>, random: Random, options: SimulationOptions) {
    if (!(policy.periodMs > 0 && world.metricPeriodMs > 0))
      throw refusePeriod(policy.name, policy.periodMs, world.metricPeriodMs);
    this.#world = world;
    this.#policy = policy;
    this.#options = options;
    this.#score = new Scoreboard(world);
    this.#fleet = new Fleet(world, random, this.#score, {
      hasRoom: (replica, nowMs) => this.#fill(replica, nowMs),
      lost: (arrivedAtMs) => this.#lose(arrivedAtMs),
    });
    this.#units = world.unit === undefined ? null : new UnitsUnderWay(world.unit);
    this.#signals = new SignalSamples(this.#fleet, this.#queue, world.capacity.curve, world.metricLagMs, this.#units);
    this.#metricClock = new MetricClock(world.metricPeriodMs, world.metricLagMs, policy.periodMs);
    this.#recorder = new TimelineRecorder(options.recordEveryMs ?? Math.max(1, world.endMs / 1_000));
    this.#arrivals = world.arrivals();
    const { calendar, terms } = world;
    this.#calendar = calendar === undefined ? null : new LearntCalendar(calendar, terms.attainmentShare);
    this.#stockAtMs = stockReturnsMs(world.stockOuts, 0);
    this.#state = policy.begin(0);
    this.#signalsAtMs = policy.blind === true ? Infinity : 0;
  }

  run(): SimulationResult & { readonly timeline: Timeline } {
    this.#nextArrival();
    const { endMs } = this.#world;
    for (;;) {
      const replica = this.#fleet.due.next;
      const replicaAtMs = replica === null ? Infinity : replica.dueMs;
      const outsideAtMs = this.#outsideAtMs();
      const nowMs = Math.min(replicaAtMs, outsideAtMs);
      if (nowMs >= endMs && ((this.#held === 0 && this.#queue.length === 0) || nowMs > endMs + overtimeAtMostMs)) break;
      this.#nowMs = nowMs;
      if (replica !== null && replicaAtMs <= outsideAtMs) this.#proceed(replica, nowMs);
      else this.#happen(nowMs);
    }
    return this.#finish();
  }

  #outsideAtMs(): number {
    return Math.min(
      this.#arrivalAtMs,
      this.#signalsAtMs,
      this.#decisionAtMs,
      this.#recorder.nextAtMs,
      this.#stockAtMs,
      this.#dropAtMs(),
    );
  }

  #dropAtMs(): number {
    const { dropAfterMs } = this.#world;
    return dropAfterMs === null ? Infinity : this.#queue.oldestAtMs + dropAfterMs;
  }

  /** What comes from outside of the replicas, one thing at a time and in this order. */
  #happen(nowMs: number): void {
    if (this.#stockAtMs === nowMs) {
      this.#stockAtMs = stockReturnsMs(this.#world.stockOuts, nowMs);
      this.#fleet.startPending(nowMs);
    } else if (this.#arrivalAtMs === nowMs) this.#arrive(nowMs);
    else if (this.#dropAtMs() <= nowMs) this.#dropOldest();
    else if (this.#signalsAtMs === nowMs) {
      this.#signals.take(nowMs);
      this.#takenAtMs = nowMs;
      this.#signalsAtMs = this.#metricClock.afterTakingMs(nowMs);
    } else if (this.#recorder.nextAtMs === nowMs) this.#record(nowMs);
    else this.#decide(nowMs);
  }

  #arrive(nowMs: number): void {
    const workMs = this.#arrivalWorkMs;
    this.#signals.arrivals += 1;
    this.#units?.arrive(nowMs, this.#arrivalUnits, this.#arrivalWritten);
    this.#calendar?.arrived(nowMs);
    this.#recorder.arrivals += 1;
    this.#score.arrived(nowMs, this.#fleet.ready === 0);
    // While requests wait no replica has room: whoever gets some takes what waits.
    const replica = this.#fleet.seats.least();
    if (replica !== null) {
      this.#give(replica, nowMs, nowMs, workMs);
      this.#fleet.settled(replica, nowMs);
    } else if (this.#queue.length < this.#world.queueLimit) this.#queue.push(nowMs, workMs);
    else this.#drop(nowMs);
    this.#nextArrival();
  }

  #give(replica: SimulatedReplica, nowMs: number, arrivedAtMs: number, workMs: number): void {
    replica.line.take(nowMs, arrivedAtMs, workMs);
    this.#held += 1;
  }

  #fill(replica: SimulatedReplica, nowMs: number): void {
    while (this.#queue.length > 0 && replica.line.hasRoom()) {
      this.#give(replica, nowMs, this.#queue.oldestAtMs, this.#queue.oldestWorkMs);
      this.#queue.shift();
    }
    this.#fleet.settled(replica, nowMs);
  }

  #proceed(replica: SimulatedReplica, nowMs: number): void {
    if (replica.line.dueMs <= nowMs) {
      replica.line.proceed(nowMs, this.#answered);
      if (replica.state === 'ready') this.#fill(replica, nowMs);
      else this.#fleet.settled(replica, nowMs);
    } else this.#fleet.turn(replica, nowMs);
  }

  readonly #answered = (arrivedAtMs: number, takenAtMs: number): void => {
    this.#held -= 1;
    this.#signals.completions += 1;
    this.#units?.answer(arrivedAtMs);
    this.#signals.serviceSumMs += this.#nowMs - takenAtMs;
    this.#recorder.completions += 1;
    if (!this.#score.answer(arrivedAtMs, this.#nowMs)) this.#recorder.missed += 1;
    if (arrivedAtMs >= this.#world.scoreFromMs) this.#options.onAnswer?.(arrivedAtMs, takenAtMs, this.#nowMs);
  };

  #lose(arrivedAtMs: number): void {
    this.#held -= 1;
    this.#drop(arrivedAtMs);
  }

  #dropOldest(): void {
    this.#drop(this.#queue.oldestAtMs);
    this.#queue.shift();
  }

  #drop(arrivedAtMs: number): void {
    this.#units?.drop(arrivedAtMs);
    this.#recorder.missed += 1;
    this.#score.drop(arrivedAtMs);
  }

  #decide(nowMs: number): void {
    const { terms, told } = this.#world;
    const { starts, capacity } = told === undefined || nowMs >= (told.untilMs ?? Infinity) ? this.#world : told;
    const signals = this.#signals.seenAt(nowMs);
    const sleeps = terms.sleep === undefined ? {} : { asleep: this.#fleet.account.asleep };
    const horizonMs = calendarHorizonMs(starts, this.#policy.periodMs);
    const calendar = this.#calendar === null ? {} : { ahead: this.#calendar.ahead(nowMs, horizonMs) };
    const { spares } = this.#fleet;
    const seen = { nowMs, signals, replicas: this.#fleet.seen(), ...sleeps, ...calendar, ...spares?.told(nowMs) };
    const input: PolicyInput = { ...seen, starts, capacity, terms };
    const { decision, state } = this.#policy.decide(input, this.#state);
    if (!Number.isInteger(decision.desired)) throw refuseCount(this.#policy.name, decision, nowMs);
    this.#state = state;
    const atLeast = terms.toZero ? 0 : terms.minReplicas;
    const desired = Math.min(terms.maxReplicas, Math.max(atLeast, decision.desired));
    this.#fleet.want(desired, decision.asleep ?? 0, nowMs);
    this.#score.decided(nowMs, desired);
    this.#recorder.decided(nowMs, desired, decision.reason);
    this.#options.onDecision?.(input, decision);
    this.#decisionAtMs = nowMs + this.#policy.periodMs;
    this.#rest(input);
    if (this.#policy.blind === true) return;
    this.#signalsAtMs = this.#metricClock.beforeDecisionMs(this.#takenAtMs, this.#decisionAtMs);
  }

  /** Passes over decisions of a silence that change nothing. Asked for at the 1st, 2nd, 4th, 8th silent decision, as not all policies rest. */
  #rest(last: PolicyInput): void {
    this.#silentDecisions = this.#isSilent(last) ? this.#silentDecisions + 1 : 0;
    if (this.#silentDecisions === 0 || (this.#silentDecisions & (this.#silentDecisions - 1)) !== 0) return;
    const { periodMs } = this.#policy;
    const toldUntilMs = this.#world.told?.untilMs ?? Infinity;
    const changesAtMs = toldUntilMs > last.nowMs ? toldUntilMs : Infinity;
    const steadyUntilMs = this.#calendar?.steadyUntilMs(last.nowMs) ?? Infinity;
    const untilMs = Math.min(this.#arrivalAtMs, this.#stockAtMs, this.#world.endMs, changesAtMs, steadyUntilMs);
    const decisions = Math.ceil((untilMs - last.nowMs) / periodMs) - 1;
    if (decisions < 1) return;
    const signalsAtMs = (decision: number): number => this.#metricClock.seenAtMs(last.nowMs + decision * periodMs);
    const rested = this.#policy.rest?.(last, this.#state, { decisions, signalsAtMs });
    if (rested === undefined || rested.decisions === 0) return;
    this.#state = rested.state;
    this.#score.rested(this.#decisionAtMs, periodMs, rested.decisions);
    this.#decisionAtMs += rested.decisions * periodMs;
    this.#takenAtMs = Math.max(this.#takenAtMs, signalsAtMs(rested.decisions));
    this.#signals.skipTo(signalsAtMs(rested.decisions));
  }

  #isSilent({ signals }: PolicyInput): boolean {
    const { metricPeriodMs } = this.#world;
    if (this.#policy.rest === undefined || this.#options.onDecision !== undefined) return false;
    if (!(Number.isInteger(this.#policy.periodMs) && Number.isInteger(metricPeriodMs))) return false;
    const seen = this.#policy.blind === true || this.#signals.isSilent(signals);
    return this.#queue.length === 0 && this.#held === 0 && this.#fleet.isSilentAt(this.#nowMs) && seen;
  }

  #record(nowMs: number): void {
    const fleet = this.#fleet;
    this.#recorder.record({
      atMs: nowMs,
      queueDepth: this.#queue.length,
      inFlight: this.#held,
      pending: fleet.count('pending'),
      starting: fleet.count('starting'),
      ready: fleet.ready,
      draining: fleet.count('draining'),
      asleep: fleet.account.asleep,
      desired: fleet.desired,
    });
  }

  #nextArrival(): void {
    const next = this.#arrivals.next();
    if (next.done === true || next.value.atMs >= this.#world.endMs) {
      this.#arrivalAtMs = Infinity;
      this.#arrivals.return?.();
      return;
    }
    const { atMs, workMs, units = 0, writtenUnits = units / 2 } = next.value;
    if (!(atMs >= this.#arrivalAtMs && workMs >= 0 && workMs < Infinity))
      throw refuseArrival(next.value, this.#arrivalAtMs);
    this.#arrivalAtMs = atMs;
    this.#arrivalWorkMs = workMs;
    this.#arrivalUnits = units;
    this.#arrivalWritten = writtenUnits;
  }

  #finish(): SimulationResult & { readonly timeline: Timeline } {
    while (this.#queue.length > 0) this.#dropOldest();
    for (const { line } of this.#fleet.replicas) line.abandon((arrivedAtMs) => this.#lose(arrivedAtMs));
    this.#fleet.account.advance(this.#world.endMs);
    this.#record(Math.max(this.#nowMs, this.#world.endMs));
    const result = this.#score.result(this.#policy.name, this.#fleet.account.seconds());
    return { ...result, timeline: this.#recorder.timeline() };
  }
}
