import { childEnvironment } from '../../../core/access/child-environment.ts';
import { findSpareObstacle, makeWorkloadSpareKey, readAtStart } from '../../../core/rollout/spare-needs.ts';
import { countTakeable } from '../../../core/scaling/warm-pool/promise-spares.ts';
import { backoffDelayMs } from '../../../core/rollout/deployment/restart.ts';
import { digestOf } from '../../../core/units/digest.ts';
import type { Workload } from '../../../ports/serving/platform.ts';
import type { ObservedSpare, SpareKeeping, SpareSpec } from '../../../ports/serving/spares.ts';
import { replicaEnvironment } from '../../../schemas/replica/replica-environment.ts';
import { spareVariable } from '../../../schemas/replica/spare-order.ts';
import { signalProcess, spawnDetached } from '../detached-process.ts';
import { observedDevices } from '../replica/observed-replica.ts';
import type { LocalMachine } from '../local-machine.ts';
import type { SpareShelf } from '../replica/replica-machine.ts';
import { hasEnded, readRecords, type ReplicaRecord } from '../replica/replica-record.ts';
import { decideSpares } from './decide-spares.ts';
import { LocalSpare, makeSpareFolder } from './local-spare.ts';
import {
  readSpareRecords,
  removeSpareFolder,
  spareFolder,
  writeSpareRecord,
  type SpareRecord,
} from './spare-record.ts';

/** Keeps spares as processes of this machine, and hands them to replicas that start. */
export class LocalSpares implements SpareKeeping, SpareShelf {
  readonly #machine: LocalMachine;
  /** Not taken, by id. */
  readonly #spares = new Map<string, LocalSpare>();
  readonly #ending = new Set<LocalSpare>();
  /** Taken under this control plane; the record of the replica may not name them yet. */
  readonly #taking = new Set<string>();
  /** Starts of a group that failed in a row, and when the next one may begin. */
  readonly #failures = new Map<string, { readonly count: number; readonly nextMs: number }>();
  /** Of each group, what services left to it. */
  #left: ReadonlyMap<string, Readonly<Record<string, number>>> = new Map();
  /** What spares are started with and replicas cannot change. */
  readonly #program: string;
  #adoption: Promise<void> | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(machine: LocalMachine) {
    const early = Object.entries(childEnvironment('replica', machine.environment)).filter(([name]) =>
      readAtStart.test(name),
    );
    this.#machine = machine;
    this.#program = digestOf([machine.version, machine.ownCommand, early.sort(([a], [b]) => (a < b ? -1 : 1))]);
  }

  async keep(wanted: readonly SpareSpec[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#adoption ??= this.#adopt().catch((thrown: unknown) => {
      this.#adoption = null;
      throw thrown;
    });
    await this.#adoption;
    this.#left = new Map(wanted.map((spec) => [groupOf(spec), spec.left ?? {}]));
    const turn = this.#turn.then(() => this.#fill(this.#machine.confinement === null ? wanted : []));
    this.#turn = turn.catch(() => undefined);
    await turn;
  }

  async observe(signal: AbortSignal): Promise<readonly ObservedSpare[]> {
    signal.throwIfAborted();
    const waiting = [...this.#spares.values()].map(({ record, isFree }): ObservedSpare => ({
      ...this.#shown(record),
      state: isFree ? 'free' : 'starting',
      takenBy: null,
      pid: record.pid,
    }));
    const { records } = await readSpareRecords(this.#machine.stateFolder);
    if (records.length === 0) return waiting;
    const takers = takersOf(await readRecords(this.#machine.stateFolder));
    const taken = records.flatMap((record): readonly ObservedSpare[] => {
      const replica = takers.get(record.spareId);
      const isTaken = this.#taking.has(record.spareId) || (replica !== undefined && !hasEnded(replica));
      if (!isTaken || this.#spares.has(record.spareId)) return [];
      return [{ ...this.#shown(record), state: 'taken', takenBy: replica?.replicaId ?? null, pid: record.pid }];
    });
    return [...waiting, ...taken];
  }

  /** Spares that were told to end, and whose process is still there. */
  get ending(): number {
    return this.#ending.size;
  }

  take(
    { service, environment }: { readonly service: string; readonly environment: string },
    workload: Workload,
  ): LocalSpare | null {
    // A spare runs before anybody knows whose replica it becomes, and a process cannot change its user afterwards.
    if (this.#machine.confinement !== null || findSpareObstacle(workload) !== null) return null;
    const fits = makeWorkloadSpareKey(workload);
    const free = [...this.#spares.values()].filter(
      ({ record, isFree }) => isFree && record.environment === environment && record.fits === fits,
    );
    const left = this.#left.get(groupOf({ environment, fits })) ?? {};
    const [found] = free;
    if (found === undefined || countTakeable(free.length, left, service) === 0) return null;
    const { spareId } = found.record;
    found.take();
    this.#spares.delete(spareId);
    this.#taking.add(spareId);
    void found.over.then(() => this.#taking.delete(spareId));
    return found;
  }

  async giveBack(spare: LocalSpare): Promise<void> {
    this.#taking.delete(spare.record.spareId);
    if (spare.giveBack()) return this.#hold(spare);
    this.#machine.desk?.free(spare.record.spareId);
    await removeSpareFolder(this.#machine.stateFolder, spare.record.spareId).catch(() => undefined);
  }

  #shown(
    record: SpareRecord,
  ): Pick<ObservedSpare, 'spareId' | 'environment' | 'fits' | 'node' | 'deviceCount' | 'devices'> {
    const { spareId, environment, fits, deviceCount, devices } = record;
    return {
      ...{ spareId, environment, fits, deviceCount, node: this.#machine.node },
      ...(devices === undefined ? {} : { devices: observedDevices(devices) }),
    };
  }

  /**
   * | its record | its process | a replica's record names it | it is |
   * |---|---|---|---|
   * | there | alive | no | kept |
   * | there | alive | one that has not ended | the replica's |
   * | there | alive | one that has ended | killed: nothing else would end it |
   * | there | gone | - | removed |
   * | without a number | carries its mark | - | killed: it was started, and its starter died before it could write so |
   * | absent | carries its mark | no | killed |
   */
  async #adopt(): Promise<void> {
    const { stateFolder, table } = this.#machine;
    const { records, without } = await readSpareRecords(stateFolder);
    const takers = takersOf(await readRecords(stateFolder));
    const known = new Set<string>();
    for (const record of records) {
      const { spareId, pid, identity } = record;
      const isAlive = pid !== null && identity !== null && table.identity(pid) === identity;
      const taker = takers.get(spareId);
      const isOver = taker !== undefined && hasEnded(taker);
      if (isAlive && !isOver) known.add(spareFolder(stateFolder, spareId).root);
      if (isAlive && taker === undefined) this.#hold(LocalSpare.adopt(this.#machine, record));
      else if (isAlive && isOver) signalProcess({ pid, identity }, 'SIGKILL', table);
      if (!isAlive || isOver) await removeSpareFolder(stateFolder, spareId);
    }
    for (const taker of takers.values()) known.add(spareFolder(stateFolder, taker.spare?.id ?? '').root);
    for (const { pid, marks } of table.marked({ [replicaEnvironment.home]: stateFolder })) {
      const folder = marks[spareVariable];
      if (folder === undefined || known.has(folder)) continue;
      signalProcess({ pid, identity: table.identity(pid) }, 'SIGKILL', table);
    }
    for (const spareId of without) await removeSpareFolder(stateFolder, spareId);
  }

  async #fill(wanted: readonly SpareSpec[]): Promise<void> {
    const standing = [...this.#spares.values()].map(({ record, isFree }) => ({
      ...record,
      isFree,
      isForeign: record.program !== this.#program,
    }));
    const { start, end } = decideSpares(standing, wanted);
    for (const spareId of end) {
      const spare = this.#spares.get(spareId);
      this.#spares.delete(spareId);
      if (spare === undefined) continue;
      this.#ending.add(spare);
      void spare.end().finally(() => this.#ending.delete(spare));
    }
    for (const spec of start) {
      if (this.#machine.closed.aborted) return;
      const key = groupOf(spec);
      if ((this.#failures.get(key)?.nextMs ?? -Infinity) > this.#machine.clock.monotonicMs()) continue;
      await this.#start(spec).catch(() => this.#failed(key));
    }
  }

  /** Nothing is written of a spare whose devices are held by others: it is tried again later. */
  async #start(spec: SpareSpec): Promise<void> {
    const { random, table, stateFolder, environment, ownCommand } = this.#machine;
    const spareId = `spare-${random.hex(8)}`;
    const folder = spareFolder(stateFolder, spareId);
    try {
      const { devices, variables } = await this.#takeDevices(spareId, spec);
      const intent: SpareRecord = {
        ...{ recordVersion: 1, spareId, environment: spec.environment, fits: spec.fits, program: this.#program },
        ...{ pid: null, identity: null, port: null, deviceCount: spec.needs.devices, deviceVariables: variables },
        ...(devices === undefined ? {} : { devices }),
      };
      await makeSpareFolder(this.#machine, spareId, random.hex(32));
      await writeSpareRecord(this.#machine, intent);
      const [file = '', ...words] = ownCommand;
      const env = {
        ...childEnvironment('replica', environment),
        ...variables,
        [replicaEnvironment.home]: stateFolder,
        [spareVariable]: folder.root,
      };
      const process = await spawnDetached(
        {
          file,
          args: [...words, 'serve-model'],
          env,
          folder: folder.root,
          stdout: folder.stdout,
          stderr: folder.stderr,
        },
        table,
      );
      const record = { ...intent, pid: process.pid, identity: process.identity };
      const spare = LocalSpare.run(this.#machine, record, process);
      this.#hold(spare);
      await writeSpareRecord(this.#machine, record).catch(async (thrown: unknown) => {
        await spare.end();
        throw thrown;
      });
    } catch (thrown) {
      this.#machine.desk?.free(spareId);
      await removeSpareFolder(stateFolder, spareId).catch(() => undefined);
      throw thrown;
    }
  }

  /** One that dies by itself is started again with a backoff, unless it was free for long enough. */
  #hold(spare: LocalSpare): void {
    const { clock, closed, restart } = this.#machine;
    const heldMs = clock.monotonicMs();
    this.#spares.set(spare.record.spareId, spare);
    void spare.over.then(() => {
      if (!this.#spares.delete(spare.record.spareId) || closed.aborted) return;
      const wasStable = spare.isFree && clock.monotonicMs() - heldMs >= restart.resetAfterReadyMs;
      if (wasStable) this.#failures.delete(groupOf(spare.record));
      else this.#failed(groupOf(spare.record));
    });
  }

  #failed(key: string): void {
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    const { clock, restart } = this.#machine;
    this.#failures.set(key, { count, nextMs: clock.monotonicMs() + backoffDelayMs(count, restart) });
  }

  /** It does not wait in line: a replica that waits for a device goes first. */
  async #takeDevices(
    spareId: string,
    { needs }: SpareSpec,
  ): Promise<Pick<SpareRecord, 'devices'> & { readonly variables: Readonly<Record<string, string>> }> {
    const { desk } = this.#machine;
    if (desk === null || needs.devices === 0) return { variables: {} };
    const ask = { devices: needs.devices, sharing: needs.sharing, memoryBytes: needs.deviceMemoryBytes };
    const answer = await desk.assign(spareId, ask);
    if (answer.answer === 'refused') throw new Error(answer.reason);
    return { devices: { ask, holds: answer.holds, lacking: null }, variables: answer.variables };
  }
}

/** The replica that was made of each spare, the newest where an earlier record names it too. */
const takersOf = (records: readonly ReplicaRecord[]): ReadonlyMap<string, ReplicaRecord> =>
  new Map(records.flatMap((record) => (record.spare === undefined ? [] : [[record.spare.id, record] as const])));

const groupOf = ({ environment, fits }: Pick<SpareSpec, 'environment' | 'fits'>): string => `${environment}\n${fits}`;
