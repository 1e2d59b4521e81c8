import type { FastifyBaseLogger } from 'fastify';
import type { TriageAnswer } from '../../core/monitoring/triage/answer.ts';
import { triage } from '../../core/monitoring/triage/triage.ts';
import type { OpenAlarm } from '../../core/monitoring/watch/drift-state.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import { describeObservations } from '../../core/monitoring/watch/observed-words.ts';
import { observeAlarm, withDiagnosis } from '../../core/monitoring/watch/observe-alarm.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Fence, Store } from '../../ports/records/store.ts';
import type { ReplicaInspector } from '../../ports/serving/replica-inspector.ts';
import type { GoldenWatch } from '../golden/golden-watch.ts';
import { actOnAlarm } from './act-on-alarm.ts';
import { findOnMachines, withoutIsolated } from './machine-findings.ts';
import { changesNear } from './changes-near.ts';

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

/**
 * Says of each open alarm which cause it has: replays the golden set on every replica, and asks `triage` with what is known.
 * While it abstains it looks again, and records only another answer.
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
      const open = (record?.state.alarms ?? []).filter(({ diagnosis }) => diagnosis?.verdict !== 'named');
      if (open.length > 0) await this.#diagnose(open, terms, replicas, signal);
    } catch (thrown) {
      const said = 'the cause of an alarm could not be looked for; it is tried again';
      if (!signal.aborted) this.#parts.log.warn({ err: thrown }, said);
    } finally {
      this.#looking = false;
    }
  }

  async #diagnose(
    open: readonly OpenAlarm[],
    terms: MonitoringTerms,
    replicas: readonly ObservedReplica[],
    signal: AbortSignal,
  ): Promise<void> {
    const { store, service, environment } = this.#parts;
    const release = await store.release(service, environment, terms.release);
    if (release === null) return;
    const replayed = await this.#parts.replays.replayNow(release, replicas, signal);
    const onsetMs = Math.min(...open.map(({ sinceMs }) => sinceMs));
    const found = await findOnMachines(this.#parts.inspector, replayed, release, onsetMs, signal);
    for (const alarm of open) {
      const changes = await changesNear(store, this.#parts, alarm.sinceMs);
      await this.#record(alarm, terms, replicas, { ...found, changes });
    }
  }

  async #record(
    alarm: OpenAlarm,
    terms: MonitoringTerms,
    replicas: readonly ObservedReplica[],
    seen: Parameters<typeof observeAlarm>[3],
  ): Promise<void> {
    const { store, service, environment, clock, fence } = this.#parts;
    const isNew = await store.transaction(fence(), async (tx) => {
      const record = await tx.driftRecord(service, environment);
      const standing = record?.state.alarms.find(({ kind, name, atMs }) => {
        return kind === alarm.kind && name === alarm.name && atMs === alarm.atMs;
      });
      if (record === null || standing === undefined) return false;
      const isolations = await tx.isolations(service, environment);
      const observations = observeAlarm(record.state, standing, terms, withoutIsolated(seen, isolations, standing));
      const answer = triage(observations);
      const found = { diagnosis: answer, observed: describeObservations(observations) };
      const { diagnosis, observed } = standing;
      if (JSON.stringify(found) === JSON.stringify({ diagnosis, observed })) return false;
      const { cursors, revision } = record;
      const diagnosed = withDiagnosis(record.state, standing, found);
      const watch = { service, environment, clock, terms, replicas };
      const state = await actOnAlarm(tx, watch, diagnosed, standing, answer);
      await tx.setDriftRecord(service, environment, { state, cursors }, revision);
      if (answer.verdict !== diagnosis?.verdict) {
        await tx.appendEvent({
          ...{ service, environment, by: 'watch', atMs: clock.nowMs(), kind: 'drift.diagnosed' },
          ...describeAnswer(alarm, answer),
        });
      }
      return true;
    });
    if (isNew) this.#parts.recorded();
  }
}

function describeAnswer(alarm: OpenAlarm, answer: TriageAnswer) {
  const of = { what: alarm.kind, name: alarm.name };
  const [first] = answer.verdict === 'named' ? answer.causes : [];
  if (first !== undefined && answer.verdict === 'named') {
    const cause = answer.causes.map((each) => each.cause).join(' and ');
    return {
      summary: `The drift of ${alarm.name} has the cause ${cause}; next: ${first.remedy.command}`,
      data: { ...of, cause, remedy: first.remedy.command, because: first.evidence.join(' ') },
    };
  }
  const because = answer.verdict === 'abstains' ? answer.why : 'everything was observed, and nothing is off';
  return {
    summary: `No cause of the drift of ${alarm.name} is named: ${because}`,
    data: { ...of, cause: null, remedy: null, because },
  };
}
