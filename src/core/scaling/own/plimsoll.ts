import { meanReadyTimeMs, readyTimeMs } from '../../coldstart/start-times.ts';
import type { Policy, PolicyInput, ScalingDecision } from '../policy.ts';
import {
  beginChoice,
  cautiousChoice,
  replaySome,
  settingsGrid,
  type ChosenSettings,
  type SettingsChoice,
} from './choose-settings.ts';
import { beginHistory, demandOf, observeArrivals, tickMs, type Demand, type DemandHistory } from './demand-history.ts';
import type { PresentReplicas } from './in-flight.ts';
import { restOwn, type PlimsollState } from './rest-own.ts';
import { nothingSeen } from './seen-lateness.ts';
import type { Hold } from './size-rule.ts';
import {
  clamp,
  groundOf,
  periodMs,
  isSilenceReplayed,
  replaysPerDecision,
  startQuantile,
  surgeAgoMs,
  turnOf,
  type Sized,
  type TurnGround,
} from './turn.ts';

/** A start is this many buckets long, so that a replay of a bounded history spans many starts. */
const bucketsPerStart = 6;
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
    const { signals } = input;
    const ground = groundOf(input);
    const { startMs, horizonMs, waitMs, present } = ground;
    const lookout = { horizonMs, passingMs: waitMs };
    const history = observeArrivals(fitted(state.history, startMs), signals.atMs, signals.arrivalsPerSecond, lookout);
    if (signals.arrivalsPerSecond === null && signals.queueDepth === null)
      return unknown(input, state, history, present);
    const demand = demandOf(history, horizonMs, surgeAgoMs(ground));
    const choice = replayed(state.choice, history, { input, ground, demand });
    const before = { ...state, seenMs: state.history.seenMs };
    const turn = turnOf(input, before, ground, { demand, choice, lastArrivalMs: history.lastArrivalMs });
    const { seen, chosen, size, hold, desired, asleep } = turn;
    const decision = describe(input, { ...size, present, chosen, desired, asleep, hold, horizonMs });
    return { decision, state: { history, choice, seen, chosen, hold, desired } };
  },

  rest: restOwn,
};

/** Buckets that suit the start; a start of another order of magnitude begins the history anew. */
function fitted(history: DemandHistory, startMs: number): DemandHistory {
  const ticks = Math.max(1, Math.round(startMs / bucketsPerStart / tickMs));
  const ratio = ticks / history.ticksPerBucket;
  return ratio > 2 || ratio < 0.5 ? beginHistory(ticks) : history;
}

function replayed(
  choice: SettingsChoice,
  history: DemandHistory,
  { input, ground, demand }: { readonly input: PolicyInput; readonly ground: TurnGround; readonly demand: Demand },
): SettingsChoice {
  const { arrivals, expected, ticksPerBucket } = history;
  const { minReplicas, maxReplicas, sleep } = input.terms;
  // Where replicas may sleep, silence is what sleep is worth in: it is replayed to its end.
  const stands = sleep === undefined && isSilenceReplayed(input.signals.atMs, history.lastArrivalMs);
  if (arrivals.length === 0 || stands) return choice;
  const { horizonMs: startMs, waitMs, power } = ground;
  const { meanPerSecond, peakPerSecond } = demand;
  // Services are taken for exponential, arrivals at most for Poisson: what is burstier than that the replay sees by itself.
  const variability = (1 + Math.min(1, history.dispersion)) / 2;
  const world = {
    bucketMs: ticksPerBucket * tickMs,
    arrivals,
    expected,
    peakPerSecond,
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
  { terms, signals, ahead }: PolicyInput,
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
  const by = told.calendar === null ? '' : ` by the ${told.calendar}`;
  const stated = ahead?.replicas ?? 0;
  const why = [
    `${forecast.toFixed(1)} requests/s expected in ${Math.round(horizonMs / 1_000)} s${by} want ${forDemand.toFixed(2)}`,
    ...(stated > forDemand + forBacklog ? [`the schedule states ${stated}`] : []),
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
      ...(ahead === undefined || ahead === null ? {} : { calendarPerSecond: ahead.ratePerSecond }),
    },
  };
}
