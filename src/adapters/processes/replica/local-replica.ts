import type { ObservedReplica } from '../../../core/rollout/replica.ts';
import type { ProcessEnd } from '../../../core/rollout/deployment/restart.ts';
import { chooseScheme } from '../../../core/contract/replica-tls.ts';
import type { Health } from '../../../core/rollout/replica-health.ts';
import type { Workload } from '../../../ports/serving/platform.ts';
import { replicaEnvironment } from '../../../schemas/replica/replica-environment.ts';
import { adoptProcess, endedWithin, killMarked, signalProcess, type DetachedProcess } from '../detached-process.ts';
import { takeDevices } from '../devices/take-devices.ts';
import { probeReplica } from './health.ts';
import { portOfAnother } from '../port/port-of-another.ts';
import type { ReplicaMachine } from './replica-machine.ts';
import { observed } from './observed-replica.ts';
import { ReplicaOutput } from './replica-output.ts';
import { hasEnded, replicaFolder, writeRecord, type ReplicaFolder, type ReplicaRecord } from './replica-record.ts';
import { marksOf, removeTaken } from '../spares/taken-spares.ts';
import { startFromSpare, type SpareTaker } from '../spares/start-from-spare.ts';
import { cleanUpReplica, startReplica, whyNotStarted } from './start-replica.ts';
import { startPhases } from './start-phases.ts';
import type { ReplicaOutcome, WhatNext } from './replica-outcome.ts';

/** Of a replica that was assigned its devices, or needs none. */
export const pendingReason = 'verifies and lays out its files';

/** Refusals in a row after which a ready replica is ready no longer; silences in a row after which another is preferred. */
const refusalLimit = 2;
const silenceLimit = 3;
/** A replica that is stuck has so long to end by itself, milliseconds. */
const stuckGraceMs = 2_000;

/**
 * One start of one replica: from the intent on disk to the end of its process. It is never started twice; the set makes a
 * new one instead.
 */
export class LocalReplica {
  /** Resolves once. */
  readonly over: Promise<ReplicaOutcome>;
  readonly #machine: ReplicaMachine;
  readonly #whatNext: WhatNext;
  readonly #folder: ReplicaFolder;
  readonly #output: ReplicaOutput;
  readonly #stop = new AbortController();
  /** Monotonic time of its scheduling, from which phases count. */
  readonly #zeroMs: number;
  #record: ReplicaRecord;
  #process: DetachedProcess | null = null;
  #spawnedMs: number;
  #startingSinceMs: number;
  #readySinceMs: number | null = null;
  #killedFor: ProcessEnd | null = null;
  #refusals = 0;
  #silences = 0;
  #silent: string | null = null;
  #writes: Promise<void> = Promise.resolve();
  #begun: Promise<unknown> = Promise.resolve();

  private constructor(
    machine: ReplicaMachine,
    record: ReplicaRecord,
    whatNext: WhatNext,
    begin: (self: LocalReplica) => Promise<DetachedProcess>,
  ) {
    const sinceMs = Math.max(0, machine.clock.nowMs() - record.scheduledAtMs);
    this.#machine = machine;
    this.#whatNext = whatNext;
    this.#record = record;
    this.#folder = replicaFolder(machine.stateFolder, record.replicaId);
    this.#output = new ReplicaOutput(this.#folder);
    this.#zeroMs = machine.clock.monotonicMs() - sinceMs;
    this.#spawnedMs = this.#zeroMs + Math.max(0, (record.spawnedAtMs ?? record.scheduledAtMs) - record.scheduledAtMs);
    this.#startingSinceMs = this.#spawnedMs;
    if (record.readyAtMs !== null && record.state === 'ready') {
      this.#readySinceMs = this.#zeroMs + Math.max(0, record.readyAtMs - record.scheduledAtMs);
    }
    this.over = this.#live(begin);
  }

  static start(machine: ReplicaMachine, intent: ReplicaRecord, workload: Workload, whatNext: WhatNext): LocalReplica {
    return new LocalReplica(machine, intent, whatNext, (self) => self.#begin(workload));
  }

  /** `record.pid` and `record.identity` are those of a process that is alive now. */
  static adopt(machine: ReplicaMachine, record: ReplicaRecord, whatNext: WhatNext): LocalReplica {
    const pid = record.pid ?? 0;
    const identity = record.identity ?? '';
    const { table, clock, timing, closed } = machine;
    const port = record.endpoint === null ? null : Number(new URL(record.endpoint).port);
    if (port !== null) machine.portsInUse.add(port);
    const adopted = new LocalReplica(machine, record, whatNext, () =>
      Promise.resolve(adoptProcess(identity, pid, table, clock, timing.adoptedPollMs, closed)),
    );
    if (record.state === 'draining') {
      const leftMs = (record.drainUntilMs ?? 0) - clock.nowMs();
      adopted.stop(Math.min(record.drainTimeoutMs, Math.max(0, leftMs)));
    }
    return adopted;
  }

  get record(): ReplicaRecord {
    return this.#record;
  }

  view(): ObservedReplica {
    const seen = observed(this.#record, this.#machine.node);
    return this.#silent === null || seen.state !== 'ready' ? seen : { ...seen, silent: this.#silent };
  }

  /** Asks it to finish what it has and leave; kills it when it has not left in time. */
  stop(drainTimeoutMs: number): void {
    if (this.#stop.signal.aborted || hasEnded(this.#record)) return;
    this.#stop.abort();
    if (this.#process !== null) void this.#drain(this.#process, drainTimeoutMs);
  }

  /** It is stuck: ends it. One that was stopped by a signal ends by SIGKILL alone. */
  endStuck(): void {
    const process = this.#process;
    if (process === null || this.#killedFor !== null || this.#stop.signal.aborted || hasEnded(this.#record)) return;
    this.#killedFor = { kind: 'stuck' };
    void this.#terminate(process, stuckGraceMs);
  }

  /** Why it is to be replaced, in words; null: it need not be. */
  setOutdated(outdated: string | null): void {
    if (outdated === (this.#record.outdated ?? null) || hasEnded(this.#record)) return;
    const { outdated: _before, ...record } = this.#record;
    this.#record = outdated === null ? record : { ...record, outdated };
    void this.#change({});
  }

  /** Whether it was told to sleep: while it was, it is not ended for not being ready. */
  setAsleep(isAsleep: boolean): void {
    if (isAsleep === (this.#record.asleep === true) || hasEnded(this.#record)) return;
    this.#startingSinceMs = this.#machine.clock.monotonicMs();
    const { asleep: _before, ...record } = this.#record;
    this.#record = isAsleep ? { ...record, asleep: true } : record;
    void this.#change({});
  }

  /** It is wanted no longer and has ended already: not shown any more. */
  async retire(): Promise<void> {
    await this.#change({ state: 'stopped', nextStartAtMs: null });
  }

  kill(): void {
    if (this.#process !== null) signalProcess(this.#process, 'SIGKILL', this.#machine.table);
  }

  /** After the platform was closed: nothing is under way any more that an heir could run into. */
  async settled(): Promise<void> {
    await this.#begun;
    await this.#writes.catch(() => undefined);
  }

  async #live(begin: (self: LocalReplica) => Promise<DetachedProcess>): Promise<ReplicaOutcome> {
    try {
      await this.#write();
      const beginning = begin(this);
      this.#begun = beginning.catch(() => undefined);
      this.#process = await beginning;
    } catch (thrown) {
      return await this.#notStarted(thrown);
    }
    const process = this.#process;
    const over = new AbortController();
    const watching = this.#watch(process, AbortSignal.any([over.signal, this.#machine.closed]));
    if (this.#stop.signal.aborted) void this.#drain(process, this.#record.drainTimeoutMs);
    const end = await process.ended;
    over.abort();
    await watching;
    return this.#machine.closed.aborted ? { kind: 'closed' } : await this.#finish(end);
  }

  async #begin(workload: Workload): Promise<DetachedProcess> {
    const { closed, host, clock } = this.#machine;
    const signal = AbortSignal.any([this.#stop.signal, closed]);
    const spare = this.#machine.spares.take(this.#record, workload);
    const ofSpare = spare === null ? null : await startFromSpare(this.#machine, workload, spare, this.#taker(), signal);
    if (ofSpare !== null) return ofSpare;
    const variables = await this.#takeDevices(signal);
    const started = await startReplica(this.#machine, workload, this.#record, variables, signal);
    this.#beginsNow();
    this.#output.hide(started.secretValues);
    const { pid, identity } = started.process;
    await this.#change({
      state: 'starting',
      reason: `process ${pid} started`,
      pid,
      identity,
      endpoint: `${chooseScheme(workload.secrets)}://${host}:${started.port}`,
      layOutMs: started.layOutMs,
      layOutBytes: started.layOutBytes,
      spawnedAtMs: clock.nowMs(),
    });
    return started.process;
  }

  #taker(): SpareTaker {
    const before = this.#record;
    return {
      record: before,
      hide: (secretValues) => this.#output.hide(secretValues),
      claim: (patch) => {
        this.#beginsNow();
        this.#record = { ...this.#record, ...patch };
        return this.#write();
      },
      change: (patch) => this.#change(patch),
      unclaim: () => {
        this.#record = before;
        return this.#change({});
      },
    };
  }

  #beginsNow(): void {
    this.#spawnedMs = this.#machine.clock.monotonicMs();
    this.#startingSinceMs = this.#spawnedMs;
  }

  async #takeDevices(signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const { desk, clock } = this.#machine;
    const { devices: claim, replicaId } = this.#record;
    if (desk === null || claim === undefined) return {};
    const waits = (lacking: string): Promise<void> =>
      this.#change({ reason: `waits for a device: ${lacking}`, devices: { ...claim, lacking } });
    const { holds, variables } = await takeDevices(desk, replicaId, claim.ask, { waits, clock, signal });
    await this.#change({ devices: { ask: claim.ask, holds, lacking: null }, reason: pendingReason });
    return variables;
  }

  async #notStarted(thrown: unknown): Promise<ReplicaOutcome> {
    if (this.#machine.closed.aborted) return { kind: 'closed' };
    if (this.#stop.signal.aborted) return await this.#finish({ kind: 'unknown' });
    return await this.#finish({ kind: 'not-started', why: whyNotStarted(thrown) });
  }

  async #finish(end: ProcessEnd): Promise<ReplicaOutcome> {
    const { clock, table, stateFolder, portsInUse, desk } = this.#machine;
    const nowMs = clock.monotonicMs();
    await this.#output.read().catch(() => undefined);
    const { replicaId, spare } = this.#record;
    killMarked({ [replicaEnvironment.home]: stateFolder, [replicaEnvironment.replicaId]: replicaId }, table);
    if (spare !== undefined) await removeTaken(this.#machine, spare.id);
    desk?.free(this.#record.replicaId);
    if (this.#record.endpoint !== null) portsInUse.delete(Number(new URL(this.#record.endpoint).port));
    await cleanUpReplica(this.#machine, replicaId);
    const gone = { endpoint: null, endedAtMs: clock.nowMs() };
    if (this.#stop.signal.aborted) {
      await this.#change({ ...gone, state: 'stopped', reason: 'drained and stopped' });
      return { kind: 'stopped' };
    }
    const run = {
      end: this.#killedFor ?? end,
      ranMs: nowMs - this.#spawnedMs,
      readyForMs: this.#readySinceMs === null ? null : nowMs - this.#readySinceMs,
      lastLine: this.#output.lastLine,
    };
    const next = this.#whatNext({ run, addressInUse: this.#output.addressInUse });
    await this.#change({ ...gone, ...next, state: 'failed' });
    return { kind: 'ended' };
  }

  async #watch(process: DetachedProcess, signal: AbortSignal): Promise<void> {
    const { clock, timing } = this.#machine;
    while (!signal.aborted) {
      await this.#output.read().catch(() => undefined);
      if (!this.#stop.signal.aborted) await this.#look(process, signal).catch((thrown) => this.#couldNotLook(thrown));
      const settled = this.#record.state === 'ready' && this.#refusals + this.#silences === 0;
      await clock.sleep(settled ? timing.readyPollMs : timing.startingPollMs, signal).catch(() => undefined);
    }
  }

  async #look(process: DetachedProcess, signal: AbortSignal): Promise<void> {
    const { endpoint } = this.#record;
    if (endpoint === null) {
      this.#awaitReady(process, 'where it listens is not known');
      return;
    }
    const health = await probeReplica(this.#machine, { ...this.#record, endpoint }, signal);
    if (signal.aborted || this.#stop.signal.aborted) return;
    if (health.couldNotAsk) throw new Error(health.reason);
    if (health.ready) await this.#becomeReady(endpoint);
    else if (this.#record.state === 'ready') await this.#doubt(health);
    else this.#awaitReady(process, health.reason, health.isForeign === true);
  }

  /** The machine refused (no file handles left, say): nothing is known about the replica, so nothing changes. */
  #couldNotLook(thrown: unknown): void {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    this.#record = { ...this.#record, reason: `cannot look at it: ${why}` };
  }

  async #becomeReady(endpoint: string): Promise<void> {
    this.#refusals = 0;
    this.#silences = 0;
    this.#silent = null;
    if (this.#record.state === 'ready') return;
    const { clock, table, stateFolder } = this.#machine;
    const other = portOfAnother(endpoint, marksOf(stateFolder, this.#record), table);
    if (other !== null) {
      this.#record = { ...this.#record, reason: other };
      return;
    }
    const readyMs = clock.monotonicMs() - this.#zeroMs;
    await this.#output.read().catch(() => undefined);
    this.#readySinceMs = clock.monotonicMs();
    const again = this.#record.readyAtMs !== null;
    const { foreign: _before, ...record } = this.#record;
    this.#record = record;
    await this.#change({
      state: 'ready',
      reason: again ? 'ready again' : `ready ${(readyMs / 1000).toFixed(1)} s after it was scheduled`,
      readyAtMs: this.#record.readyAtMs ?? clock.nowMs(),
      phases: again ? this.#record.phases : [...this.#phases(readyMs)],
    });
  }

  #phases(readyMs: number): ReplicaRecord['phases'] {
    const { layOutMs, layOutBytes, spare } = this.#record;
    const [spawnedMs, { reported }] = [this.#spawnedMs - this.#zeroMs, this.#output];
    const phases = startPhases({ layOutMs, layOutBytes, spawnedMs, readyMs, reported, ofSpare: spare !== undefined });
    return phases.map((phase) => ({ ...phase, phases: [...phase.phases] }));
  }

  /**
   * A replica that is busy may be silent: it stays ready, and another is preferred. Whether it is stuck is judged by what moves. One that
   * refuses is ready no longer; it was ready, so that no start timeout holds for it.
   */
  async #doubt(health: Health): Promise<void> {
    if (health.timedOut) this.#silences += 1;
    else this.#refusals += 1;
    if (this.#silences >= silenceLimit) this.#silent = health.reason;
    if (this.#refusals < refusalLimit) return;
    this.#readySinceMs = null;
    await this.#change({ state: 'starting', reason: `ready no longer: ${health.reason}` });
  }

  #awaitReady(process: DetachedProcess, waitingFor: string, isForeign = false): void {
    const { clock, table } = this.#machine;
    const { startTimeoutMs, asleep } = this.#record;
    if (asleep === true || this.#record.readyAtMs !== null) return;
    const { foreign: _before, ...record } = this.#record;
    const reason = `process ${process.pid} is starting: ${waitingFor}`;
    this.#record = { ...record, reason, ...(isForeign ? { foreign: waitingFor } : {}) };
    if (this.#killedFor !== null || clock.monotonicMs() - this.#startingSinceMs < startTimeoutMs) return;
    this.#killedFor = { kind: 'start-timeout', timeoutMs: startTimeoutMs, waitingFor };
    signalProcess(process, 'SIGKILL', table);
  }

  async #drain(process: DetachedProcess, drainTimeoutMs: number): Promise<void> {
    const { clock, closed } = this.#machine;
    const drainUntilMs = clock.nowMs() + drainTimeoutMs;
    await this.#change({ state: 'draining', reason: 'finishes what it has, then stops', drainUntilMs });
    if (!closed.aborted) await this.#terminate(process, drainTimeoutMs);
  }

  async #terminate(process: DetachedProcess, graceMs: number): Promise<void> {
    const { clock, table, closed } = this.#machine;
    signalProcess(process, 'SIGTERM', table);
    await endedWithin(process, graceMs, clock, closed);
    if (!closed.aborted) signalProcess(process, 'SIGKILL', table);
  }

  async #change(patch: Partial<ReplicaRecord>): Promise<void> {
    this.#record = { ...this.#record, ...patch };
    // A state that cannot be written (a full disk) is still true; the process is found again by its marks.
    await this.#write().catch(() => undefined);
  }

  #write(): Promise<void> {
    const record = this.#record;
    this.#writes = this.#writes.catch(() => undefined).then(() => writeRecord(this.#machine, record));
    return this.#writes;
  }
}
