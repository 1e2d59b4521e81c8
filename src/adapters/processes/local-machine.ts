import type { ReplicaOwner, ReplicaSetSpec } from '../../ports/serving/platform.ts';
import type { RestartPolicy } from '../../core/rollout/deployment/restart.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Random } from '../../ports/process/random.ts';
import type { ProbeOverTls } from '../../ports/serving/probe-over-tls.ts';
import type { RemoteSecrets } from '../../ports/access/remote-secrets.ts';
import type { WriteDurably } from '../../ports/process/write-durably.ts';
import type { Confinement } from './confinement/confinement.ts';
import type { DeviceDesk } from './devices/device-desk.ts';
import type { ProcessTable } from './process-table/process-table.ts';

/** The contract that a node is checked against when a replica of a release starts; null for nothing to check. */
export type StartContractOf = (owner: ReplicaOwner, set: Pick<ReplicaSetSpec, 'release'>) => Promise<string | null>;

/** What everything that runs from one state folder shares. */
export interface LocalMachine {
  /** Absolute. */
  readonly stateFolder: string;
  /** Name of this machine. */
  readonly node: string;
  readonly host: string;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly random: Random;
  readonly writeDurably: WriteDurably;
  readonly table: ProcessTable;
  /** Identity of this process. */
  readonly keeper: string | null;
  /** What `plimsoll` stands for in a command. */
  readonly ownCommand: readonly string[];
  /** Of the program that `plimsoll` stands for: a spare of another one is not taken. */
  readonly version: string;
  /** Environment of the process that starts replicas. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Contract that the node is checked against before a replica of it loads weights; null: none asks for that now. */
  readonly startContract: StartContractOf;
  readonly restart: RestartPolicy;
  readonly timing: LocalTiming;
  /** Hands out parts of devices; null where the platform assigns none. */
  readonly desk: DeviceDesk | null;
  /** Makes replicas run as other users; null: they run as the user of this process. */
  readonly confinement: Confinement | null;
  /** Where values of secrets lie that the state folder only points to; null: nowhere. */
  readonly remoteSecrets: RemoteSecrets | null;
  /** Asks replicas with a certificate whether they are ready; null: nobody can. */
  readonly probeOverTls: ProbeOverTls | null;
  /** Ports given to replicas that live. */
  readonly portsInUse: Set<number>;
  /** Aborted when the platform is closed: watching ends, what runs goes on. */
  readonly closed: AbortSignal;
}

export interface LocalTiming {
  readonly startingPollMs: number;
  readonly readyPollMs: number;
  readonly adoptedPollMs: number;
  readonly probeTimeoutMs: number;
}

export const defaultLocalTiming: LocalTiming = {
  startingPollMs: 50,
  readyPollMs: 1_000,
  adoptedPollMs: 100,
  probeTimeoutMs: 2_000,
};
