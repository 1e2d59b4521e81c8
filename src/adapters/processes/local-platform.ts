import { hostname } from 'node:os';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { defaultRestartPolicy, decideRestart, type RestartPolicy } from '../../core/rollout/deployment/restart.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Platform, ReplicaOwner, ReplicaRights, ReplicaSetSpec } from '../../ports/serving/platform.ts';
import type { Random } from '../../ports/process/random.ts';
import type { ProbeOverTls } from '../../ports/serving/probe-over-tls.ts';
import type { RemoteSecrets } from '../../ports/access/remote-secrets.ts';
import type { WriteDurably } from '../../ports/process/write-durably.ts';
import type { Confinement } from './confinement/confinement.ts';
import { ownUserName } from './confinement/own-user.ts';
import { DeviceDesk, type DeviceClaim, type DevicesOfMachine } from './devices/device-desk.ts';
import { signalProcess, type DetachedProcess } from './detached-process.ts';
import { findReplicas, findStrays, type FoundReplica } from './replica/found-replicas.ts';
import { removeOldFolders } from './replica/old-folders.ts';
import { LocalReplicaSet } from './replica/local-replica-set.ts';
import { observed } from './replica/observed-replica.ts';
import { lastLines } from './output-file.ts';
import { isCertainlyDead } from './process-table/process-identity.ts';
import type { ProcessTable } from './process-table/process-table.ts';
import { defaultLocalTiming, type LocalMachine, type LocalTiming, type StartContractOf } from './local-machine.ts';
import type { ReplicaMachine } from './replica/replica-machine.ts';
import { isUnordered, killUnordered } from './spares/taken-spares.ts';
import { LocalSpares } from './spares/local-spares.ts';
import { readSpareClaims } from './spares/spare-claims.ts';
import { replicaFolder, replicaIdPattern, writeRecord, type ReplicaRecord } from './replica/replica-record.ts';
import { makeProcessTable } from './process-table/this-machine.ts';

export interface LocalPlatformOptions {
  /** Absolute. Belongs to this machine: replicas recorded by another one, or before the last boot, are gone. */
  readonly stateFolder: string;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly random: Random;
  readonly writeDurably: WriteDurably;
  /** What `plimsoll` as first word of a command stands for: the program and its first arguments. */
  readonly ownCommand: readonly string[];
  /** Of that program; left out where nobody keeps spares over an upgrade. */
  readonly version?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the contract that the node is checked against at every start; null while it asks for no hardware. */
  readonly startContract?: StartContractOf;
  /** Devices that replicas are assigned parts of. Without it they see all that the machine has, and are assigned none. */
  readonly devices?: DevicesOfMachine;
  /** Without it replicas run as the user of this process. */
  readonly confinement?: Confinement;
  /** Without it a secret that lies in a store of secrets cannot be read. */
  readonly remoteSecrets?: RemoteSecrets;
  /** Without it a replica with a certificate is never ready. */
  readonly probeOverTls?: ProbeOverTls;
  readonly restart?: RestartPolicy;
  readonly timing?: Partial<LocalTiming>;
  readonly table?: ProcessTable;
}

const strayDrainTimeoutMs = 10_000;

/**
 * Replicas as processes of this machine, each in a session of its own, so that they outlive the control plane.
 *
 * Until `apply` is called for an owner this only looks: `plimsoll status` may open a second one on the same state folder
 * while a control plane runs. The first `apply` adopts what runs, and from then on this one keeps the owner's sets; that
 * only one control plane does so at a time is the lease's business. While no control plane runs nothing is restarted, and
 * nothing holds the output files within their bound.
 */
export class LocalPlatform implements Platform {
  readonly name = 'local';
  readonly spares: LocalSpares;
  readonly rights: ReplicaRights;
  readonly #machine: ReplicaMachine;
  readonly #closing = new AbortController();
  readonly #sets = new Map<string, LocalReplicaSet>();
  readonly #adoptions = new Map<string, Promise<void>>();
  #cleaning: Promise<void> = Promise.resolve();

  constructor(options: LocalPlatformOptions) {
    const table = options.table ?? makeProcessTable();
    const { stateFolder, devices } = options;
    const machine: LocalMachine = {
      stateFolder,
      desk: devices === undefined ? null : new DeviceDesk(devices, () => readClaims({ stateFolder, table })),
      node: hostname(),
      host: '127.0.0.1',
      blobs: options.blobs,
      clock: options.clock,
      random: options.random,
      writeDurably: options.writeDurably,
      table,
      keeper: table.identity(process.pid),
      ownCommand: options.ownCommand,
      version: options.version ?? '',
      environment: options.environment,
      startContract: options.startContract ?? (() => Promise.resolve(null)),
      restart: options.restart ?? defaultRestartPolicy,
      timing: { ...defaultLocalTiming, ...options.timing },
      remoteSecrets: options.remoteSecrets ?? null,
      probeOverTls: options.probeOverTls ?? null,
      confinement: options.confinement ?? null,
      portsInUse: new Set(),
      closed: this.#closing.signal,
    };
    this.rights = rightsOf(machine.confinement);
    this.spares = new LocalSpares(machine);
    this.#machine = { ...machine, spares: this.spares };
  }

  async apply(
    owner: ReplicaOwner,
    sets: readonly ReplicaSetSpec[],
    signal: AbortSignal,
    untouched: readonly string[] = [],
  ): Promise<void> {
    signal.throwIfAborted();
    await this.#adoptOnce(owner);
    signal.throwIfAborted();
    const wanted = new Map(sets.map((spec) => [spec.set, spec]));
    for (const spec of sets) this.#set(owner, spec.set);
    for (const set of this.#setsOf(owner)) {
      if (!untouched.includes(set.name)) set.want(wanted.get(set.name) ?? null);
    }
    this.#forgetEmptySets();
  }

  async observe(owner: ReplicaOwner, signal: AbortSignal): Promise<readonly ObservedReplica[]> {
    signal.throwIfAborted();
    const adoption = this.#adoptions.get(ownerKey(owner));
    if (adoption === undefined) return await this.#lookOnly(owner);
    await adoption;
    return this.#setsOf(owner).flatMap((set) => set.observe());
  }

  /** First what it wrote on stdout, then on stderr: two files know no order between their lines. */
  async logs(replicaId: string, lines: number, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    if (!replicaIdPattern.test(replicaId)) return [];
    const folder = replicaFolder(this.#machine.stateFolder, replicaId);
    const stdout = await lastLines(folder.stdout, lines);
    const stderr = await lastLines(folder.stderr, lines);
    const fromStderr = Math.min(stderr.length, Math.max(Math.ceil(lines / 2), lines - stdout.length));
    return [...stdout.slice(-(lines - fromStderr) || stdout.length), ...stderr.slice(-fromStderr || stderr.length)];
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const replicas = [...this.#sets.values()].flatMap((set) => set.replicas());
    await Promise.all(replicas.map((replica) => replica.settled()));
    await this.#cleaning;
  }

  /** Owners with something that runs here, as their records say, and whether the process that keeps it is alive. */
  async owners(): Promise<readonly { readonly owner: ReplicaOwner; readonly kept: boolean }[]> {
    const { table } = this.#machine;
    const own = table.identity(process.pid) ?? '';
    const owners = new Map<string, { owner: ReplicaOwner; kept: boolean }>();
    for (const { record, alive } of await findReplicas(this.#machine)) {
      if (alive === null) continue;
      const owner = { service: record.service, environment: record.environment };
      const kept = record.keeper !== null && !isCertainlyDead(table, own, record.keeper);
      owners.set(ownerKey(owner), { owner, kept: kept || (owners.get(ownerKey(owner))?.kept ?? false) });
    }
    return [...owners.values()];
  }

  /** Ends what drains without waiting for it any longer. */
  killDraining(): void {
    for (const set of this.#sets.values()) {
      for (const replica of set.replicas()) if (replica.record.state === 'draining') replica.kill();
    }
  }

  async #lookOnly(owner: ReplicaOwner): Promise<readonly ObservedReplica[]> {
    const found = await findReplicas(this.#machine, owner);
    return found
      .filter(({ record, alive }) => alive !== null || record.state !== 'stopped')
      .map(({ record, alive }) => observed(this.#asSeen(record, alive), this.#machine.node));
  }

  /** An intent without a process may be at work in the control plane that wrote it: only its heir may call it gone. */
  #asSeen(record: ReplicaRecord, alive: FoundReplica['alive']): ReplicaRecord {
    if (alive !== null) return { ...record, ...alive };
    return record.pid === null ? record : goneRecord(record, this.#machine);
  }

  #adoptOnce(owner: ReplicaOwner): Promise<void> {
    const key = ownerKey(owner);
    const known = this.#adoptions.get(key);
    if (known !== undefined) return known;
    const adoption = this.#adopt(owner);
    this.#adoptions.set(key, adoption);
    adoption.catch(() => this.#adoptions.delete(key));
    return adoption;
  }

  async #adopt(owner: ReplicaOwner): Promise<void> {
    for (const found of await findReplicas(this.#machine, owner)) {
      if (found.alive !== null && isUnordered(found.record)) {
        await killUnordered(this.#machine, found.record);
        await this.#resume(owner, { record: { ...found.record, pid: null, identity: null }, alive: null });
      } else if (found.alive !== null) {
        this.#set(owner, found.record.set).adopt({ ...found.record, ...found.alive });
      } else if (found.record.state !== 'stopped') await this.#resume(owner, found);
    }
    for (const stray of await findStrays(this.#machine, owner)) void this.#drainStray(stray);
    this.#cleanUp();
  }

  /** Its folder was removed under it, so nobody can tell what it is for. */
  async #drainStray(stray: Pick<DetachedProcess, 'pid' | 'identity'>): Promise<void> {
    const { table, clock, closed } = this.#machine;
    signalProcess(stray, 'SIGTERM', table);
    await clock.sleep(strayDrainTimeoutMs, closed).catch(() => undefined);
    if (!closed.aborted) signalProcess(stray, 'SIGKILL', table);
  }

  /** A slot whose replica is gone goes on where it was: with its backoff, and with a reason. */
  async #resume(owner: ReplicaOwner, { record }: FoundReplica): Promise<void> {
    const { clock } = this.#machine;
    const gone = goneRecord(record, this.#machine);
    if (gone !== record) await writeRecord(this.#machine, gone).catch(() => undefined);
    const waitMs = Math.min(this.#machine.restart.maxDelayMs, Math.max(0, (gone.nextStartAtMs ?? 0) - clock.nowMs()));
    this.#set(owner, record.set).resume(gone, waitMs);
  }

  #set(owner: ReplicaOwner, name: string): LocalReplicaSet {
    const key = `${ownerKey(owner)}/${name}`;
    const known = this.#sets.get(key);
    if (known !== undefined) return known;
    const made = new LocalReplicaSet(owner, name, this.#machine, () => {
      this.#forgetEmptySets();
      this.#cleanUp();
    });
    this.#sets.set(key, made);
    return made;
  }

  #setsOf(owner: ReplicaOwner): readonly LocalReplicaSet[] {
    return [...this.#sets.values()].filter((set) => ownerKey(set.owner) === ownerKey(owner));
  }

  #forgetEmptySets(): void {
    for (const [key, set] of this.#sets) if (set.empty) this.#sets.delete(key);
  }

  #cleanUp(): void {
    const shown = new Set([...this.#sets.values()].flatMap((set) => set.replicas().map((r) => r.record.replicaId)));
    this.#cleaning = this.#cleaning
      .then(() => removeOldFolders(this.#machine.stateFolder, shown, this.#machine.clock.nowMs()))
      .catch(() => undefined);
  }
}

function rightsOf(confinement: Confinement | null): ReplicaRights {
  if (confinement === null) return { runAs: `${ownUserName()}, the user of the control plane`, areOwn: true };
  const { users } = confinement;
  const runAs =
    users.kind === 'one'
      ? `user ${users.user.name ?? users.user.uid}, the same for all services`
      : `users ${users.first} to ${users.last}, one for each service`;
  return { runAs, areOwn: false };
}

/** What replicas that run hold, whichever service they are of, and what spares hold. */
async function readClaims(
  machine: Pick<ReplicaMachine, 'stateFolder' | 'table'>,
): Promise<ReadonlyMap<string, DeviceClaim>> {
  const found = await findReplicas(machine);
  const ofReplicas = found.flatMap(({ record, alive }) =>
    alive === null || record.devices === undefined ? [] : [[record.replicaId, record.devices] as const],
  );
  return new Map([...ofReplicas, ...(await readSpareClaims(machine))]);
}

function ownerKey(owner: ReplicaOwner): string {
  return `${owner.service}/${owner.environment}`;
}

/** The record of a replica that nobody saw end. */
function goneRecord(record: ReplicaRecord, machine: ReplicaMachine): ReplicaRecord {
  if (record.endedAtMs !== null) return record;
  const nowMs = machine.clock.nowMs();
  const neverStarted = record.pid === null;
  const decision = decideRestart(
    {
      end: neverStarted
        ? { kind: 'not-started', why: 'the control plane ended before it was started' }
        : { kind: 'unknown' },
      ranMs: Math.max(0, nowMs - (record.spawnedAtMs ?? nowMs)),
      readyForMs: record.readyAtMs === null ? null : Math.max(0, nowMs - record.readyAtMs),
      failuresInRow: record.failuresInRow,
      lastLine: null,
    },
    machine.restart,
  );
  return {
    ...record,
    state: record.state === 'draining' ? 'stopped' : 'failed',
    reason: neverStarted ? 'the control plane ended before it was started; next start at once' : decision.reason,
    failuresInRow: neverStarted ? record.failuresInRow : decision.failuresInRow,
    nextStartAtMs: neverStarted ? nowMs : nowMs + decision.delayMs,
    endpoint: null,
    endedAtMs: nowMs,
  };
}
