import { replicaPower } from '../../capacity/replica-power.ts';
import { beginDoubt, type Doubt } from '../learned/doubt.ts';
import { ratioOfCapacity } from '../learned/learn-capacity.ts';
import { ratioOfStarts } from '../learned/learn-starts.ts';
import { learn, withLearned, type Learned } from '../learned/learn.ts';
import { learnedShapeOf } from '../learned/shape/learn-shape.ts';
import { learnedWorkOf } from '../learned/work/learned-work-of.ts';
import { workFactorOf } from '../learned/work/learn-work.ts';
import type { LearnedEvidence, Policy, PolicyInput, ScalingDecision } from '../policy.ts';
import {
  beginChoice,
  cautiousChoice,
  replaySome,
  renewChoice,
  settingsGrid,
  type ChosenSettings,
  type SettingsChoice,
} from './settings/choose-settings.ts';
import {
  beginHistory,
  demandOf,
  observeArrivals,
  readingAtMostMs,
  tickMs,
  type DemandHistory,
} from './demand-history.ts';
import { doubtedTurn } from './doubted-turn.ts';
import type { PresentReplicas } from './in-flight.ts';
import { makeReplayedWorld, nextBurstOf } from './make-replayed-world.ts';
import { afterClockStep } from './input/after-clock-step.ts';
import { withKnownSignals } from './input/known-signals.ts';
import type { NextBurst } from './next-burst/next-burst.ts';
import { standingConstant } from './settings/constant-floor.ts';
import { rebinHistory } from './rebin-history.ts';
import type { Ruling } from './settings/passed-over.ts';
import type { ReplayedWorld } from './settings/replay.ts';
import { restOwn, type PlimsollState } from './rest-own.ts';
import { nothingSeen } from './seen-lateness.ts';
import { noServices, observeServices } from './settings/service-scatter.ts';
import type { Hold } from './size-rule.ts';
import { describeSpares, type ToldSpares } from './spares/spare-words.ts';
import {
  clamp,
  groundOf,
  periodMs,
  isSilenceReplayed,
  replaysPerDecision,
  rulingOf,
  surgeAgoMs,
  turnOf,
  type Sized,
} from './turn.ts';

/** A start is this many buckets long, so that a replay of a bounded history spans many starts. */
const bucketsPerStart = 6;
/** A burst of 20 s is not seen in buckets of a minute. The history of 2,400 buckets is then of 13 hours; days are what the calendar is for. */
const bucketTicksAtMost = 10;
/** Replays of one decision while all of them are due: the whole grid in eight. */
const hurriedReplays = Math.ceil(settingsGrid.length / 8);
/**
 * Plimsoll's own policy. Each turn it
 *
 * 1. adds what arrived to its history, and forecasts the rate one horizon ahead: the start's upper quantile and a period;
 * 2. replays that history with some of its settings (`choose-settings.ts`), and takes those that would have cost least with
 *    the objective held;
 * 3. sizes for the forecast by square-root staffing, for the backlog by the time to drain it against the deadline, and keeps
 *    the floor that the settings say;
 * 4. counts what is loading, so that it orders only what remains missing, and gives up on starts that outlast their
 *    distribution;
 * 5. steps down only after less was wanted for as long as the settings say, to the most that was wanted meanwhile.
 */
export const plimsollPolicy: Policy<PlimsollState> = {
  name: 'plimsoll',
  periodMs,

  begin: () => ({
    learned: null,
    doubt: beginDoubt,
    history: beginHistory(1),
    services: noServices,
    choice: beginChoice(),
    seen: nothingSeen,
    chosen: cautiousChoice,
    hold: null,
    desired: null,
  }),

  decide(given, before) {
    const asked = withKnownSignals(given);
    const state = afterClockStep(before, asked.signals.atMs, asked.nowMs);
    if (!isUsable(asked.capacity)) return standing(asked, state, 'the capacity of a replica is not above zero');
    const seenMs = readBefore(state.history, asked.signals.atMs);
    const learned = learn(state.learned, asked, seenMs);
    const input = withTrust(withLearned(asked, learned), state.doubt);
    const { signals } = input;
    const ground = groundOf(input, learned.capacity);
    const { startMs, horizonMs, waitMs, present } = ground;
    const lookout = { horizonMs, passingMs: waitMs };
    const history = observeArrivals(fitted(state.history, startMs), signals.atMs, signals.arrivalsPerSecond, lookout);
    if (signals.arrivalsPerSecond === null && signals.queueDepth === null)
      return standing(input, { ...state, learned, history }, 'neither arrivals nor a queue are known');
    const demand = demandOf(history, horizonMs, surgeAgoMs(ground), ground.spares?.horizonMs);
    const moved = isMoved(state.learned, learned);
    const begun = moved ? renewChoice(state.choice) : state.choice;
    const elapsedMs = state.history.seenMs === null ? 0 : signals.atMs - state.history.seenMs;
    const services = observeServices(state.services ?? noServices, signals, elapsedMs);
    const nextBurst = nextBurstOf(history, ground);
    const world = makeReplayedWorld(history, { input, ground, demand, services, asked, learned, seen: state.seen });
    const constant = moved ? null : standingConstant(state.chosen);
    const ruling = { ...rulingOf(input, state.seen, demand.meanPerSecond), constant };
    const choice = replayed(begun, history, { input, world, ruling });
    const turn = turnOf(input, { ...state, choice: begun, seenMs }, ground, {
      demand,
      choice,
      world,
      nextBurst,
      lastArrivalMs: history.lastArrivalMs,
    });
    const { seen, chosen, size, asleep, left } = turn;
    const memory = { doubt: state.doubt, desired: state.desired, seenMs };
    const { doubt, desired, hold } = doubtedTurn(input, ground, memory, { turn, demand, moved });
    const { spares } = ground;
    const told = { present, spares: describeSpares(spares, left, ground.startMs), left };
    const decision = describe(input, {
      ...size,
      ...told,
      chosen,
      desired,
      asleep,
      hold,
      horizonMs,
      learned,
      doubt,
      nextBurst,
    });
    const evidence = evidenceSeen(asked, learned, doubt);
    return {
      decision: { ...decision, learned: evidence },
      state: { learned, doubt, history, services, choice, seen, chosen, hold, desired },
    };
  },

  rest: restOwn,
};

/** In distrust nothing is left to spares: promises are what was broken. */
const withTrust = (input: PolicyInput, { distrust }: Doubt): PolicyInput =>
  distrust === null || input.spares === undefined ? input : { ...input, spares: { ...input.spares, free: 0 } };

/** Moment of the reading before; null where there is none, or what happened since then is not known. */
const readBefore = ({ seenMs }: DemandHistory, atMs: number): number | null =>
  seenMs === null || atMs - seenMs > readingAtMostMs ? null : seenMs;

/** Whether the evidence that decisions use is another one, so that settings have to be chosen anew. */
function isMoved(before: Learned | null, now: Learned): boolean {
  return (before?.capacity.used ?? 0) !== now.capacity.used || (before?.starts.used ?? 0) !== now.starts.used;
}

function evidenceSeen(asked: PolicyInput, { capacity, starts }: Learned, { distrust }: Doubt): LearnedEvidence {
  const work = learnedWorkOf(capacity.work);
  const ratio = ratioOfCapacity(capacity);
  const shape = learnedShapeOf(capacity.shape, ratio.estimate);
  return {
    ...(work === null ? {} : { work }),
    ...(shape === null ? {} : { shape }),
    capacity: ratio,
    starts: ratioOfStarts(starts, asked.starts),
    trusted: distrust === null,
    distrustedSinceMs: distrust?.sinceMs ?? null,
  };
}

/** Buckets that suit the start; for a start of another order of magnitude what was seen is counted anew. */
function fitted(history: DemandHistory, startMs: number): DemandHistory {
  const ticks = Math.max(1, Math.min(bucketTicksAtMost, Math.round(startMs / bucketsPerStart / tickMs)));
  const ratio = ticks / history.ticksPerBucket;
  return ratio > 2 || ratio < 0.5 ? rebinHistory(history, ticks) : history;
}

function replayed(
  choice: SettingsChoice,
  history: DemandHistory,
  { input, world, ruling }: { readonly input: PolicyInput; readonly world: ReplayedWorld; readonly ruling: Ruling },
): SettingsChoice {
  // Where replicas may sleep, silence is what sleep is worth in: it is replayed to its end.
  const stands = input.terms.sleep === undefined && isSilenceReplayed(input.signals.atMs, history.lastArrivalMs);
  if (history.arrivals.length === 0 || stands) return choice;
  return replaySome(choice, world, choice.hurried > 0 ? hurriedReplays : replaysPerDecision, ruling);
}

/** A capacity that nothing can be sized by. */
function isUsable(capacity: PolicyInput['capacity']): boolean {
  const { mostPerSecond, workMs } = replicaPower(capacity);
  return mostPerSecond > 0 && mostPerSecond < Infinity && workMs > 0 && capacity.ratePerSecond > 0;
}

/** Where nothing can be decided the last number stands: the safe one. */
function standing(
  { terms, nowMs, replicas }: PolicyInput,
  state: PlimsollState,
  why: string,
): { decision: ScalingDecision; state: PlimsollState } {
  const there = replicas.filter((replica) => replica.state !== 'draining').length;
  const least = terms.toZero ? terms.minReplicas : Math.max(1, terms.minReplicas);
  const desired = clamp(state.desired ?? there, least, terms.maxReplicas);
  const hold =
    state.hold === null ? null : { ...state.hold, below: state.hold.below && { ...state.hold.below, sinceMs: nowMs } };
  return {
    decision: { desired, reason: `${why}, so the last number stands: ${desired}`, terms: {} },
    state: { ...state, hold, desired },
  };
}

function describe(
  { terms, signals, ahead }: PolicyInput,
  told: Sized & {
    readonly present: PresentReplicas;
    readonly spares: ToldSpares;
    readonly left: number;
    readonly chosen: ChosenSettings;
    readonly desired: number;
    readonly asleep: number;
    readonly hold: Hold;
    readonly horizonMs: number;
    readonly learned: Learned;
    readonly doubt: Doubt;
    readonly nextBurst: NextBurst;
  },
): ScalingDecision {
  const { forecast, forDemand, forBacklog, floor, wanted, backlog, present, chosen, desired, asleep, hold, horizonMs } =
    told;
  const { safety, follow, floorShare, holdStarts } = told.settings;
  const { distrust } = told.doubt;
  const by = told.calendar === null ? '' : ` by the ${told.calendar}`;
  const stated = ahead?.replicas ?? 0;
  const factor = workFactorOf(told.learned.capacity.work);
  const burst = told.nextBurst.factor;
  const why = [
    `${forecast.toFixed(1)} requests/s expected in ${Math.round(horizonMs / 1_000)} s${by} want ${forDemand.toFixed(2)}`,
    ...(stated > forDemand + forBacklog ? [`the schedule states ${stated}`] : []),
    ...(forBacklog > 0 ? [`${Math.round(backlog / factor)} waiting want ${forBacklog.toFixed(2)} more`] : []),
    ...(floor > forDemand + forBacklog ? [`the floor of lately is ${floor.toFixed(2)}`] : []),
    ...(burst > 1 ? [`the next burst may be ${burst.toFixed(2)} times the greatest one seen`] : []),
    ...(hold.replicas > wanted ? [`${hold.replicas.toFixed(2)} held until less was wanted for long enough`] : []),
    ...(present.overdue > 0 ? [`${present.overdue} starts are overdue and replaced`] : []),
    ...(terms.warmPool > 0 ? [`${terms.warmPool} kept warm`] : []),
    ...(asleep > 0 ? [`${asleep} of the floor asleep`] : []),
    ...told.spares.words,
    ...learnedWords(told.learned),
    ...(distrust === null
      ? []
      : [`promises were broken, so the queue decides: ${distrust.feedback.replicas.toFixed(2)} replicas`]),
  ];
  return {
    desired,
    ...(terms.sleep === undefined ? {} : { asleep }),
    ...(told.left === 0 ? {} : { leftToSpares: told.left }),
    reason: `${why.join('; ')}: ${desired} (${present.ready} ready, ${present.loading} loading)`,
    terms: {
      forecastPerSecond: forecast,
      forDemand,
      forBacklog,
      floor,
      held: hold.replicas,
      ready: present.ready,
      loading: present.loading,
      arriving: present.arriving,
      overdue: present.overdue,
      queueDepth: signals.queueDepth === null ? null : signals.queueDepth / factor,
      safety,
      follow,
      floorShare,
      holdStarts,
      constant: chosen.constant,
      nextBurst: burst,
      capacityRatio: Math.exp(told.learned.capacity.used),
      startRatio: Math.exp(told.learned.starts.used),
      workFactor: factor,
      feedback: distrust?.feedback.replicas ?? null,
      replayedLateShare:
        chosen.score === null ? null : (chosen.score.late + chosen.score.unlucky) / Math.max(1, chosen.score.arrivals),
      ...told.spares.terms,
      ...(ahead === undefined || ahead === null ? {} : { calendarPerSecond: ahead.ratePerSecond }),
    },
  };
}

/** What decisions use in place of the evidence. */
function learnedWords({ capacity, starts }: Learned): readonly string[] {
  const times = (log: number): string => Math.exp(log).toFixed(2);
  return [
    ...(capacity.used === 0 ? [] : [`a replica carries ${times(capacity.used)} of the measured rate`]),
    ...(workFactorOf(capacity.work) === 1
      ? []
      : [`requests take ${workFactorOf(capacity.work).toFixed(2)} of the usual work`]),
    ...(starts.used === 0 ? [] : [`starts take ${times(starts.used)} of the measured time`]),
  ];
}
