import type { FastifyBaseLogger } from 'fastify';
import type { TriageAnswer } from '../../core/monitoring/triage/answer.ts';
import type { Observations } from '../../core/monitoring/triage/observations.ts';
import { isLookDue } from '../../core/monitoring/triage/look-again.ts';
import {
  emptyDrift,
  type DriftState,
  type LeftReference,
  type OpenAlarm,
} from '../../core/monitoring/watch/drift-state.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import {
  findAgain,
  newestAlarmMs,
  observeAlarm,
  observeLeft,
  withDiagnosis,
  withLeftDiagnosis,
  type Found,
  type SeenOfAlarm,
} from '../../core/monitoring/watch/alarm/observe-alarm.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import type { ReplicaInspector } from '../../ports/serving/replica-inspector.ts';
import type { GoldenWatch } from '../golden/golden-watch.ts';
import { actOnAlarm } from './act-on-alarm.ts';
import { findOnMachines, withoutIsolated } from './machine-findings.ts';
import { changesNear, readLeftPeers } from './changes-near.ts';

export interface AlarmTriageParts {
  readonly service: string;
  readonly environment: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  readonly replays: Pick<GoldenWatch, 'replayNow'>;
  readonly inspector?: ReplicaInspector;
  fence(): Fence;
  terms(): MonitoringTerms | null | undefined;
  /** Something was recorded that people are shown. */
  recorded(): void;
}

/** An alarm without a cause is looked at again after this long: more rows may have come. */
const againMs = 15_000;

/** What has a diagnosis: an open alarm, or that live data left its reference. */
interface Diagnosed {
  readonly what: OpenAlarm['kind'] | 'distance';
  readonly name: string;
  readonly sinceMs: number;
  /** It as it stands; undefined where it does not any more. */
  find(state: DriftState): Partial<Found> | undefined;
  observe(state: DriftState, terms: MonitoringTerms, seen: SeenOfAlarm): Observations;
  withDiagnosis(state: DriftState, found: Found): DriftState;
  /** What the watch may act on; null for a distance, which people are told of. */
  alarmIn(state: DriftState): OpenAlarm | null;
}

/**
 * Says of each open alarm, and of live data that left its reference, which cause it has: replays the golden set on every
 * replica, and asks `triage` with what is known. While it abstains it looks again, and records only another answer. A named cause
 * is looked at again less and less often, for a second cause or what contradicts the first.
 */
export class AlarmTriage {
  readonly #parts: AlarmTriageParts;
  #lookedMs = -Infinity;
  #looking = false;

  constructor(parts: AlarmTriageParts) {
    this.#parts = parts;
  }

  /** Called after each turn. Never rejects: what fails is told in the log, and tried again. */
  async look(replicas: readonly ObservedReplica[], signal: AbortSignal): Promise<void> {
    const { clock, store, service, environment } = this.#parts;
    const terms = this.#parts.terms();
    if (this.#looking || terms === null || terms === undefined) return;
    if (clock.monotonicMs() - this.#lookedMs < againMs) return;
    this.#looking = true;
    try {
      this.#lookedMs = clock.monotonicMs();
      const record = await store.driftRecord(service, environment);
      const state = record?.state ?? emptyDrift;
      const [newestMs, nowMs] = [newestAlarmMs(state), clock.nowMs()];
      const open = listDiagnosed(state).filter((each) => isLookDue(each.find(state) ?? {}, newestMs, nowMs));
      if (open.length > 0) await this.#diagnose(open, terms, replicas, signal);
    } catch (thrown) {
      const said = 'the cause of an alarm could not be looked for; it is tried again';
      if (!signal.aborted) this.#parts.log.warn({ err: thrown }, said);
    } finally {
      this.#looking = false;
    }
  }

  async #diagnose(
    open: readonly Diagnosed[],
    terms: MonitoringTerms,
    replicas: readonly ObservedReplica[],
    signal: AbortSignal,
  ): Promise<void> {
    const { store, service, environment } = this.#parts;
    const release = await store.release(service, environment, terms.release);
    if (release === null) return;
    const replayed = await this.#parts.replays.replayNow(release, replicas, signal);
    const onsetMs = Math.min(...open.map(({ sinceMs }) => sinceMs));
    const left = await readLeftPeers(store, this.#parts);
    const found = await findOnMachines(this.#parts.inspector, replayed, release, { onsetMs, left }, signal);
    for (const each of open) {
      const changes = await changesNear(store, this.#parts, each.sinceMs);
      await this.#record(each, terms, replicas, { ...found, changes });
    }
  }

  async #record(
    of: Diagnosed,
    terms: MonitoringTerms,
    replicas: readonly ObservedReplica[],
    seen: SeenOfAlarm,
  ): Promise<void> {
    const { store, service, environment, clock, fence } = this.#parts;
    const isNew = await store.transaction(fence(), async (tx) => {
      const record = await tx.driftRecord(service, environment);
      const standing = record === null ? undefined : of.find(record.state);
      if (record === null || standing === undefined) return false;
      const isolations = await tx.isolations(service, environment);
      const labels = terms.awaitsLabels ? ((await tx.labelMemory(service, environment))?.state ?? null) : null;
      const observations = of.observe(record.state, terms, withoutIsolated({ ...seen, labels }, isolations, of));
      const found = findAgain(standing, observations, clock.nowMs());
      const { diagnosis: answer } = found;
      const { diagnosis, observed, looks } = standing;
      if (JSON.stringify(found) === JSON.stringify({ diagnosis, observed, looks })) return false;
      const { cursors, revision } = record;
      const diagnosed = of.withDiagnosis(record.state, found);
      const watch = { service, environment, clock, terms, replicas };
      const alarm = of.alarmIn(record.state);
      // What only stands from an earlier look is nothing to act on.
      const isNews = JSON.stringify(answer) !== JSON.stringify(diagnosis);
      const state = alarm === null || !isNews ? diagnosed : await actOnAlarm(tx, watch, diagnosed, alarm, answer);
      await tx.setDriftRecord(service, environment, { state, cursors }, revision);
      if (nameCauses(answer) !== nameCauses(diagnosis)) {
        await tx.appendEvent({
          ...{ service, environment, by: 'watch', atMs: clock.nowMs(), kind: 'drift.diagnosed' },
          ...describeAnswer(of, answer),
        });
      }
      return isNews;
    });
    if (isNew) this.#parts.recorded();
  }
}

function listDiagnosed({ alarms, left = null }: DriftState): readonly Diagnosed[] {
  return [...alarms.map(diagnoseAlarm), ...(left === null ? [] : [diagnoseLeft(left)])];
}

const diagnoseAlarm = (alarm: OpenAlarm): Diagnosed => ({
  what: alarm.kind,
  name: alarm.name,
  sinceMs: alarm.sinceMs,
  find: (state) => findAlarm(state, alarm),
  observe: (state, terms, seen) => observeAlarm(state, alarm, terms, seen),
  withDiagnosis: (state, found) => withDiagnosis(state, alarm, found),
  alarmIn: (state) => findAlarm(state, alarm) ?? null,
});

const findAlarm = ({ alarms }: DriftState, of: OpenAlarm): OpenAlarm | undefined =>
  alarms.find(({ kind, name, atMs }) => kind === of.kind && name === of.name && atMs === of.atMs);

const diagnoseLeft = (left: LeftReference): Diagnosed => ({
  what: 'distance',
  name: 'distance',
  sinceMs: left.sinceMs,
  find: (state) => (state.left?.atMs === left.atMs ? state.left : undefined),
  observe: (state, terms, seen) => observeLeft(state, left, terms, seen),
  withDiagnosis: (state, found) => withLeftDiagnosis(state, left, found),
  alarmIn: () => null,
});

/** What an event is told by: the verdict, and which causes are named. */
const nameCauses = (answer: TriageAnswer | undefined): string =>
  answer?.verdict === 'named' ? answer.causes.map(({ cause }) => cause).join(' and ') : `${answer?.verdict}`;

function describeAnswer({ what, name }: Diagnosed, answer: TriageAnswer) {
  const of = { what, name };
  const subject = what === 'distance' ? 'the distance to what was evaluated' : `the drift of ${name}`;
  const [first] = answer.verdict === 'named' ? answer.causes : [];
  if (first !== undefined && answer.verdict === 'named') {
    const cause = answer.causes.map((each) => each.cause).join(' and ');
    return {
      summary: `${subject[0]?.toUpperCase()}${subject.slice(1)} has the cause ${cause}; next: ${first.remedy.command}`,
      data: { ...of, cause, remedy: first.remedy.command, because: first.evidence.join(' ') },
    };
  }
  const because = answer.verdict === 'abstains' ? answer.why : 'everything was observed, and nothing is off';
  return {
    summary: `No cause of ${subject} is named: ${because}`,
    data: { ...of, cause: null, remedy: null, because },
  };
}
