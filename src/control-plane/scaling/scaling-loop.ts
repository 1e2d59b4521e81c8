import { defaultZone } from '../../core/contract/schedule/schedule.ts';
import { readyTimeMs } from '../../core/coldstart/start-times.ts';
import { mostLiveStarts } from '../../core/coldstart/live-starts.ts';
import { seenStarts } from '../../core/coldstart/seen-starts.ts';
import type { StartDistribution } from '../../core/coldstart/start-distribution.ts';
import { shedReplicas } from '../../core/rollout/deployment/desired-sets.ts';
import type { Release } from '../../core/rollout/release.ts';
import { findRelease, neededReplicas, replicasOf } from '../../core/rollout/routing/routable.ts';
import type { RolloutState } from '../../core/rollout/deployment/rollout-state.ts';
import { countAsleep, scaledReplicas } from '../../core/rollout/deployment/scaled-replicas.ts';
import { calendarHorizonMs } from '../../core/scaling/acting/calendar-horizon.ts';
import { decideScaling, type DecidedScaling } from '../../core/scaling/acting/decide-scaling.ts';
import { findPolicyTime, toPolicyTime } from '../../core/scaling/acting/policy-time.ts';
import { isAnythingKnown, type ScaleOrder } from '../../core/scaling/acting/scale-order.ts';
import { groundOf, type ScalingFacts, type ScalingGround } from '../../core/scaling/acting/scaling-facts.ts';
import { replayScaling, type ScalingRecord } from '../../core/scaling/acting/scaling-record.ts';
import type { CalendarAhead } from '../../core/scaling/seasons/calendar-ahead.ts';
import { unknownSignals } from '../../core/scaling/signals.ts';
import type { LearnedEvidence, Policy, PolicyInput } from '../../core/scaling/policy.ts';
import type { ScalingSignals } from '../../core/scaling/signals.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import { readScalingRecord } from '../../schemas/scaling-record.ts';
import {
  makeDecidedEvent,
  makeTrustEvents,
  hold,
  moves,
  unchanged,
  withinLimits,
  type ScalingMemory,
  type ScalingTurn,
} from '../turn/scaling-turn.ts';
import type { ScalingView } from '../../schemas/view/view.ts';
import type { SpareDesk } from '../spares/spare-board.ts';
import { SpareStarts } from '../spares/spare-starts.ts';
import type { CalendarQuestion } from './calendar-watch.ts';

export interface ScalingLoopParts {
  readonly service: string;
  readonly environment: string;
  readonly plimsollVersion: string;
  readonly policy: Policy;
  readonly store: StoreReader;
  readonly clock: Clock;
  /** Rates since the last call. */
  signals(): ScalingSignals;
  /** Whether a request waits now. */
  waiting(): boolean;
  /** Null while it is not known. */
  facts(): ScalingFacts | null;
  /** Of the live pair, measured and live starts together; null where none were measured. */
  startsSoFar(): StartDistribution | null;
  /** Where spares are promised that its starts may take. */
  readonly spares: SpareDesk;
  /** What the calendar expects ahead. */
  ahead(asked: CalendarQuestion): CalendarAhead | null;
  /** From the order to wake until a replica served, milliseconds; null where no wake was measured. */
  wakeMs(): number | null;
}

/** What the policy remembers is recorded so often, in place, also where its decisions change nothing. */
const rememberedEveryMs = 60_000;
const seenAtMost = 100;

/**
 * Asks the policy once in its period, beside the rollout and in its transaction. It changes no replica: what it orders is
 * part of what the rollout is decided from, so that there is one writer.
 *
 * | what is known | what happens |
 * |---|---|
 * | the release has one number of replicas (min = max) | nothing |
 * | nothing of contract and evidence, or nothing of the signals | what was ordered stays |
 * | the contract promises no latency, or no capacity is measured | the same, said once |
 * | the actuator is another one | decided and recorded, and not ordered |
 */
export class ScalingLoop {
  readonly #parts: ScalingLoopParts;
  readonly #starts = new Map<string, number>();
  readonly #spareStarts = new SpareStarts();
  #memory: ScalingMemory;
  #limits: Release['replicas'] | null = null;

  constructor(parts: ScalingLoopParts) {
    this.#parts = parts;
    const nowMs = parts.clock.nowMs();
    this.#memory = {
      state: parts.policy.begin(nowMs),
      standing: null,
      ordered: null,
      time: null,
      recordedAskMs: null,
      askedMs: -Infinity,
      recordedMs: -Infinity,
      held: null,
      signals: unknownSignals(nowMs),
      learned: null,
    };
  }

  /** Goes on from the last record: the number of replicas always, the memory of the policy where it is the same policy. */
  async begin(): Promise<void> {
    const { store, service, environment, policy, plimsollVersion, clock } = this.#parts;
    const ready = await store.events({ service, environment, kindPrefix: 'replica.ready', last: mostLiveStarts });
    this.#spareStarts.resume(ready, clock.nowMs());
    const stored = await store.scalingMemory(service, environment);
    const record = stored === null ? null : readScalingRecord(stored);
    if (record === null) return;
    const { order, ordered } = record;
    const same = record.policy.name === policy.name && record.policy.plimsollVersion === plimsollVersion;
    const replayed = same ? replayScaling(record, policy) : null;
    this.#memory = {
      ...this.#memory,
      ...(replayed?.identical === true && replayed.decided !== null ? { state: replayed.decided.state } : {}),
      standing: { order, atMs: record.decidedAtMs, acts: ordered === order.desired },
      ordered: ordered === null ? null : { ...order, desired: ordered },
      recordedAskMs: record.grounds.input.nowMs,
      learned: learnedOf(record.decision.learned, record.grounds.input),
    };
  }

  decide(state: RolloutState): ScalingTurn {
    const { policy, clock } = this.#parts;
    const memory = this.#memory;
    this.#see(state);
    const live = findRelease(state, state.deployment?.live ?? null);
    this.#limits = live?.replicas ?? null;
    if (live !== null) this.#spareStarts.see(live.pair, replicasOf(state, live));
    if (live === null || !moves(live)) return { order: null, events: [], record: null, next: memory };
    const facts = this.#parts.facts();
    const standing = { ...memory, ordered: withinLimits(memory.ordered, live, facts) };
    const waking = standing.ordered?.desired === 0 && this.#parts.waiting();
    if (clock.monotonicMs() - memory.askedMs < policy.periodMs && !waking) return unchanged(standing);
    const signals = this.#parts.signals();
    const read = { ...standing, signals, askedMs: clock.monotonicMs() };
    if (facts === null) return unchanged(read);
    const ground = groundOf(facts, live.replicas, this.#parts.wakeMs());
    if ('missing' in ground) return hold(read, ground.missing, clock.monotonicMs());
    if (!isAnythingKnown(signals)) return hold(read, 'what the gateways do is not known', clock.monotonicMs());
    return this.#ask(state, live, facts, ground, read);
  }

  /** The turn was recorded. */
  recorded({ next }: ScalingTurn): void {
    this.#memory = next;
  }

  /** Whether what was ordered leaves nobody to answer the request that waits. */
  asleep(): boolean {
    return this.#memory.ordered?.desired === 0;
  }

  /** Of the last decision; null while the policy is not asked, or learns nothing. */
  learned(): LearnedEvidence | null {
    return this.#memory.held === null ? (this.#memory.learned?.evidence ?? null) : null;
  }

  view(): ScalingView | null {
    const { standing, signals, held, learned } = this.#memory;
    const facts = this.#parts.facts();
    const limits = this.#limits;
    if (limits === null || facts === null || !moves({ replicas: limits })) return null;
    return {
      desired: standing?.order.desired ?? null,
      ordered: this.#memory.ordered?.desired ?? null,
      min: limits.min,
      max: limits.max,
      actuator: facts.actuator,
      policy: this.#parts.policy.name,
      reason: standing?.order.reason ?? 'nothing was decided yet',
      held: held?.reason ?? null,
      decidedAtMs: standing?.atMs ?? null,
      signals,
      ...(learned === null ? {} : { learned: { ...learned.evidence, told: learned.told } }),
      ...(facts.capacityDoubt === undefined ? {} : { doubt: facts.capacityDoubt }),
    };
  }

  #ask(
    state: RolloutState,
    live: Release,
    facts: ScalingFacts,
    ground: ScalingGround,
    memory: ScalingMemory,
  ): ScalingTurn {
    const { policy, clock } = this.#parts;
    const { nowMs } = state;
    const acts = facts.actuator === 'plimsoll';
    const before = acts ? memory.ordered : (memory.standing?.order ?? memory.ordered);
    const now = { nowMs, monotonicMs: clock.monotonicMs() };
    const { time, isAnew } = findPolicyTime(memory.time, memory.recordedAskMs, now);
    const starts = this.#parts.startsSoFar() ?? facts.starts ?? seenStarts([...this.#starts.values()]);
    const input = {
      signals: memory.signals,
      replicas: scaledReplicas(
        state,
        live,
        shedReplicas({ ...state, scale: memory.ordered }, state.deployment),
        ground.terms.sleep?.wakeMs,
      ),
      ...(ground.terms.sleep === undefined ? {} : { asleep: countAsleep(state, live) }),
      starts,
      ...ground,
      ...this.#askSpares(state, live, readyTimeMs(starts, 0.5)),
      // By the clock of the day: schedules and seasons are of it.
      ahead: this.#parts.ahead({
        ...(facts.calendar ?? { zone: defaultZone, schedule: [] }),
        ...{ attainmentShare: ground.terms.attainmentShare, nowMs },
        horizonMs: calendarHorizonMs(starts, policy.periodMs),
      }),
    };
    let decided: DecidedScaling;
    try {
      decided = decideScaling(policy, {
        input: toPolicyTime(input, time, nowMs),
        // What a policy remembers lies in another time.
        state: isAnew ? policy.begin(time.atMs) : memory.state,
        orderedBefore: before?.desired ?? neededReplicas(live),
      });
    } catch (thrown) {
      const why = `the policy ${policy.name} could not decide: ${asPlimsollError(thrown).message}`;
      return hold(memory, why, clock.monotonicMs());
    }
    const { order } = decided;
    const { standing } = memory;
    if (acts) {
      const ordered = Math.max(0, order.desired - decided.grounds.orderedBefore);
      this.#parts.spares.claim({ left: decided.decision.leftToSpares ?? 0, ordered });
    }
    const changed = standing === null || !isSameCount(standing.order, order) || standing.acts !== acts;
    const learned = learnedOf(decided.decision.learned, decided.grounds.input);
    const trust = makeTrustEvents(memory.learned, learned, live.number, nowMs);
    const due = clock.monotonicMs() - memory.recordedMs >= rememberedEveryMs || trust.length > 0;
    const ordered = acts ? order : memory.ordered;
    const next: ScalingMemory = {
      ...memory,
      state: decided.state,
      standing: changed ? { order, atMs: nowMs, acts } : standing,
      ordered: isSameCount(ordered, memory.ordered) ? memory.ordered : ordered,
      time,
      recordedMs: changed || due ? clock.monotonicMs() : memory.recordedMs,
      held: null,
      learned,
    };
    const record: ScalingRecord = {
      recordVersion: 1,
      policy: { name: policy.name, plimsollVersion: this.#parts.plimsollVersion },
      grounds: decided.grounds,
      decision: decided.decision,
      order,
      ordered: next.ordered?.desired ?? null,
      release: live.number,
      decidedAtMs: next.standing?.atMs ?? nowMs,
      ...(facts.capacityDoubt === undefined ? {} : { capacityDoubt: facts.capacityDoubt }),
    };
    return {
      order: next.ordered,
      events: [...trust, ...(changed ? [makeDecidedEvent(record, facts.actuator)] : [])],
      record: changed || due ? record : null,
      next,
    };
  }

  /** Spares that starts may take; none while nobody knows how long a start with one takes. @param startMs without one */
  #askSpares(state: RolloutState, live: Release, startMs: number): Pick<PolicyInput, 'spares'> {
    const away = replicasOf(state, live).filter(
      ({ spare, startedAtMs }) => spare !== undefined && state.nowMs - startedAtMs < startMs,
    );
    const there = this.#parts.spares.ask(away.length);
    const starts = this.#spareStarts.distribution();
    return there === null || starts === null ? {} : { spares: { ...there, starts } };
  }

  /** How long starts of this service took without a spare, for as long as none was measured. */
  #see({ replicas }: RolloutState): void {
    for (const { replicaId, readyAtMs, startedAtMs, spare } of replicas) {
      if (readyAtMs === null || readyAtMs < startedAtMs || spare !== undefined) continue;
      this.#starts.set(replicaId, readyAtMs - startedAtMs);
      const [oldest] = this.#starts.keys();
      if (this.#starts.size > seenAtMost && oldest !== undefined) this.#starts.delete(oldest);
    }
  }
}

const isSameCount = (a: ScaleOrder | null, b: ScaleOrder | null): boolean =>
  a?.desired === b?.desired && a?.asleep === b?.asleep;

function learnedOf(
  evidence: LearnedEvidence | undefined,
  { capacity, starts }: Pick<PolicyInput, 'capacity' | 'starts'>,
): ScalingMemory['learned'] {
  if (evidence === undefined) return null;
  return { evidence, told: { ratePerSecond: capacity.ratePerSecond, startMs: readyTimeMs(starts, 0.5) } };
}
