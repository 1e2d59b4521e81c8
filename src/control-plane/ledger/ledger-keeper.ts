import { setImmediate } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { hourOf } from '../../core/cost/ledger/row.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { ProcessorTimes } from '../../ports/nodes/processor-times.ts';
import type { OwnNodes } from '../../ports/nodes/own-nodes.ts';
import type { MetricsSource } from '../../ports/serving/metrics-source.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { ledgerFactsKeptMs, ledgerRowsKeptMs, type LedgerEntry } from '../../ports/records/ledger-records.ts';
import type { Fence, Store, StoreWriter } from '../../ports/records/store.ts';
import { closeHour, correctHours, findOpenHours } from './hours/close-hours.ts';
import { makeInventoryFacts } from './inventory/inventory-facts.ts';
import type { LedgerRecorder } from './record/ledger-recorder.ts';
import { readDcgmSeries } from '../../core/cost/ledger/devices/read-dcgm-series.ts';
import { activeMetric, findHolders, makeSightingFacts, type SightedHolders } from './inventory/sight-holders.ts';
import { listDevices, type ListedNodes } from './inventory/list-devices.ts';
import { lookAtNodes } from './inventory/look-at-nodes.ts';
import { beginOf } from './hours/read-facts.ts';
import type { AskedDevices, ServiceLedger } from './record/service-ledger.ts';

export interface LedgerKeeperParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: FastifyBaseLogger;
  readonly recorder: LedgerRecorder;
  readonly nodes: OwnNodes;
  /** What exporters tell of devices, where a server is asked. */
  readonly metricsSource?: Pick<MetricsSource, 'readDevices'>;
  /** Left out where replicas do not run on this machine. */
  readonly processorTimes?: ProcessorTimes;
  readonly services: () => readonly ServiceLedger[];
  fence(): Fence;
}

const everyMs = 60_000;
/** The first minute is recorded in parts, so that whoever begins sees an account soon. */
const firstMs = 10_000;
const beatMs = 10_000;
const sightTimeoutMs = 5_000;
/** A replica waits for its devices: nodes are looked at again after this time, and later each time that does not help. */
const missingMs = 3_000;
/** Facts that one transaction forgets, and such transactions in an hour; what is left is forgotten an hour later. */
const forgottenMs = 600_000;
const forgottenAtMost = 24;
/** Nothing could be written for so long: what happened meanwhile was not seen. */
const blindMs = 180_000;

/**
 * Records each minute which devices there are, what replicas did, and that somebody was there; derives each hour once it is
 * over. What cannot be recorded now is recorded with the next minute.
 */
export class LedgerKeeper {
  readonly #parts: LedgerKeeperParts;
  #listed: ListedNodes | null = null;
  #lookedMs = -Infinity;
  #recordedMs: number;
  #beatMs: number;
  #recordedAtMs: number;
  #checkpointHour: number;
  #missingMs = missingMs;
  #busy = false;
  #usesReadMs = -Infinity;
  #problem: string | null = null;
  #sighted: { readonly holders: SightedHolders; readonly atMs: number } = { holders: new Map(), atMs: 0 };

  constructor(parts: LedgerKeeperParts) {
    this.#parts = parts;
    this.#recordedMs = parts.clock.monotonicMs() + firstMs - everyMs;
    this.#beatMs = parts.clock.monotonicMs();
    this.#recordedAtMs = parts.clock.nowMs();
    this.#checkpointHour = hourOf(parts.clock.nowMs());
  }

  /** Called each second. Never rejects. */
  async look(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      await this.#look();
    } catch (thrown) {
      this.#parts.recorder.outdate();
      this.#tell(asPlimsollError(thrown).message);
    } finally {
      this.#busy = false;
    }
  }

  /** Records what replicas did up to now. */
  async close(): Promise<void> {
    await this.#record().catch((thrown: unknown) => {
      this.#tell(asPlimsollError(thrown).message);
    });
  }

  async #look(): Promise<void> {
    const { clock, recorder } = this.#parts;
    const nowMs = clock.monotonicMs();
    const sinceLookMs = nowMs - this.#lookedMs;
    const isMinuteOver = nowMs - this.#recordedMs >= everyMs;
    const looks = sinceLookMs >= everyMs || (recorder.missesDevices && sinceLookMs >= this.#missingMs);
    if (!isMinuteOver) await this.#readUses(nowMs);
    if (!looks && !isMinuteOver) return this.#beat(nowMs);
    if (looks) await this.#lookAtNodes(nowMs);
    await recorder.ready();
    if (isMinuteOver) await this.#sight();
    await (isMinuteOver ? this.#record() : this.#recordInventory());
    if (isMinuteOver) await this.#closeHours();
  }

  /** Says between two accounts that somebody is there: what a kill leaves unknown begins at the last beat. */
  async #beat(nowMs: number): Promise<void> {
    const { recorder } = this.#parts;
    if (nowMs - this.#beatMs < beatMs) return;
    this.#beatMs = nowMs;
    await recorder.ready();
    await this.#write((tx) => recorder.beat(tx, recorder.now()));
  }

  /**
   * Reads what replicas used with each beat, and each second while one is new or about to end: only the time before its first
   * reading and after its last one is unknown.
   */
  async #readUses(nowMs: number, isForced = false): Promise<void> {
    const { processorTimes, services, recorder } = this.#parts;
    if (processorTimes === undefined) return;
    const claims = services().flatMap(({ measured }) => measured);
    const isUrgent = claims.some(({ claim, isEnding }) => isEnding || !recorder.uses.knows(claim));
    if (claims.length === 0 || (!isUrgent && !isForced && nowMs - this.#usesReadMs < beatMs)) return;
    this.#usesReadMs = nowMs;
    const totals = await processorTimes.read(claims.map(({ pid }) => pid));
    const reads = claims.map(({ claim, device, pid }) => ({ claim, device, totalMs: totals.get(pid) ?? null }));
    recorder.uses.read(reads, recorder.now());
  }

  /** Nodes that cannot be read are as they were; they are asked again after a minute. */
  async #lookAtNodes(nowMs: number): Promise<void> {
    const { services, recorder } = this.#parts;
    const asked = services().flatMap((service) => service.asked);
    // Nothing is released, or no turn was taken yet.
    if (asked.length === 0 && this.#listed === null) return;
    this.#lookedMs = nowMs;
    this.#missingMs = recorder.missesDevices ? Math.min(everyMs, 2 * this.#missingMs) : missingMs;
    recorder.missesDevices = false;
    await this.#list(asked).catch((thrown: unknown) => {
      this.#tell(`the nodes cannot be read: ${asPlimsollError(thrown).message}`);
    });
  }

  async #list(asked: readonly AskedDevices[]): Promise<void> {
    const { store, nodes } = this.#parts;
    const records = await store.environmentRecords();
    const poolOf = new Map(
      records.flatMap(({ environment, pool }) => (pool === undefined ? [] : [[environment, pool.name]])),
    );
    this.#listed = listDevices(await lookAtNodes(nodes, asked, poolOf));
  }

  /** Records who else uses devices. What cannot be read is told, and sights nobody. */
  async #sight(): Promise<void> {
    const { metricsSource, recorder } = this.#parts;
    const answer = await metricsSource?.readDevices?.([activeMetric], AbortSignal.timeout(sightTimeoutMs));
    if (answer === undefined) return;
    if (answer.kind === 'failed') this.#tell(`devices cannot be read: ${answer.message}; next: ${answer.next}`);
    const samples = answer.kind === 'read' ? answer.reading.samples : [];
    const holders = findHolders(recorder.standing, readDcgmSeries(samples));
    const at = recorder.now();
    const facts = makeSightingFacts(this.#sighted.holders, holders, this.#sighted.atMs, at);
    this.#sighted = { holders, atMs: at.monotonicMs };
    if (facts.length > 0) await this.#write((tx) => recorder.append(tx, facts));
  }

  async #recordInventory(): Promise<void> {
    const { recorder } = this.#parts;
    const [listed, at] = [this.#listed, recorder.now()];
    if (listed === null || makeInventoryFacts(recorder.standing, listed, at).length === 0) return;
    await this.#write((tx) => recorder.append(tx, makeInventoryFacts(recorder.standing, listed, at)));
  }

  async #record(): Promise<void> {
    const { recorder, services, clock } = this.#parts;
    const isBlind = clock.monotonicMs() - this.#recordedMs >= blindMs;
    const hour = hourOf(clock.nowMs());
    await this.#readUses(clock.monotonicMs(), true);
    await this.#write(async (tx) => {
      if (isBlind) await recorder.recordGap(tx, this.#recordedAtMs);
      const at = recorder.now();
      if (this.#listed !== null) await recorder.append(tx, makeInventoryFacts(recorder.standing, this.#listed, at));
      const taken = services().flatMap((service) => [...service.takeWork(at), ...service.takeUses()]);
      await recorder.append(tx, taken);
      if (hour === this.#checkpointHour) await recorder.beat(tx, at);
      else await recorder.checkpoint(tx, at);
    });
    this.#recordedMs = clock.monotonicMs();
    this.#beatMs = this.#recordedMs;
    this.#recordedAtMs = clock.nowMs();
    this.#checkpointHour = hour;
  }

  async #closeHours(): Promise<void> {
    const { store, clock } = this.#parts;
    const hours = await findOpenHours(store, clock.nowMs());
    const [first] = hours;
    if (first === undefined) return;
    for (const entry of await correctHours(store, first, clock.nowMs())) await this.#append(entry);
    for (const hour of hours) await this.#append(await closeHour(store, hour, clock.nowMs()));
    await this.#forget(clock.nowMs());
  }

  /** Forgets what is too old, ten minutes of facts at a time: 1,000 devices have 60,000 an hour. */
  async #forget(nowMs: number): Promise<void> {
    const { store } = this.#parts;
    const keptFromMs = await beginOf(store, nowMs - ledgerFactsKeptMs);
    const first = await store.firstLedgerRecord();
    for (let count = 0, atMs = first?.atMs ?? keptFromMs; count < forgottenAtMost; count += 1) {
      atMs = Math.min(keptFromMs, atMs + forgottenMs);
      await this.#write((tx) => tx.forgetLedger(atMs, nowMs - ledgerRowsKeptMs));
      if (atMs >= keptFromMs) return;
      await setImmediate();
    }
  }

  #append(entry: LedgerEntry): Promise<void> {
    return this.#write((tx) => tx.appendLedgerEntry(entry));
  }

  #write(work: (tx: StoreWriter) => Promise<void>): Promise<void> {
    return this.#parts.store.transaction(this.#parts.fence(), work);
  }

  /** Each problem once. */
  #tell(problem: string): void {
    if (problem !== this.#problem) this.#parts.log.warn({ problem }, 'the ledger could not be kept');
    this.#problem = problem;
  }
}
