import { replicaPower, type ReplicaPower } from '../../capacity/replica-power.ts';
import { readyTimeMs } from '../../coldstart/start-times.ts';
import {
  beginChoice,
  cautiousSettings,
  chooseSettings,
  replaySome,
  settingsGrid,
  type ChosenSettings,
  type SettingsChoice,
} from '../own/choose-settings.ts';
import {
  beginHistory,
  expectedRate,
  meanRate,
  observeArrivals,
  seenRate,
  tickMs,
  type DemandHistory,
} from '../own/demand-history.ts';
import { heldPower } from '../own/held-power.ts';
import { presentReplicas, type PresentReplicas } from '../own/in-flight.ts';
import { followed, peakSize } from '../own/replay.ts';
import { holdDown, sizeFor, sizeForBacklog, withoutGivingUp, type Hold } from '../own/size-rule.ts';
import { lateBudget, nothingSeen, observeLateness, unluckyCounts, type SeenLateness } from '../own/seen-lateness.ts';
import type { Policy, PolicyInput, ScalingDecision } from '../policy.ts';

export interface PlimsollState {
  readonly history: DemandHistory;
  readonly choice: SettingsChoice;
  readonly seen: SeenLateness;
  /** Share of the requests that the replay of the settings in use called unlucky. */
  readonly foretoldShare: number;
  readonly hold: Hold | null;
  /** What was decided last: where nothing is known it stands. */
  readonly desired: number | null;
}

const periodMs = tickMs;
/** A start is this many buckets long, so that a replay of a bounded history spans many starts. */
const bucketsPerStart = 6;
/** Replays of one decision: the whole grid in four and a half minutes. */
const replaysPerDecision = 2;
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
    foretoldShare: 0,
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
    const seen = seenNow(input, state, waitMs);
    const choice = replayed(state.choice, history, { input, power, startMs: horizonMs, waitMs });
    const chosen = enough(history, startMs)
      ? chooseSettings(
          choice,
          { lateShareAtMost: lateBudget(allowedLateShare(input), seen), unluckyCounts: unluckyCounts(seen) },
          {
            acceleratorSecond: terms.acceleratorSecondPrice,
            lateRequest: terms.lateRequestPrice,
          },
        )
      : { settings: cautiousSettings, score: null };
    const size = sizeNow(input, { history, present, power, startMs, horizonMs, waitMs, chosen });
    const before = state.hold ?? { replicas: present.ready + present.loading, below: null };
    const carries = Math.min(terms.maxReplicas, sizeFor(history.level, 0, power));
    const hold = holdDown(
      before,
      withoutGivingUp(before, size.wanted, carries),
      nowMs,
      chosen.settings.holdStarts * startMs,
    );
    const asked = Math.ceil(hold.replicas - 1e-9) + present.overdue;
    const desired = mayStop(input, history, size.backlog)
      ? Math.min(terms.warmPool, terms.maxReplicas)
      : clamp(asked + terms.warmPool, Math.max(1, terms.minReplicas), terms.maxReplicas);
    const decision = describe(input, { ...size, present, chosen, desired, hold, horizonMs });
    return { decision, state: { history, choice, seen, foretoldShare: foretold(chosen), hold, desired } };
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

function seenNow({ signals }: PolicyInput, state: PlimsollState, waitMs: number): SeenLateness {
  const elapsedMs = state.history.seenMs === null ? 0 : Math.max(0, signals.atMs - state.history.seenMs);
  const arrivals = ((signals.arrivalsPerSecond ?? 0) * elapsedMs) / 1_000;
  return observeLateness(state.seen, {
    elapsedMs,
    arrivals,
    tooLong: (signals.oldestWaitMs ?? 0) > waitMs,
    foretoldShare: state.foretoldShare,
  });
}

const foretold = ({ score }: ChosenSettings): number =>
  score === null || score.arrivals === 0 ? 0 : score.unlucky / score.arrivals;

function enough({ arrivals, ticksPerBucket }: DemandHistory, startMs: number): boolean {
  return arrivals.length * ticksPerBucket * tickMs >= Math.max(leastHistoryMs, leastHistoryStarts * startMs);
}

function replayed(
  choice: SettingsChoice,
  history: DemandHistory,
  { input, power, startMs, waitMs }: { input: PolicyInput; power: ReplicaPower; startMs: number; waitMs: number },
): SettingsChoice {
  const { arrivals, expected, ticksPerBucket } = history;
  if (arrivals.length === 0) return choice;
  const { minReplicas, maxReplicas } = input.terms;
  const [bucketMs, meanPerSecond] = [ticksPerBucket * tickMs, meanRate(history)];
  // Services are taken for exponential, arrivals at most for Poisson: what is burstier than that the replay sees by itself.
  const variability = (1 + Math.min(1, history.dispersion)) / 2;
  const world = {
    bucketMs,
    arrivals,
    expected,
    meanPerSecond,
    variability,
    power,
    startMs,
    waitMs,
    minReplicas,
    maxReplicas,
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
}

function sizeNow(
  { signals, terms }: PolicyInput,
  now: {
    readonly history: DemandHistory;
    readonly present: PresentReplicas;
    readonly power: ReplicaPower;
    readonly startMs: number;
    readonly horizonMs: number;
    readonly waitMs: number;
    readonly chosen: ChosenSettings;
  },
): Sized {
  const { history, present, power, startMs, horizonMs, waitMs } = now;
  const { settings } = now.chosen;
  const expected = expectedRate(history, horizonMs);
  const pastHolds = (signals.oldestWaitMs ?? 0) <= waitMs && expected <= seenRate(history, 2 * horizonMs);
  const forecast = followed(expected, meanRate(history), settings.follow, !pastHolds);
  const backlog = signals.queueDepth ?? 0;
  const spare = (present.ready + present.arriving) * power.mostPerSecond - forecast;
  const forDemand = sizeFor(forecast, settings.safety, power);
  const forBacklog = sizeForBacklog(backlog, spare, startMs, waitMs, power.mostPerSecond);
  const floor = settings.floorShare * peakSize(history.expected, settings.safety, power);
  const wanted = clamp(Math.max(floor, forDemand + forBacklog), 0, terms.maxReplicas);
  return { forecast, forDemand, forBacklog, floor, backlog, wanted };
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
    readonly hold: Hold;
    readonly horizonMs: number;
  },
): ScalingDecision {
  const { forecast, forDemand, forBacklog, floor, wanted, backlog, present, chosen, desired, hold, horizonMs } = told;
  const { safety, follow, floorShare, holdStarts } = chosen.settings;
  const why = [
    `${forecast.toFixed(1)} requests/s expected in ${Math.round(horizonMs / 1_000)} s want ${forDemand.toFixed(2)}`,
    ...(forBacklog > 0 ? [`${Math.round(backlog)} waiting want ${forBacklog.toFixed(2)} more`] : []),
    ...(floor > forDemand + forBacklog ? [`the floor of lately is ${floor.toFixed(2)}`] : []),
    ...(hold.replicas > wanted ? [`${hold.replicas.toFixed(2)} held until less was wanted for long enough`] : []),
    ...(present.overdue > 0 ? [`${present.overdue} starts are overdue and replaced`] : []),
    ...(terms.warmPool > 0 ? [`${terms.warmPool} kept warm`] : []),
  ];
  return {
    desired,
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
