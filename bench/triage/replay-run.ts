import type { FeatureValue } from '../../src/core/monitoring/detectors/control-learners.ts';
import { takeLabelEvidence } from '../../src/core/monitoring/labels/label-evidence.ts';
import {
  beginLabels,
  maturePart,
  takeMature,
  type LabelledPrediction,
  type LabelState,
} from '../../src/core/monitoring/labels/label-state.ts';
import { emptyReplays, type ReplayState } from '../../src/core/monitoring/replay/replay-state.ts';
import { dueReplicas, seeReplicas } from '../../src/core/monitoring/replay/schedule.ts';
import { goldenOf, observeReplays, takeReplay, tellReplays } from '../../src/core/monitoring/replay/take-replay.ts';
import type { TriageAnswer } from '../../src/core/monitoring/triage/answer.ts';
import type { Change, FileFinding, ReplicaGolden } from '../../src/core/monitoring/triage/observations.ts';
import { isLookDue } from '../../src/core/monitoring/triage/look-again.ts';
import { settleMs } from '../../src/core/monitoring/triage/reading.ts';
import { triage } from '../../src/core/monitoring/triage/triage.ts';
import {
  emptyDrift,
  type DriftState,
  type LeftReference,
  type OpenAlarm,
  type WatchedRow,
} from '../../src/core/monitoring/watch/drift-state.ts';
import {
  findAgain,
  newestAlarmMs,
  observeAlarm,
  observeLeft,
  withDiagnosis,
  withLeftDiagnosis,
} from '../../src/core/monitoring/watch/alarm/observe-alarm.ts';
import {
  findLeftReference,
  learnDistance,
  restartDistance,
} from '../../src/core/monitoring/watch/windows/reference-distance.ts';
import { chooseBets, isChoiceDue, observeRow, tickDrift } from '../../src/core/monitoring/watch/step-drift.ts';
import type { DriftWindow } from '../../src/core/monitoring/watch/windows/windows.ts';
import { seededRandom, type Random } from '../../src/core/statistics/random.ts';
import { healthyService, stepHistory, valuesOf, withFault, type RecordedService } from './recorded-service.ts';
import type { Scenario } from './scenarios.ts';
import type { Signals } from './signals.ts';

/** An answer of triage other than the one before it, with the time since the fault. */
export interface GivenAnswer {
  readonly of: string;
  readonly afterMs: number;
  readonly answer: TriageAnswer;
}

/** All that the control plane remembers of a service; nothing in it is changed in place. */
export interface Watched {
  readonly drift: DriftState;
  readonly windows: readonly DriftWindow[];
  readonly replays: ReplayState;
  readonly labels: LabelState;
  /** Predictions that are not mature. */
  readonly waiting: readonly LabelledPrediction[];
  readonly changes: readonly Change[];
  readonly rows: number;
  readonly nowMs: number;
  readonly lookedMs: number;
}

const startMs = 1_000_000_000_000;
const rowMs = 50;
/** Captured rows are recorded together every two seconds, as in the control plane. */
const batchRows = 40;
const lookEveryMs = 15_000;
const schedule = { everyMs: 300_000, atMostShare: 1 };
const controlShare = 0.5;
const labelledShare = 0.9;

/** A service that was watched for so many rows, and in which nothing was wrong. */
export function watchHealthy(signals: Signals, of: Pick<Scenario, 'happens'>, seed: number, rows: number): Watched {
  const service = healthyService(signals, of);
  let watched: Watched = {
    ...{ drift: emptyDrift, windows: [], replays: emptyReplays, labels: beginLabels(service.labelPlan), waiting: [] },
    ...{ changes: [], rows: 0, nowMs: startMs, lookedMs: -Infinity },
  };
  const random = seededRandom(seed);
  for (let row = 0; row < rows; row += batchRows)
    watched = stepBatch(watched, service, signals, random, () => undefined);
  return watched;
}

/** Everything that triage said from the fault on. */
export function replayScenario(
  signals: Signals,
  scenario: Scenario,
  before: Watched,
  seed: number,
): readonly GivenAnswer[] {
  const random = seededRandom(seed);
  const answers: GivenAnswer[] = [];
  const beganMs = before.nowMs;
  const healthy = healthyService(signals, scenario);
  let { service, changes } = withFault(healthy, scenario, beganMs, random);
  let watched: Watched = { ...before, changes: [...before.changes, ...changes] };
  const given = new Map<string, string>();
  const say = (of: string, answer: TriageAnswer, nowMs: number): void => {
    const text = JSON.stringify(answer);
    if (given.get(of) === text) return;
    given.set(of, text);
    answers.push({ of, afterMs: nowMs - beganMs, answer });
  };
  for (let row = 0; row < scenario.rows; row += batchRows) {
    const step = stepHistory(service, scenario, row, watched.nowMs);
    if (step !== null) {
      ({ service, changes } = step);
      const isAnother = service.terms.release !== watched.drift.release;
      const labels = isAnother && service.next.length === 0 ? beginLabels(service.labelPlan) : watched.labels;
      watched = { ...watched, labels, changes: [...watched.changes, ...changes] };
    }
    watched = stepBatch(watched, service, signals, random, say);
  }
  return answers;
}

type Say = (of: string, answer: TriageAnswer, nowMs: number) => void;

/** What the control plane does with one batch of captured rows, in its order: rows, distances, labels, budget, replays, triage. */
function stepBatch(before: Watched, service: RecordedService, signals: Signals, random: Random, say: Say): Watched {
  const { terms } = service;
  const windows = [...before.windows];
  const rows: WatchedRow[] = [];
  const waiting = [...before.waiting];
  let { drift } = before;
  for (let at = 0; at < batchRows; at += 1) {
    const seq = before.rows + at + 1;
    const { row, label } = drawRow(service, signals, random, seq, before.nowMs + (at + 1) * rowMs);
    const step = observeRow(drift, row, terms);
    drift = step.state;
    if (step.closed !== null) {
      windows.push(step.closed);
      if (isChoiceDue(drift)) drift = chooseBets(drift, windows);
    }
    rows.push(row);
    waiting.push(predictionOf(row, seq, label, random));
  }
  const nowMs = before.nowMs + batchRows * rowMs;
  const mature = maturePart(waiting, service.labelPlan.withinMs, nowMs);
  const bets = takeLabelEvidence(takeMature(before.labels, mature, nowMs), nowMs);
  const learned = findLeftReference(learnDistance(drift, rows, terms, nowMs), terms, nowMs);
  const ticked = tickDrift(learned.state, nowMs, terms, { plan: bets.state.plan, evidence: bets.evidence });
  const isOfLabels = ticked.alarm !== null && ['accuracy', 'quality'].includes(ticked.alarm.name);
  drift = ticked.alarm !== null && !isOfLabels ? restartDistance(ticked.state) : ticked.state;
  const next: Watched = {
    ...{ drift, windows, nowMs, labels: bets.state, waiting: waiting.slice(mature.length) },
    ...{ changes: before.changes, replays: before.replays, rows: before.rows + batchRows, lookedMs: before.lookedMs },
  };
  return lookForCauses(replayDue(next, service, say), service, say);
}

function drawRow(service: RecordedService, signals: Signals, random: Random, seq: number, atMs: number) {
  const image = drawImage(service, signals.labels, random);
  const isDrawn = random.nextShare() < controlShare;
  const eligible = [...service.replicas, ...service.next];
  const label = signals.labels[image] ?? 0;
  const isSkewed = service.skewsRouting && !isDrawn && label >= 5;
  const replica = eligible[isSkewed ? 0 : random.nextBelow(eligible.length)] ?? eligible[0];
  if (replica === undefined) throw new Error('a service has a replica');
  const model = replica.release === service.terms.release ? service.model : service.nextModel;
  const control = isDrawn
    ? {
        eligible: eligible.map(({ replicaId, release }) => ({
          replicaId,
          release,
          propensityShare: 1 / eligible.length,
        })),
        ...{ drawn: replica.replicaId, outcome: 'answered' as const },
      }
    : null;
  const row: WatchedRow = {
    ...{ requestId: String(seq), atMs, release: replica.release, replicaId: replica.replicaId, isAnswered: true },
    ...{ features: model.features, inputGroups: ['image'], unit: null, control },
    values: valuesOf(model, replica.engine, service.sent, image),
  };
  return { row, label: service.swapsLabels ? 9 - label : label };
}

function drawImage({ favoured }: RecordedService, labels: readonly number[], random: Random): number {
  const isFavoured = favoured !== null && random.nextShare() < favoured.share;
  for (;;) {
    const at = random.nextBelow(labels.length);
    if (!isFavoured || favoured.digits.includes(labels[at] ?? 0)) return at;
  }
}

function predictionOf(row: WatchedRow, seq: number, label: number, random: Random): LabelledPrediction {
  const isLabelled = random.nextShare() < labelledShare;
  const { requestId, atMs, release, replicaId, values } = row;
  const confidence = values['probabilities.confidence'];
  return {
    ...{ seq, requestId, atMs, release, replicaId, prediction: textOf(values['probabilities.class']) },
    confidence: typeof confidence === 'number' ? confidence : null,
    truth: isLabelled ? { label: String(label) } : null,
    labelledAtMs: isLabelled ? atMs + random.nextBelow(100_000) : null,
  };
}

const textOf = (value: FeatureValue | undefined): string => (typeof value === 'string' ? value : '');

/** The schedule of golden replays; who diverges is told, with its cause, as soon as its peers were replayed. */
function replayDue(before: Watched, service: RecordedService, say: Say): Watched {
  const { nowMs } = before;
  let replays = seeReplicas(before.replays, service.replicas, schedule, nowMs);
  const [due] = dueReplicas(replays, schedule, nowMs);
  if (due === undefined) return { ...before, replays };
  replays = replayOne(replays, due.replicaId, service, nowMs);
  const [fresh] = tellReplays(replays, nowMs).news;
  if (fresh?.kind === 'diverged') replays = replayStale(replays, service, nowMs, fresh.replica.sinceMs);
  const { state, news } = tellReplays(replays, nowMs);
  if (news.some(({ kind }) => kind === 'diverged')) {
    const observed = observeReplays(state, changesSince(before, nowMs - settleMs), nowMs);
    const changes = changesSince(before, observed.onset.fromMs);
    say('golden replays', triage({ ...observed, changes, files: filesOf(service) }), nowMs);
  }
  return { ...before, replays: state };
}

function replayOne(state: ReplayState, replicaId: string, service: RecordedService, atMs: number): ReplayState {
  const replica = service.replicas.find((each) => each.replicaId === replicaId);
  const passes = replica !== undefined && service.model.passes[replica.engine] === true;
  const outcome = { atMs, path: 'gateway', requests: 64, busyMs: 50, reason: passes ? '' : 'a value differs' } as const;
  const verdict = passes ? ('pass' as const) : ('fail' as const);
  return takeReplay(state, replicaId, { ...outcome, verdict, replays: passes ? 1 : 2 }, schedule);
}

function replayStale(state: ReplayState, service: RecordedService, nowMs: number, sinceMs: number): ReplayState {
  const stale = state.replicas.filter(
    ({ goneAtMs, recent }) => goneAtMs === null && (recent.at(-1)?.atMs ?? 0) < sinceMs,
  );
  return stale.reduce((next, { replicaId }) => replayOne(next, replicaId, service, nowMs), state);
}

/** Each open alarm, and live data that left its reference, is looked at as the control plane does it. */
function lookForCauses(before: Watched, service: RecordedService, say: Say): Watched {
  const { nowMs } = before;
  const { alarms, left = null } = before.drift;
  const isDue = (each: OpenAlarm | LeftReference): boolean => isLookDue(each, newestAlarmMs(before.drift), nowMs);
  const open = alarms.filter(isDue);
  const openLeft = left !== null && isDue(left) ? left : null;
  if ((open.length === 0 && openLeft === null) || nowMs - before.lookedMs < lookEveryMs) return before;
  const replays = tellReplays(replayStale(before.replays, service, nowMs, nowMs - 10_000), nowMs).state;
  let { drift } = before;
  const seen = (sinceMs: number) => seenOf(before, service, goldenOf(replays), sinceMs);
  for (const alarm of open) {
    const found = findAgain(alarm, observeAlarm(drift, alarm, service.terms, seen(alarm.sinceMs)), nowMs);
    drift = withDiagnosis(drift, alarm, found);
    say(`alarm of ${alarm.kind} ${alarm.name}`, found.diagnosis, nowMs);
  }
  if (openLeft !== null) {
    const found = findAgain(openLeft, observeLeft(drift, openLeft, service.terms, seen(openLeft.sinceMs)), nowMs);
    drift = withLeftDiagnosis(drift, openLeft, found);
    say('live data left its reference', found.diagnosis, nowMs);
  }
  return { ...before, drift, replays, lookedMs: nowMs };
}

function seenOf(watched: Watched, service: RecordedService, golden: readonly ReplicaGolden[], sinceMs: number) {
  return {
    ...{ golden, changes: changesSince(watched, sinceMs), files: filesOf(service), nodeEvents: [] },
    labels: watched.labels,
  };
}

const changesSince = ({ changes }: Watched, sinceMs: number): readonly Change[] =>
  changes.filter(({ atMs }) => atMs >= sinceMs - settleMs);

const filesOf = ({ replicas, files }: RecordedService): readonly FileFinding[] =>
  replicas.map(({ replicaId }) => ({ replicaId, verdict: files }));
