import type { FastifyBaseLogger } from 'fastify';
import type { CustomValues } from '../../core/monitoring/features/custom-features.ts';
import type { CapturedSample, SampleSegment } from '../../core/monitoring/samples/sample.ts';
import {
  emptyDrift,
  type DriftState,
  type OpenAlarm,
  type WatchedRow,
} from '../../core/monitoring/watch/drift-state.ts';
import { describeAlarm } from '../../core/monitoring/watch/drift-status.ts';
import type { Drafts } from '../../core/monitoring/watch/drafts.ts';
import type { MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import {
  chooseBets,
  chooseBetsOfSlice,
  countUnreadable,
  isChoiceDue,
  listDueSlices,
  observeRow,
  tickDrift,
  type RowStep,
} from '../../core/monitoring/watch/step-drift.ts';
import type { WindowHistory } from '../../core/monitoring/watch/windows/window-history.ts';
import { stampTick } from '../../core/monitoring/explain/keep-replay.ts';
import type { DriftWindow } from '../../core/monitoring/watch/windows/windows.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import { recordPredictions } from '../labels/record-labels.ts';
import { takeLabelBets } from '../labels/take-evidence.ts';
import { isLabelAlarm } from '../../core/monitoring/watch/observe/observe-quality.ts';
import { computeFeatures } from './compute-features.ts';
import type { RoutedReplicas } from './routed-replicas.ts';
import {
  findLeftReference,
  learnDistance,
  restartDistance,
} from '../../core/monitoring/watch/windows/reference-distance.ts';
import { isLeftGone, recordLeft, recordLeftGone } from './left-news.ts';
import type { NewPrediction } from '../../ports/records/label-records.ts';
import type { FeatureSource } from '../../ports/monitoring/feature-source.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { DriftRecord } from '../../ports/records/drift-records.ts';
import type { DriftSample } from '../../core/monitoring/samples/drift-sample.ts';
import type { Fence, Store, StoreWriter } from '../../ports/records/store.ts';
import { readSample, type ReadSample } from './read-sample.ts';

export interface DriftWatchParts {
  readonly service: string;
  readonly environment: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Pick<FastifyBaseLogger, 'warn'>;
  /** What runs the programs of features; left out where nobody does. */
  readonly features?: FeatureSource;
  /** Replicas that requests were sent to; left out where all are believed. */
  readonly routed?: Pick<RoutedReplicas, 'knowsAllOf'>;
  fence(): Fence;
  /** What the live release says; undefined while that is not known yet, null where nothing is watched. */
  terms(): MonitoringTerms | null | undefined;
  /** The evaluation evidence of the live release, as `digestOfMeasured` gives it; undefined where that is not known. */
  measured?(): Digest | undefined;
  /** Something was recorded that evidence is judged by. */
  recorded(): void;
}

/** Segments of several gateways are written together: not oftener than this. */
const writeEveryMs = 2_000;
const forgetEveryMs = 60_000;
/** Samples that wait for a write; more are asked for again later. */
const waitingAtMost = 20_000;
/** Spools that are remembered: one for each process of a gateway. */
const spoolsAtMost = 200;
/** Samples that are read before anything else of this process gets its turn. */
const readAtOnce = 50;
const learnedAtOnce = 16;
/** Samples that people may look at, of one write: with many rows a second, the newest hundred of every two seconds. */
const samplesOfWrite = 100;

const none: DriftRecord = { state: emptyDrift, cursors: {}, revision: 0 };

interface Waiting {
  readonly segment: SampleSegment;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

interface Taken {
  readonly state: DriftState;
  readonly cursors: Readonly<Record<string, number>>;
  readonly windows: readonly DriftWindow[];
  readonly samples: readonly DriftSample[];
  readonly predictions: readonly NewPrediction[];
}

/**
 * Follows the live answers of one service. A segment is acknowledged when the state that it changed is in the store, with
 * how far its spool is: none is lost in a kill, and none counts twice.
 */
export class DriftWatch {
  readonly #parts: DriftWatchParts;
  #waiting: Waiting[] = [];
  #working: Promise<void> | null = null;
  #record: DriftRecord | null = null;
  #wroteMs = -Infinity;
  #forgotMs = -Infinity;

  constructor(parts: DriftWatchParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the segment is recorded, or was before. @throws PlimsollError `capture-busy` (unavailable) where too
   * much waits or the terms are not known yet; and as the store.
   */
  take(segment: SampleSegment): Promise<void> {
    const waiting = this.#waiting.reduce((sum, each) => sum + each.segment.samples.length, 0);
    if (waiting + segment.samples.length > waitingAtMost) return Promise.reject(busy('too many captures wait'));
    const taken = new Promise<void>((resolve, reject) => this.#waiting.push({ segment, resolve, reject }));
    this.#work();
    return taken;
  }

  /** Called after each turn: what is kept of requests goes after `retention`, also where no new ones come. */
  async forgetOld(): Promise<void> {
    const { clock, store, service, environment } = this.#parts;
    const terms = this.#parts.terms() ?? null;
    if (terms === null || clock.monotonicMs() - this.#forgotMs < forgetEveryMs) return;
    this.#forgotMs = clock.monotonicMs();
    const keptFromMs = clock.nowMs() - terms.retentionMs;
    const oldest = await store.oldestDriftSample(service, environment);
    if (oldest === null || oldest >= keptFromMs) return;
    await this.#write((tx, scope) => tx.addDriftSamples(...scope, [], keptFromMs));
  }

  /** Waits until nothing is being written. */
  async settle(): Promise<void> {
    await this.#working;
  }

  get #scope(): { readonly service: string; readonly environment: string } {
    const { service, environment } = this.#parts;
    return { service, environment };
  }

  #work(): void {
    this.#working ??= this.#workOff().finally(() => {
      this.#working = null;
      if (this.#waiting.length > 0) this.#work();
    });
  }

  async #workOff(): Promise<void> {
    const { clock } = this.#parts;
    const leftMs = this.#wroteMs + writeEveryMs - clock.monotonicMs();
    if (leftMs > 0) await clock.sleep(leftMs);
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      await this.#recordOrAgain(batch.map(({ segment }) => segment));
      for (const { resolve } of batch) resolve();
    } catch (thrown) {
      // What is in the store is what counts: it is read again.
      this.#record = null;
      for (const { reject } of batch) reject(thrown);
    } finally {
      this.#wroteMs = clock.monotonicMs();
    }
  }

  /** Somebody who acknowledged an alarm meanwhile wrote the record: then it is read again, once. */
  async #recordOrAgain(segments: readonly SampleSegment[]): Promise<void> {
    try {
      await this.#recordAll(segments);
    } catch (thrown) {
      if (asPlimsollError(thrown).code !== 'drift-moved') throw thrown;
      this.#record = null;
      await this.#recordAll(segments);
    }
  }

  async #recordAll(segments: readonly SampleSegment[]): Promise<void> {
    const terms = this.#parts.terms();
    if (terms === undefined) throw busy('the contract of the live release is not read yet');
    // Gateways follow in a moment: what they still send of a service that is watched no longer is let go.
    if (terms === null) return;
    const before = (await this.#read()) ?? none;
    const nowMs = this.#parts.clock.nowMs();
    const taken = await this.#takeAll(before, segments, terms, nowMs);
    const learned = findLeftReference(taken.state, terms, nowMs);
    let alarm: OpenAlarm | null = null;
    let { state } = learned;
    this.#record = await this.#write(async (tx, scope) => {
      const labels = terms.awaitsLabels ? await takeLabelBets(tx, this.#scope, nowMs) : null;
      ({ state, alarm } = tickDrift(learned.state, nowMs, terms, labels));
      // Labels are of rows that were held against the reference long before: these stay.
      const isOfLabels = alarm !== null && labels !== null && isLabelAlarm(alarm, labels);
      if (alarm !== null && !isOfLabels) state = restartDistance(state);
      const expected = before === none ? null : before.revision;
      const written = await tx.setDriftRecord(...scope, { state, cursors: taken.cursors }, expected);
      for (const window of stampTick(taken.windows, learned.state, nowMs, terms))
        await tx.addDriftWindow(...scope, window);
      await tx.addDriftSamples(...scope, taken.samples, nowMs - terms.retentionMs);
      if (terms.awaitsLabels) await recordPredictions(tx, this.#scope, taken.predictions, nowMs);
      if (alarm !== null) await tx.appendEvent(this.#alarmEvent(alarm, nowMs));
      if (learned.left !== null) await recordLeft(tx, this.#scope, learned.left, nowMs, this.#parts.measured?.());
      else if (isLeftGone(before.state, state)) await recordLeftGone(tx, this.#scope, terms.release, nowMs);
      return written;
    });
    if (alarm !== null || learned.left !== null) this.#parts.recorded();
  }

  async #takeAll(
    before: DriftRecord,
    segments: readonly SampleSegment[],
    terms: MonitoringTerms,
    nowMs: number,
  ): Promise<Taken> {
    const cursors = new Map(Object.entries(before.cursors));
    const taken = {
      windows: [] as DriftWindow[],
      samples: [] as DriftSample[],
      predictions: [] as NewPrediction[],
    };
    let { state } = before;
    const drafts: Drafts = new WeakSet();
    // Few at once: what is made of a row is let go before the memory of young objects is full.
    let rows: WatchedRow[] = [];
    const learn = (): void => {
      state = learnDistance(state, rows, terms, nowMs, drafts);
      rows = [];
    };
    let read = 0;
    const total = segments.reduce((sum, { samples }) => sum + samples.length, 0);
    for (const { gatewayId, spoolId, sequence, samples } of segments) {
      const spool = `${gatewayId} ${spoolId}`;
      if (sequence <= (cursors.get(spool) ?? 0)) continue;
      const custom = await computeFeatures(this.#parts.features, samples, terms);
      const failures = terms.custom === undefined ? undefined : (custom.failures ?? state.failures);
      state = { ...state, failures };
      for (const [at, sample] of samples.entries()) {
        const step = this.#takeOne(state, sample, terms, custom.rows[at] ?? {}, drafts);
        state = step.state;
        const closed = [...(step.closed === null ? [] : [step.closed]), ...step.ofSlices];
        taken.windows.push(...closed);
        if (closed.length > 0) state = await this.#chooseIfDue(state, taken.windows);
        if (step.read !== null) {
          if (read + samplesOfWrite >= total) taken.samples.push(step.read.sample());
          rows.push(step.read.row);
          if (rows.length >= learnedAtOnce) learn();
          if (step.read.prediction !== null) taken.predictions.push(step.read.prediction);
        }
        read += 1;
        if (read % readAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      cursors.delete(spool);
      cursors.set(spool, sequence);
    }
    learn();
    const kept = Object.fromEntries([...cursors].slice(-spoolsAtMost));
    return { state, cursors: kept, ...taken };
  }

  #takeOne(
    state: DriftState,
    sample: CapturedSample,
    terms: MonitoringTerms,
    custom: CustomValues,
    drafts: Drafts,
  ): RowStep & { readonly read: ReadSample | null } {
    const { routed, clock } = this.#parts;
    const isMadeUp = routed?.knowsAllOf(sample) === false;
    const read = isMadeUp
      ? { unreadable: 'it names a replica that requests were never sent to' }
      : readSample(sample, terms, custom, clock.nowMs());
    if ('unreadable' in read) {
      return { state: countUnreadable(state, read.unreadable), closed: null, ofSlices: [], read: null };
    }
    return { ...observeRow(state, read.row, terms, drafts), read };
  }

  async #chooseIfDue(state: DriftState, fresh: readonly DriftWindow[]): Promise<DriftState> {
    let next = state;
    if (isChoiceDue(state)) next = chooseBets(next, await this.#windowsOf(state, undefined, fresh));
    for (const slice of listDueSlices(state))
      next = chooseBetsOfSlice(next, slice.slot, await this.#windowsOf(slice, slice.slot, fresh));
    return next;
  }

  /** The windows of a history, of all rows or of a slice: those that are recorded, and those of this batch. */
  async #windowsOf(
    { historyFrom }: WindowHistory,
    slot: number | undefined,
    fresh: readonly DriftWindow[],
  ): Promise<readonly DriftWindow[]> {
    const { service, environment } = this.#scope;
    const recorded = await this.#parts.store.driftWindows(service, environment, historyFrom, slot);
    return [...recorded, ...fresh.filter((window) => window.slot === slot)];
  }

  async #read(): Promise<DriftRecord | null> {
    const { service, environment } = this.#scope;
    this.#record ??= await this.#parts.store.driftRecord(service, environment);
    return this.#record;
  }

  async #write<T>(work: (tx: StoreWriter, scope: readonly [string, string]) => Promise<T>): Promise<T> {
    const { store, fence, service, environment } = this.#parts;
    return store.transaction(fence(), (tx) => work(tx, [service, environment]));
  }

  #alarmEvent(alarm: OpenAlarm, atMs: number) {
    const { kind: what, name, release, arm: replicaId, moved, statistic } = alarm;
    const summary = `Drift: ${describeAlarm(alarm)}; next: plimsoll drift`;
    const data = { what, name, release, replicaId, moved, statistic };
    return { ...this.#scope, by: 'watch', atMs, kind: 'drift.alarm', summary, data } as const;
  }
}

function busy(why: string): PlimsollError {
  return new PlimsollError({
    code: 'capture-busy',
    category: 'unavailable',
    message: `the captured requests cannot be taken now: ${why}`,
    next: 'send them again in a few seconds',
  });
}
