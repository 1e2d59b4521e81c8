import { neededReplays } from '../../core/rollout/deployment/needed-replays.ts';
import { planRollout } from '../../core/rollout/deployment/plan-rollout.ts';
import {
  countOfAnother,
  findRelease,
  liveReplicas,
  mayServe,
  servedRelease,
} from '../../core/rollout/routing/routable.ts';
import { isOutOfTraffic } from '../../core/rollout/isolation/isolation.ts';
import type { RolloutPlan, RolloutState } from '../../core/rollout/deployment/rollout-state.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Platform } from '../../ports/serving/platform.ts';
import type { PlatformNotice } from '../../ports/serving/platform-notice.ts';
import type { Admission, Fence, Store, StoreWriter } from '../../ports/records/store.ts';
import type { AdmissionRunner, ReplayPassed, ReplayRejected } from './admission-runner.ts';
import { lookAtCanary, recordCanary, type LookedStep } from './canary-turn.ts';
import type { GatewayChange, GatewayRegistry } from '../gateway-registry.ts';
import { makeRolloutState, RecordReader, type Recorded } from './observation.ts';
import { makeReplicaEvents } from './replica-changes.ts';
import { makeReplicaSetSpec } from './replica-set-spec.ts';
import type { ScalingLoop } from '../scaling/scaling-loop.ts';
import type { SleepBook } from './sleep/sleep-book.ts';
import type { LivenessBook } from './liveness/liveness-book.ts';
import { lookAtSleep, makeSleepTurn, type SeenSleep } from './sleep/sleep-turn.ts';
import { recordIsolations } from './isolation-turn.ts';
import { recordScaling, type ScalingTurn } from './scaling-turn.ts';
import type { CanaryInbox } from '../signals/canary-inbox.ts';
import { askedBefore, makeSetEvents, type AskedSet } from './set-changes.ts';
import {
  makeAcknowledgedEvent,
  makeAdmittedEvent,
  makeGatewayEvent,
  makeNoticeEvent,
  goldenInvalidation,
  makeRejectedEvent,
} from './turn-events.ts';
import type { EventNews } from '../../core/records/event.ts';
import type { NewFact } from '../ledger/record/new-fact.ts';
import type { ServiceLedger } from '../ledger/record/service-ledger.ts';

export interface ReconcilerParts {
  readonly service: string;
  readonly environment: string;
  readonly store: Store;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly runner: AdmissionRunner;
  readonly gateways: GatewayRegistry;
  readonly inbox: CanaryInbox;
  readonly scaling: ScalingLoop;
  readonly ledger: ServiceLedger;
  readonly sleep: SleepBook;
  readonly liveness: LivenessBook;
  /** The golden evidence of the live release, as `digestOfMeasured` gives it; undefined where that is not known. */
  measuredGolden?(): Digest | undefined;
  /** @throws PlimsollError `lease-lost`. */
  fence(): Fence;
  /** Told after a table was recorded, never before. */
  publish(table: RoutingTable): void;
}

interface Turn {
  readonly state: RolloutState;
  readonly plan: RolloutPlan;
  readonly step: LookedStep;
  readonly scaled: ScalingTurn;
  readonly slept: SeenSleep;
  readonly sleepNews: readonly EventNews[];
  readonly recordedAdmissions: readonly Admission[];
  readonly passed: readonly ReplayPassed[];
  readonly rejected: readonly ReplayRejected[];
  readonly events: readonly EventNews[];
  readonly ledger: readonly NewFact[];
}

/** While the store is away; the oldest are forgotten. */
const noticesAtMost = 100;

/**
 * One turn: observe, decide by the policy of scaling and by `planRollout`, record, publish, act. What is recorded and what is decided go into one
 * transaction; the platform is asked afterwards, with the same argument each turn, so that a crash between any two steps
 * is made good by the next turn of whoever holds the lease then.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #reader: RecordReader;
  readonly #observingSinceMs: number;
  #before: ReadonlyMap<string, ObservedReplica> | null = null;
  #asked: ReadonlyMap<string, AskedSet> | null = null;
  #unwantedSinceMs: ReadonlyMap<string, number> = new Map();
  #toldGeneration = 0;
  #sampledMs = 0;
  #state: RolloutState | null = null;
  #pending: {
    passed: readonly ReplayPassed[];
    rejected: readonly ReplayRejected[];
    gateways: readonly GatewayChange[];
    notices: readonly PlatformNotice[];
  } = { passed: [], rejected: [], gateways: [], notices: [] };

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#reader = new RecordReader(parts.store, parts.service, parts.environment);
    this.#observingSinceMs = parts.clock.nowMs();
  }

  /** As it was decided on last, with what was recorded then; null before the first turn. */
  lastState(): RolloutState | null {
    return this.#state;
  }

  replicas(): readonly ObservedReplica[] {
    return [...(this.#before?.values() ?? [])];
  }

  /** True while a replica starts, or was asked for and is not seen yet. */
  isStarting(): boolean {
    const seen = this.replicas();
    const seenOf = (set: string): number => seen.filter((replica) => replica.set === set).length;
    return (
      seen.some(({ state }) => state === 'pending' || state === 'starting') ||
      [...(this.#asked ?? [])].some(([set, { replicas }]) => seenOf(set) < replicas)
    );
  }

  async turn(signal: AbortSignal): Promise<void> {
    const { platform, runner } = this.#parts;
    const owner = { service: this.#parts.service, environment: this.#parts.environment };
    const observed = await platform.observe(owner, signal);
    const turn = await this.#decide(observed);
    const seen = turn.state.replicas;
    await this.#record(turn).catch((thrown: unknown) => {
      this.#parts.ledger.outdate();
      throw thrown;
    });
    this.#remember(turn, seen);
    this.#state = afterTurn(turn);
    if (turn.plan.routing !== null) this.#parts.publish(turn.plan.routing);
    this.#parts.fence();
    const unadmitted = await this.#setAdmitted(this.#state, signal);
    await platform.apply(owner, this.#specs(turn), signal, turn.plan.untouched);
    this.#considerLiveness(observed, turn.state, signal);
    this.#parts.sleep.consider(makeSleepTurn(turn.slept, turn.state, turn.plan.sleep), signal);
    const present = new Set(seen.map((replica) => replica.replicaId));
    runner.consider(
      neededReplays({
        ...turn.state,
        deployment: await this.#parts.store.deployment(owner.service, owner.environment),
      }),
      present,
      signal,
    );
    runner.identities.consider(admittedReplicas(turn.state), present, signal);
    if (unadmitted !== null) throw unadmitted;
  }

  #considerLiveness(observed: readonly ObservedReplica[], state: RolloutState, signal: AbortSignal): void {
    const asleep = new Set(state.replicas.filter((replica) => replica.state === 'asleep').map((r) => r.replicaId));
    const judged = observed.filter(
      (replica) =>
        !asleep.has(replica.replicaId) &&
        !isOutOfTraffic(state, replica) &&
        state.sleep?.get(replica.replicaId)?.stage !== 'waking',
    );
    const live = findRelease(state, state.deployment?.live ?? null);
    const isSpare = ({ pair }: ObservedReplica): boolean => pair !== live?.pair;
    this.#parts.liveness.consider(judged, state.releases, isSpare, signal);
  }

  /** Before sets shrink, so that nobody is led to what goes. @returns why it failed, which keeps no replica from running. */
  async #setAdmitted(state: RolloutState, signal: AbortSignal): Promise<PlimsollError | null> {
    const { service, environment, platform } = this.#parts;
    const replicas = { admitted: new Set(state.admissions.keys()), live: liveReplicas(state) };
    try {
      await platform.setAdmitted?.({ service, environment }, replicas, signal);
      return null;
    } catch (thrown) {
      return asPlimsollError(thrown);
    }
  }

  async #decide(observed: readonly ObservedReplica[]): Promise<Turn> {
    const { service, environment, clock, runner, gateways, platform } = this.#parts;
    const scope = { service, environment };
    const results = runner.takeResults();
    // Kept until they are recorded: a turn that fails must not lose what it took.
    this.#pending = {
      passed: [...this.#pending.passed, ...results.passed],
      rejected: [...this.#pending.rejected, ...results.rejected],
      gateways: [...this.#pending.gateways, ...gateways.takeChanges()],
      notices: [...this.#pending.notices, ...(platform.takeNotices?.(scope) ?? [])].slice(-noticesAtMost),
    };
    const present = new Set(observed.map((replica) => replica.replicaId));
    const passed = this.#pending.passed.filter((result) => present.has(result.replay.replicaId));
    const recorded = await this.#reader.read();
    await this.#parts.ledger.ready();
    const admitted = new Set(recorded.admissions.map(({ replicaId }) => replicaId));
    const slept = lookAtSleep(
      this.#parts.liveness.show(observed),
      recorded.releases,
      this.#parts.sleep.known(),
      admitted,
    );
    const { replicas } = slept;
    const nowMs = clock.nowMs();
    const step = lookAtCanary(recorded.canary, recorded.releases, this.#parts.inbox, nowMs);
    const watched = {
      canary: step.looked,
      replicas,
      sleep: slept.known,
      gateways: gateways.states(),
      rejections: runner.rejections(),
      identities: runner.identities.known(),
      justAdmitted: passed.map(({ replay }) => ({ replicaId: replay.replicaId, golden: replay.golden })),
      observingSinceMs: this.#observingSinceMs,
      unwantedSinceMs: this.#unwantedSinceMs,
      nowMs,
    };
    const unscaled = makeRolloutState(scope, recorded, { ...watched, scale: null });
    const scaled = this.#parts.scaling.decide(unscaled);
    const scale = countOfAnother(unscaled) ?? scaled.order;
    const state = makeRolloutState(scope, recorded, { ...watched, scale });
    const plan = planRollout(state);
    const acknowledged = makeAcknowledgedEvent(state, this.#toldGeneration);
    return {
      state,
      plan,
      step,
      scaled,
      slept,
      sleepNews: this.#parts.sleep.news(),
      recordedAdmissions: recorded.admissions,
      passed,
      rejected: this.#pending.rejected,
      ledger: this.#parts.ledger.makeFacts(state, scaled.record),
      events: [
        ...this.#pending.gateways.map(makeGatewayEvent),
        ...this.#pending.notices.map(makeNoticeEvent),
        ...makeReplicaEvents(
          this.#before,
          replicas.map((replica) => asServing(replica, recorded)),
          (replicaId) => this.#parts.liveness.evidenceOf(replicaId),
        ),
        ...passed.map(makeAdmittedEvent),
        ...this.#pending.rejected.map(makeRejectedEvent),
        ...(acknowledged === null ? [] : [acknowledged]),
        ...this.#parts.sleep.news(),
        ...step.events,
        ...plan.decisions,
        ...makeSetEvents(this.#asked ?? askedBefore(replicas), plan.sets),
      ],
    };
  }

  async #record(turn: Turn): Promise<void> {
    // Who sleeps has to reproduce its golden set before it serves again.
    const gone = [...this.#goneAdmissions(turn), ...turn.plan.sleep.sleep.map(({ replicaId }) => replicaId)];
    const { plan, passed, rejected, events, step, scaled, ledger } = turn;
    const moved = plan.deployment !== null || plan.routing !== null || plan.canary !== null || plan.isolations !== null;
    const looked = step.looked !== step.recorded;
    const scales = scaled.record !== null || scaled.events.length > 0;
    if (!moved && !looked && !scales && events.length + passed.length + gone.length + ledger.length === 0) return;
    const { service, environment, store } = this.#parts;
    this.#sampledMs = await store.transaction(this.#parts.fence(), async (tx) => {
      for (const { replay } of passed) {
        const { replicaId, golden } = replay;
        await tx.admit({ service, environment, replicaId, golden, atMs: turn.state.nowMs });
      }
      for (const replicaId of gone) await tx.forgetAdmission(replicaId);
      for (const result of rejected.filter((candidate) => candidate.replay.live)) {
        const measured = this.#parts.measuredGolden?.();
        await tx.addInvalidation(service, goldenInvalidation(result, environment, turn.state.nowMs, measured));
      }
      if (plan.deployment !== null) await tx.setDeployment(plan.deployment, turn.state.deployment?.revision ?? null);
      else await requireUnmoved(tx, turn.state);
      await recordIsolations(tx, turn.state, plan);
      if (plan.routing !== null) await tx.setRouting(plan.routing);
      const sampledMs = await recordCanary(tx, step, plan, this.#sampledMs, turn.state.nowMs);
      for (const bar of plan.bars) {
        await tx.addBar({ service, environment, ...bar, by: 'control-plane', atMs: turn.state.nowMs });
      }
      await recordScaling(tx, { service, environment }, scaled, turn.state.nowMs);
      for (const event of events) {
        await tx.appendEvent({ service, environment, by: 'control-plane', atMs: turn.state.nowMs, ...event });
      }
      await this.#parts.ledger.record(tx, ledger);
      return sampledMs;
    });
  }

  /** Admissions of replicas that were not seen in two turns: their ids never come back. */
  #goneAdmissions(turn: Turn): readonly string[] {
    const before = this.#before;
    if (before === null) return [];
    const present = new Set(
      turn.state.replicas.filter((replica) => replica.state !== 'stopped').map((r) => r.replicaId),
    );
    return turn.recordedAdmissions
      .map((admission) => admission.replicaId)
      .filter((id) => !present.has(id) && !before.has(id));
  }

  #remember(turn: Turn, replicas: readonly ObservedReplica[]): void {
    this.#pending = { passed: [], rejected: [], gateways: [], notices: [] };
    this.#parts.inbox.drop(turn.step.counts);
    this.#parts.scaling.recorded(turn.scaled);
    this.#parts.sleep.recorded(turn.sleepNews);
    this.#before = new Map(replicas.map((replica) => [replica.replicaId, replica]));
    this.#asked = new Map(turn.plan.sets.map((set) => [set.set, { replicas: set.replicas }]));
    this.#unwantedSinceMs = turn.state.unwantedSinceMs;
    const told = turn.events.find((event) => event.kind === 'routing.acknowledged');
    if (told !== undefined) this.#toldGeneration = turn.state.routing?.generation ?? 0;
  }

  #specs(turn: Turn) {
    const live = findRelease(turn.state, turn.state.deployment?.live ?? null);
    const another = live?.replicas.actuator === undefined ? null : live.pair;
    return turn.plan.sets.flatMap((set) => {
      const release = turn.state.releases.find((candidate) => candidate.number === set.release);
      return release === undefined ? [] : [makeReplicaSetSpec(set, release, set.pair === another)];
    });
  }
}

/** Under the number of the release that it is there for, which may be a later one of the pair that it was started for. */
function asServing(replica: ObservedReplica, recorded: Recorded): ObservedReplica {
  const release = servedRelease(recorded.deployment, recorded.releases, replica.pair);
  return release === null ? replica : { ...replica, release: release.number };
}

/** A release or rollback that was recorded while this turn was deciding: decide again rather than act on the old one. */
async function requireUnmoved(tx: StoreWriter, state: RolloutState): Promise<void> {
  const present = await tx.deployment(state.service, state.environment);
  if ((present?.revision ?? null) === (state.deployment?.revision ?? null)) return;
  throw new PlimsollError({
    code: 'deployment-moved',
    category: 'conflict',
    message: 'the deployment moved while this turn was deciding',
  });
}

/** Those that requests may go to, with the protocol that they are asked in. */
function admittedReplicas(state: RolloutState) {
  return state.replicas.flatMap((replica) => {
    const { replicaId, endpoint, pair } = replica;
    const protocol = state.releases.find((release) => release.pair === pair)?.code.section.protocol;
    return mayServe(state, replica) && endpoint !== null && protocol !== undefined
      ? [{ replicaId, endpoint, protocol }]
      : [];
  });
}

/** What is recorded once the plan is. */
function afterTurn({ state, plan }: Turn): RolloutState {
  const revision = (state.deployment?.revision ?? 0) + 1;
  return {
    ...state,
    deployment: plan.deployment === null ? state.deployment : { ...plan.deployment, revision },
    routing: plan.routing ?? state.routing,
    isolations: plan.isolations ?? state.isolations,
  };
}
