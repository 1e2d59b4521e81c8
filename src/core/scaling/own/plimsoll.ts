import { replicaPower, type ReplicaPower } from '../../capacity/replica-power.ts';
import { meanReadyTimeMs, readyTimeMs } from '../../coldstart/start-times.ts';
import {
  beginChoice,
  cautiousChoice,
  chooseSettings,
  replaySome,
  settingsGrid,
  type ChosenSettings,
  type SettingsChoice,
} from './choose-settings.ts';
import {
  beginHistory,
  expectedRate,
  meanRate,
  observeArrivals,
  seenRate,
  tickMs,
  type DemandHistory,
} from './demand-history.ts';
import { heldPower } from './held-power.ts';
import { presentReplicas, type PresentReplicas } from './in-flight.ts';
import { followed, peakRate } from './replay.ts';
import { asleepFor, awakeFloor, holdDown, sizeFor, sizeForBacklog, withoutGivingUp, type Hold } from './size-rule.ts';
import type { SizeSettings } from './size-rule.ts';
import { lateBudget, nothingSeen, observeLateness, unluckyCounts, type SeenLateness } from './seen-lateness.ts';
import type { Policy, PolicyInput, ScalingDecision } from '../policy.ts';

export interface PlimsollState {
  readonly history: DemandHistory;
  readonly choice: SettingsChoice;
  readonly seen: SeenLateness;
  /** Settings in use, and their replay. */
  readonly chosen: ChosenSettings;
  readonly hold: Hold | null;
  /** What was decided last: where nothing is known it stands. */
  readonly desired: number | null;
}

const periodMs = tickMs;
/** A start is this many buckets long, so that a replay of a bounded history spans many starts. */
const bucketsPerStart = 6;
/** Replays of one decision: the whole grid in four and a half minutes. */
const replaysPerDecision = 3;
/** The whole grid once, replayed. */
const roundMs = (settingsGrid.length / replaysPerDecision) * periodMs;
/** More than all that was seen, by this factor, is a surge: a record of noise or of a slow growth is not. */
const surgeShare = 1.25;
/** Settings are chosen by what was seen only once that is this many starts and this long. */
const leastHistoryStarts = 10;
const leastHistoryMs = 300_000;
/** The start that capacity is ordered ahead by: its upper quantile, because a late start is what hurts. */
const startQuantile = 0.9;

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
    history: beginHistory(1),
    choice: beginChoice(),
    seen: nothingSeen,
    chosen: cautiousChoice,
    hold: null,
    desired: null,
  }),

  decide(input, state) {
    const { signals, terms, starts, nowMs, capacity } = input;
    const startMs = readyTimeMs(starts, startQuantile);
    // What is decided now was seen a while ago, and is decided again after a period.
    const horizonMs = startMs + periodMs + Math.max(0, nowMs - signals.atMs);
    const waitMs = allowedWaitMs(terms.latencyMs, replicaPower(capacity));
    const power = heldPower(capacity, 1 - terms.attainmentShare, waitMs);
    const lookout = { horizonMs, passingMs: waitMs };
    const history = observeArrivals(fitted(state.history, startMs), signals.atMs, signals.arrivalsPerSecond, lookout);
    const present = presentReplicas(input.replicas, starts, nowMs, horizonMs);
    if (signals.arrivalsPerSecond === null && signals.queueDepth === null)
      return unknown(input, state, history, present);
    const seenPerSecond = seenRate(history, 2 * horizonMs + roundMs);
    const surge = expectedRate(history, horizonMs) > surgeShare * seenPerSecond;
    const seen = seenNow(input, state, { waitMs, surge });
    const choice = replayed(state.choice, history, { input, power, startMs: horizonMs, waitMs });
    const chosen = chosenNow(input, state, { history, choice, seen, startMs });
    const size = sizeNow(input, { history, present, power, startMs, horizonMs, waitMs, chosen, seenPerSecond, surge });
    const before = state.hold ?? { replicas: present.ready + present.loading, below: null };
    const carries = Math.min(terms.maxReplicas, sizeFor(history.level, 0, power));
    const hold = holdDown(
      before,
      withoutGivingUp(before, size.wanted, carries),
      nowMs,
      size.settings.holdStarts * startMs,
    );
    const asked = Math.ceil(hold.replicas - 1e-9) + present.overdue;
    const desired = mayStop(input, history, size.backlog)
      ? Math.min(terms.warmPool, terms.maxReplicas)
      : clamp(asked + terms.warmPool, Math.max(1, terms.minReplicas), terms.maxReplicas);
    const asleep = asleepFor(Math.min(terms.maxReplicas, size.floor), desired - terms.warmPool, terms.sleep);
    const decision = describe(input, { ...size, present, chosen, desired, asleep, hold, horizonMs });
    return { decision, state: { history, choice, seen, chosen, hold, desired } };
  },
};

/** Buckets that suit the start; a start of another order of magnitude begins the history anew. */
function fitted(history: DemandHistory, startMs: number): DemandHistory {
  const ticks = Math.max(1, Math.round(startMs / bucketsPerStart / tickMs));
  const ratio = ticks / history.ticksPerBucket;
  return ratio > 2 || ratio < 0.5 ? beginHistory(ticks) : history;
}

/** What may pass before a request is begun so that it is still in time: one and a half times its mean is left for the work. */
function allowedWaitMs(latencyMs: number, { workMs }: ReplicaPower): number {
  return Math.max(latencyMs / 10, latencyMs - 1.5 * workMs);
}

/** What is left of the allowed lateness when the requests are taken out that are late without ever waiting. */
function allowedLateShare({ terms, capacity }: PolicyInput): number {
  const allowed = 1 - terms.attainmentShare;
  return Math.max(allowed / 10, allowed - (capacity.aloneLateShare ?? 0));
}

/** Only what was late under settings that a replay chose, and not in a surge, is anything to hold a replay against. */
function seenNow(
  { signals }: PolicyInput,
  { history, seen, chosen }: PlimsollState,
  { waitMs, surge }: { readonly waitMs: number; readonly surge: boolean },
): SeenLateness {
  const elapsedMs = history.seenMs === null ? 0 : Math.max(0, signals.atMs - history.seenMs);
  if (chosen.score === null || surge) return seen;
  return observeLateness(seen, {
    elapsedMs,
    arrivals: ((signals.arrivalsPerSecond ?? 0) * elapsedMs) / 1_000,
    tooLong: (signals.oldestWaitMs ?? 0) > waitMs,
    foretoldShare: foretold(chosen),
  });
}

const foretold = ({ score }: ChosenSettings): number =>
  score === null || score.arrivals === 0 ? 0 : score.unlucky / score.arrivals;

function enough({ arrivals, ticksPerBucket }: DemandHistory, startMs: number): boolean {
  return arrivals.length * ticksPerBucket * tickMs >= Math.max(leastHistoryMs, leastHistoryStarts * startMs);
}

/**
 * Chosen when the whole grid was replayed anew, and kept until it is again: scores of one round are of nearly the same history,
 * those of two are not, and settings that change in the middle of a surge take down what was just ordered.
 */
function chosenNow(
  { terms, ...input }: PolicyInput,
  state: PlimsollState,
  now: {
    readonly history: DemandHistory;
    readonly choice: SettingsChoice;
    readonly seen: SeenLateness;
    readonly startMs: number;
  },
): ChosenSettings {
  const { history, choice, seen, startMs } = now;
  if (!enough(history, startMs)) return cautiousChoice;
  if (choice.next >= state.choice.next) return state.chosen;
  const bounds = {
    lateShareAtMost: lateBudget(allowedLateShare({ terms, ...input }), seen, meanRate(history)),
    unluckyCounts: unluckyCounts(seen),
  };
  return chooseSettings(choice, bounds, {
    acceleratorSecond: terms.acceleratorSecondPrice,
    lateRequest: terms.lateRequestPrice,
  });
}

function replayed(
  choice: SettingsChoice,
  history: DemandHistory,
  { input, power, startMs, waitMs }: { input: PolicyInput; power: ReplicaPower; startMs: number; waitMs: number },
): SettingsChoice {
  const { arrivals, expected, ticksPerBucket } = history;
  if (arrivals.length === 0) return choice;
  const { minReplicas, maxReplicas, sleep } = input.terms;
  const [bucketMs, meanPerSecond] = [ticksPerBucket * tickMs, meanRate(history)];
  // Services are taken for exponential, arrivals at most for Poisson: what is burstier than that the replay sees by itself.
  const variability = (1 + Math.min(1, history.dispersion)) / 2;
  const world = {
    bucketMs,
    arrivals,
    expected,
    peakPerSecond: peakRate(expected),
    meanPerSecond,
    variability,
    power,
    startMs,
    meanStartMs: startMs - readyTimeMs(input.starts, startQuantile) + meanReadyTimeMs(input.starts),
    waitMs,
    minReplicas,
    maxReplicas,
    ...(sleep === undefined ? {} : { sleep }),
  };
  return replaySome(choice, world, Math.min(replaysPerDecision, settingsGrid.length));
}

interface Sized {
  readonly forecast: number;
  readonly forDemand: number;
  readonly forBacklog: number;
  readonly floor: number;
  readonly backlog: number;
  /** Replicas (a fraction), inside the terms. */
  readonly wanted: number;
  /** Those chosen, or more careful ones in a surge. */
  readonly settings: SizeSettings;
}

function sizeNow(
  { signals, terms, asleep = 0 }: PolicyInput,
  now: {
    readonly history: DemandHistory;
    readonly present: PresentReplicas;
    readonly power: ReplicaPower;
    readonly startMs: number;
    readonly horizonMs: number;
    readonly waitMs: number;
    readonly chosen: ChosenSettings;
    readonly seenPerSecond: number;
    readonly surge: boolean;
  },
): Sized {
  const { history, present, power, startMs, horizonMs, waitMs, surge } = now;
  const expected = expectedRate(history, horizonMs);
  const settings = surge ? carefulIn(now.chosen.settings) : now.chosen.settings;
  const tooLong = (signals.oldestWaitMs ?? 0) > waitMs;
  const usual = followed(expected, meanRate(history), settings.follow, now.seenPerSecond);
  const forecast = tooLong ? Math.max(usual, expected) : usual;
  const backlog = signals.queueDepth ?? 0;
  const { mostPerSecond } = power;
  const forDemand = sizeFor(forecast, settings.safety, power);
  const forBacklog = sizeForBacklog(backlog, {
    servedPerSecond: present.ready * mostPerSecond,
    sparePerSecond: (present.ready + present.served) * mostPerSecond - forecast,
    startMs,
    waitMs,
    mostPerSecond,
  });
  const floor = settings.floorShare * sizeFor(peakRate(history.expected), settings.safety, power);
  const demand = forDemand + forBacklog;
  const kept = awakeFloor(floor, demand, { sleep: terms.sleep, asleep, present: present.ready + present.loading });
  const wanted = clamp(Math.max(kept, demand), 0, terms.maxReplicas);
  return { forecast, forDemand, forBacklog, floor, backlog, wanted, settings };
}

/** A rate beyond all that the replays were given: what was chosen by them says nothing of it. */
function carefulIn({ safety, holdStarts, ...settings }: SizeSettings): SizeSettings {
  return { ...settings, safety: Math.max(1, safety), holdStarts: Math.max(1, holdStarts) };
}

/**
 * The last replica stops only where that is allowed, nothing waits or is under way, and nothing came for as long as a start takes: by
 * then its idleness has cost what a start costs, and at the worst twice as much is spent as by who knows when the next one comes
 * (Karlin and others 1988). Whether the objective stands that is for the scaling evidence to prove.
 */
function mayStop({ terms, signals, nowMs, starts }: PolicyInput, history: DemandHistory, backlog: number): boolean {
  if (terms.minReplicas > 0 || !terms.toZero) return false;
  const idle = backlog === 0 && signals.inFlight === 0 && signals.queueDepth !== null;
  return idle && history.lastArrivalMs !== null && nowMs - history.lastArrivalMs >= readyTimeMs(starts, startQuantile);
}

/** Where neither arrivals nor a queue are known the last number stands: the safe one. */
function unknown(
  { terms, nowMs }: PolicyInput,
  state: PlimsollState,
  history: DemandHistory,
  present: PresentReplicas,
): { decision: ScalingDecision; state: PlimsollState } {
  const desired = clamp(state.desired ?? present.ready + present.loading, terms.minReplicas, terms.maxReplicas);
  const reason = `neither arrivals nor a queue are known, so the last number stands: ${desired}`;
  const hold =
    state.hold === null ? null : { ...state.hold, below: state.hold.below && { ...state.hold.below, sinceMs: nowMs } };
  return { decision: { desired, reason, terms: {} }, state: { ...state, history, hold, desired } };
}

function describe(
  { terms, signals }: PolicyInput,
  told: Sized & {
    readonly present: PresentReplicas;
    readonly chosen: ChosenSettings;
    readonly desired: number;
    readonly asleep: number;
    readonly hold: Hold;
    readonly horizonMs: number;
  },
): ScalingDecision {
  const { forecast, forDemand, forBacklog, floor, wanted, backlog, present, chosen, desired, asleep, hold, horizonMs } =
    told;
  const { safety, follow, floorShare, holdStarts } = told.settings;
  const why = [
    `${forecast.toFixed(1)} requests/s expected in ${Math.round(horizonMs / 1_000)} s want ${forDemand.toFixed(2)}`,
    ...(forBacklog > 0 ? [`${Math.round(backlog)} waiting want ${forBacklog.toFixed(2)} more`] : []),
    ...(floor > forDemand + forBacklog ? [`the floor of lately is ${floor.toFixed(2)}`] : []),
    ...(hold.replicas > wanted ? [`${hold.replicas.toFixed(2)} held until less was wanted for long enough`] : []),
    ...(present.overdue > 0 ? [`${present.overdue} starts are overdue and replaced`] : []),
    ...(terms.warmPool > 0 ? [`${terms.warmPool} kept warm`] : []),
    ...(asleep > 0 ? [`${asleep} of the floor asleep`] : []),
  ];
  return {
    desired,
    ...(terms.sleep === undefined ? {} : { asleep }),
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
      queueDepth: signals.queueDepth,
      safety,
      follow,
      floorShare,
      holdStarts,
      replayedLateShare:
        chosen.score === null ? null : (chosen.score.late + chosen.score.unlucky) / Math.max(1, chosen.score.arrivals),
    },
  };
}

const clamp = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));
