import { replicaPower, type ReplicaPower } from '../../capacity/replica-power.ts';
import { readyTimeMs } from '../../coldstart/start-times.ts';
import type { LearnedCapacity } from '../learned/learn-capacity.ts';
import { workFactorOf } from '../learned/work/learn-work.ts';
import type { PolicyInput } from '../policy.ts';
import {
  cautiousChoice,
  constantChoice,
  chooseSettings,
  settingsGrid,
  withoutPassedOver,
  type ChosenSettings,
  type SettingsChoice,
} from './settings/choose-settings.ts';
import { tickMs, type Demand } from './demand-history.ts';
import { heldPower, isCurveConfirmed } from './held-power.ts';
import { presentReplicas, type PresentReplicas } from './in-flight.ts';
import { leaveToSpares, readSpareGround, sizeForBacklogWithSpares, type SpareGround } from './spares/spare-rule.ts';
import { failedConstant, findConstantFloor, type ConstantFloor, type LateBounds } from './settings/constant-floor.ts';
import type { Ruling } from './settings/passed-over.ts';
import { followed, type ReplayedWorld } from './settings/replay.ts';
import { keepForNextBurst } from './next-burst/keep-for-next-burst.ts';
import type { NextBurst } from './next-burst/next-burst.ts';
import { observeTurn } from './observe-turn.ts';
import { lateBudget, unluckyCounts, type SeenLateness } from './seen-lateness.ts';
import {
  asleepFor,
  awakeFloor,
  holdDown,
  sizeFor,
  withoutGivingUp,
  type Hold,
  type SizeSettings,
} from './size-rule.ts';

/** What a turn remembers, the history of the demand aside. */
export interface TurnState {
  readonly choice: SettingsChoice;
  readonly seen: SeenLateness;
  /** Settings in use, and their replay. */
  readonly chosen: ChosenSettings;
  readonly hold: Hold | null;
  /** Until when arrivals were counted; null before the first signals. */
  readonly seenMs: number | null;
}

/** What a turn rests on beside the demand. */
export interface TurnGround {
  readonly startMs: number;
  /** Until capacity that is ordered now serves and is decided on again, milliseconds. */
  readonly horizonMs: number;
  readonly waitMs: number;
  readonly power: ReplicaPower;
  readonly present: PresentReplicas;
  /** Null without any. */
  readonly spares: SpareGround | null;
}

export interface Turn {
  /** A rate beyond all that was seen. */
  readonly surge: boolean;
  readonly seen: SeenLateness;
  readonly chosen: ChosenSettings;
  readonly size: Sized;
  readonly hold: Hold;
  readonly desired: number;
  readonly asleep: number;
  /** Replicas that are not ordered yet because a spare is promised for each. */
  readonly left: number;
}

export const periodMs = tickMs;
/** Replays of one decision: the whole grid in four minutes. */
export const replaysPerDecision = 3;
/** The whole grid once, replayed. */
export const roundMs = (settingsGrid.length / replaysPerDecision) * periodMs;
/**
 * Whether each of the settings was replayed with the silence in it: replays of a silence that goes on stop then, so that a long one
 * costs nothing. @param lastArrivalMs null where nothing ever arrived
 */
export const isSilenceReplayed = (atMs: number, lastArrivalMs: number | null): boolean =>
  lastArrivalMs === null || atMs - lastArrivalMs > roundMs;

/** More than all that was seen, by this factor, is a surge: a record of noise or of a slow growth is not. */
const surgeShare = 1.25;
/** Settings are chosen by what was seen only once that is this many starts and this long. */
const leastHistoryStarts = 10;
/** A constant number needs less: it takes no start to be there. */
const someHistoryStarts = 3;
/** Part of the allowed lateness that a constant may use up by so little history. */
const strictShare = 0.15;
const leastHistoryMs = 300_000;
/** The start that capacity is ordered ahead by: its upper quantile, because a late start is what hurts. */
export const startQuantile = 0.9;

/** @param learned what live data say of the capacity; null before any */
export function groundOf(input: PolicyInput, learned: LearnedCapacity | null): TurnGround {
  const { terms, starts, capacity, replicas, signals, nowMs } = input;
  const startMs = readyTimeMs(starts, startQuantile);
  // What is decided now was seen a while ago, and is decided again after a period.
  const decidedMs = periodMs + Math.max(0, nowMs - signals.atMs);
  const horizonMs = startMs + decidedMs;
  const waitMs = allowedWaitMs(terms.latencyMs, workFactorOf(learned?.work) * replicaPower(capacity).workMs);
  const confirmed = learned !== null && isCurveConfirmed(learned);
  const power = heldPower(capacity, 1 - terms.attainmentShare, waitMs, confirmed);
  const present = presentReplicas(replicas, starts, nowMs, horizonMs, input.spares?.starts);
  const spares = readSpareGround(input, startMs, { quantile: startQuantile, decidedMs });
  return { startMs, horizonMs, waitMs, power, present, spares };
}

/** What is going on now began at most so long ago, milliseconds: by older rates a surge is told. */
export const surgeAgoMs = ({ horizonMs }: Pick<TurnGround, 'horizonMs'>): number => 2 * horizonMs + roundMs;

/** The count of one turn: settings, size, the hold on the way down, and the bounds. @param choice with the replays of this turn */
export function turnOf(
  input: PolicyInput,
  state: TurnState,
  ground: TurnGround,
  {
    demand,
    choice,
    world,
    nextBurst,
    lastArrivalMs,
  }: {
    readonly demand: Demand;
    readonly choice: SettingsChoice;
    /** What was replayed; null where no settings are chosen. */
    readonly world: ReplayedWorld | null;
    /** Looked at only where settings are chosen. */
    readonly nextBurst: NextBurst;
    readonly lastArrivalMs: number | null;
  },
): Turn {
  const { terms, nowMs } = input;
  const { startMs, power, present } = ground;
  const surge = demand.expectedPerSecond > surgeShare * demand.seenPerSecond;
  const seen = observeTurn(input, state, ground, { surge, level: demand.level, world });
  const chosen = chosenNow(input, state, { demand, choice, world, nextBurst, seen, startMs, ready: present.ready });
  const size = sizeNow(input, ground, { demand, chosen, surge });
  const before = state.hold ?? { replicas: present.ready + present.loading, below: null };
  const carries = Math.min(terms.maxReplicas, sizeFor(demand.level, 0, power));
  const hold = holdDown(
    before,
    withoutGivingUp(before, size.wanted, carries),
    nowMs,
    size.settings.holdStarts * startMs,
  );
  const asked = Math.ceil(hold.replicas - 1e-9) + present.overdue;
  const desired = mayStop(input, lastArrivalMs, size.backlog)
    ? Math.min(terms.warmPool, terms.maxReplicas)
    : clamp(asked + terms.warmPool, Math.max(1, terms.minReplicas), terms.maxReplicas);
  const asleep = asleepFor(Math.min(terms.maxReplicas, size.floor), desired - terms.warmPool, terms.sleep);
  const without = Math.min(terms.maxReplicas, Math.ceil(size.withoutSpares - 1e-9));
  const left = Math.max(0, Math.min(ground.spares?.free ?? 0, without - Math.ceil(hold.replicas - 1e-9)));
  return { surge, seen, chosen, size, hold, desired, asleep, left };
}

/** What may pass before a request is begun so that it is still in time: one and a half times its mean is left for the work. */
function allowedWaitMs(latencyMs: number, workMs: number): number {
  return Math.max(latencyMs / 10, latencyMs - 1.5 * workMs);
}

/** What is left of the allowed lateness when the requests are taken out that are late without ever waiting. */
export function allowedLateShare({ terms, capacity }: PolicyInput): number {
  const allowed = 1 - terms.attainmentShare;
  return Math.max(allowed / 10, allowed - (capacity.aloneLateShare ?? 0));
}

/**
 * | seen | settings |
 * |---|---|
 * | little | the cautious ones: all of lately is kept |
 * | some | the constant number that would have kept nearly everything in time, but for surges and while requests are late |
 * | enough | those that a replay chooses |
 */
function seenFor({ coveredMs }: Demand, startMs: number): 'little' | 'some' | 'enough' {
  if (coveredMs >= Math.max(leastHistoryMs, leastHistoryStarts * startMs)) return 'enough';
  return coveredMs >= Math.max(leastHistoryMs, someHistoryStarts * startMs) ? 'some' : 'little';
}

/**
 * Chosen when the whole grid was replayed anew, and kept until it is again: scores of one round are of nearly the same history,
 * those of two are not, and settings that change in the middle of a surge take down what was just ordered.
 */
function chosenNow(
  { terms, ...input }: PolicyInput,
  state: Pick<TurnState, 'choice' | 'chosen' | 'seen'>,
  now: {
    readonly demand: Demand;
    readonly choice: SettingsChoice;
    readonly world: ReplayedWorld | null;
    readonly nextBurst: NextBurst;
    readonly seen: SeenLateness;
    readonly startMs: number;
    readonly ready: number;
  },
): ChosenSettings {
  const { demand, choice, world, nextBurst, seen, startMs, ready } = now;
  const isRound = choice.next < state.choice.next;
  const isSeen = seenFor(demand, startMs);
  if (isSeen === 'little') return cautiousChoice;
  // What is late before the constant is there, or of the queue that grew by then, is no fault of it.
  const wasThere = state.chosen.lateBefore !== state.seen.late || (input.signals.oldestWaitMs ?? 0) === 0;
  const isThere = ready >= (state.chosen.constant ?? 0) && wasThere;
  if (!isRound || world === null) return isThere ? state.chosen : { ...state.chosen, lateBefore: seen.late };
  const allowed = allowedLateShare({ terms, ...input });
  const counts = unluckyCounts(seen);
  const lateBefore = isThere ? state.chosen.lateBefore : seen.late;
  const failed = failedConstant({ ...state.chosen, lateBefore }, seen.late, allowed * demand.meanPerSecond, roundMs);
  const constantWithin = (bounds: LateBounds): ConstantFloor | null =>
    // Sleepers are part of a floor, which a constant has not.
    terms.sleep === undefined && failed < terms.maxReplicas
      ? findConstantFloor({ ...world, minReplicas: Math.max(terms.minReplicas, failed + 1) }, bounds)
      : null;
  const known = { failed, lateBefore: seen.late };
  if (isSeen === 'some') {
    const constant = constantWithin({ lateShareAtMost: strictShare * allowed, unluckyCounts: counts });
    const some = constant === null ? cautiousChoice : constantChoice(constant);
    return {
      ...keepForNextBurst(some, world, nextBurst, { lateShareAtMost: strictShare * allowed, unluckyCounts: counts }),
      ...known,
    };
  }
  const { bounds, prices } = rulingOf({ terms, ...input }, seen, demand.meanPerSecond);
  const constant = constantWithin(bounds);
  const whole = withoutPassedOver(choice, world, { bounds, prices, constant });
  const chosen = chooseSettings(whole, bounds, prices, { constant, startMs, coveredMs: demand.coveredMs });
  return { ...keepForNextBurst(chosen, world, nextBurst, bounds), ...known };
}

/** What settings are judged by after what was seen. @param meanPerSecond requests a second of lately */
export function rulingOf(input: PolicyInput, seen: SeenLateness, meanPerSecond: number): Omit<Ruling, 'constant'> {
  const { acceleratorSecondPrice, lateRequestPrice } = input.terms;
  const lateShareAtMost = lateBudget(allowedLateShare(input), seen, meanPerSecond);
  return {
    bounds: { lateShareAtMost, unluckyCounts: unluckyCounts(seen) },
    prices: { acceleratorSecond: acceleratorSecondPrice, lateRequest: lateRequestPrice },
  };
}

export interface Sized {
  readonly forecast: number;
  readonly forDemand: number;
  readonly forBacklog: number;
  readonly floor: number;
  readonly backlog: number;
  /** Replicas (a fraction), inside the terms. */
  readonly wanted: number;
  /** The same were nothing left to spares. */
  readonly withoutSpares: number;
  /** Those chosen, or more careful ones in a surge. */
  readonly settings: SizeSettings;
  /** What the forecast is of where the calendar expects more than the policy itself; else null. */
  readonly calendar: 'season' | 'schedule' | null;
}

function sizeNow(
  { signals, terms, asleep = 0, ahead }: PolicyInput,
  { present, power, startMs, waitMs, spares }: TurnGround,
  now: { readonly demand: Demand; readonly chosen: ChosenSettings; readonly surge: boolean },
): Sized {
  const { expectedPerSecond: expected, soonPerSecond, meanPerSecond, seenPerSecond, peakPerSecond } = now.demand;
  const settings = now.surge ? carefulIn(now.chosen.settings) : now.chosen.settings;
  const tooLong = (signals.oldestWaitMs ?? 0) > waitMs;
  const usual = followed(expected, meanPerSecond, settings.follow, seenPerSecond);
  const own = tooLong ? Math.max(usual, expected) : usual;
  const forecast = Math.max(own, ahead?.ratePerSecond ?? 0);
  const calendar = forecast > own ? (ahead?.why ?? null) : null;
  const backlog = signals.queueDepth ?? 0;
  const { mostPerSecond } = power;
  const forDemand = sizeFor(forecast, settings.safety, power);
  const servedPerSecond = present.ready * mostPerSecond;
  const spareOf = ({ ready, served }: PresentReplicas): number => (ready + served) * mostPerSecond - own;
  const forBacklog = sizeForBacklogWithSpares(
    backlog,
    { servedPerSecond, sparePerSecond: spareOf(present), startMs, waitMs, mostPerSecond },
    spares === null ? noneSoon : { ...spares, sparePerSecond: spareOf(spares.present) },
  );
  const { constant } = now.chosen;
  const peak = (now.chosen.peakFactor ?? 1) * peakPerSecond;
  const floor = constant ?? settings.floorShare * sizeFor(peak, settings.safety, power);
  const needed = forDemand + forBacklog;
  const sized = { forecast, forDemand, forBacklog, floor, backlog, settings, calendar };
  const isUsual = !now.surge && !tooLong && calendar === null;
  // A constant was chosen for what was seen: it gives way to what is new, to what the calendar expects, and to a queue that it does not carry.
  if (constant !== null && isUsual) {
    const wanted = Math.min(Math.max(constant, ahead?.replicas ?? 0), terms.maxReplicas);
    return { ...sized, wanted, withoutSpares: wanted };
  }
  const kept = awakeFloor(floor, needed, { sleep: terms.sleep, asleep, present: present.ready + present.loading });
  const least = Math.max(kept, ahead?.replicas ?? 0);
  const soon = sizeFor(followed(soonPerSecond, meanPerSecond, settings.follow, seenPerSecond), settings.safety, power);
  const left = isUsual && spares !== null ? leaveToSpares(forDemand, soon, spares.free) : 0;
  const within = (replicas: number): number => clamp(Math.max(least, replicas), 0, terms.maxReplicas);
  return { ...sized, wanted: within(needed - left), withoutSpares: within(needed) };
}

const noneSoon = { free: 0, sparePerSecond: 0, startMs: 0 };

/** A rate beyond all that the replays were given: what was chosen by them says nothing of it. */
function carefulIn({ safety, holdStarts, ...settings }: SizeSettings): SizeSettings {
  return { ...settings, safety: Math.max(1, safety), holdStarts: Math.max(1, holdStarts) };
}

/**
 * The last replica stops only where that is allowed, nothing waits or is under way, and nothing came for as long as a start takes: by
 * then its idleness has cost what a start costs, and at the worst twice as much is spent as by who knows when the next one comes
 * (Karlin and others 1988). Whether the objective stands that is for the scaling evidence to prove.
 */
function mayStop(
  { terms, signals, nowMs, starts, ahead }: PolicyInput,
  lastArrivalMs: number | null,
  backlog: number,
): boolean {
  if (terms.minReplicas > 0 || !terms.toZero || isExpecting(ahead, starts)) return false;
  const idle = backlog === 0 && signals.inFlight === 0 && signals.queueDepth !== null;
  return idle && lastArrivalMs !== null && nowMs - lastArrivalMs >= readyTimeMs(starts, startQuantile);
}

/** Whether the calendar states replicas, or expects a request before one that is started now would serve. */
function isExpecting(ahead: PolicyInput['ahead'], starts: PolicyInput['starts']): boolean {
  const { ratePerSecond = 0, replicas = 0 } = ahead ?? {};
  return replicas > 0 || (ratePerSecond * readyTimeMs(starts, startQuantile)) / 1_000 >= 1;
}

export const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));
