import { accessSync, constants, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import {
  parseReplicaUsers,
  replicaUserKey,
  type ReplicaUser,
  type ReplicaUsers,
  type UserEntry,
} from '../../../core/access/replica-users.ts';
import { looksTemporary } from '../../../core/rollout/names.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Random } from '../../../ports/process/random.ts';
import type { ReplicaOwner } from '../../../ports/serving/platform.ts';
import type { ReplicaCommand } from '../replica/replica-command.ts';
import { confineCommand, type ConfiningPrograms, type ProcessLimits } from './confined-command.ts';
import { ControlGroups } from './control-groups.ts';
import { takeReplicaUid } from './user-table.ts';

export interface ConfinementOptions {
  /** As `--replica-user` says it. */
  readonly replicaUser: string;
  /** Absolute. */
  readonly stateFolder: string;
  readonly random: Random;
  /** Those of this machine unless given. */
  readonly limits?: Partial<ReplicaLimits>;
}

export interface ReplicaLimits extends ProcessLimits {
  /** Processes and threads of one replica, where control groups can be written. */
  readonly tasks: number;
}

/** Keeps replicas away from the store, from secrets of others, and from each other: as another user, within limits. */
export class Confinement {
  readonly limits: ReplicaLimits;
  readonly users: ReplicaUsers;
  readonly #programs: ConfiningPrograms;
  readonly #options: ConfinementOptions;
  #groups: Promise<ControlGroups | null> | null = null;

  /** @throws PlimsollError `replica-user-needs-root`, `replica-user-invalid`, `replica-user-unsupported` (input). */
  constructor(options: ConfinementOptions) {
    const ownUid = process.getuid?.() ?? -1;
    if (process.platform !== 'linux') throw unsupported(`this is ${process.platform}`);
    if (ownUid !== 0) throw needsRoot(ownUid);
    const users = parseReplicaUsers(options.replicaUser, readUsers(), ownUid);
    if ('problem' in users) throw invalid(options.replicaUser, users.problem);
    this.users = users;
    this.#options = options;
    this.#programs = { sh: find('sh'), prlimit: find('prlimit'), setpriv: find('setpriv') };
    this.limits = withinOwn({ ...limitsOf(availableParallelism()), ...options.limits });
  }

  /** The user of a service, the same after each restart. @throws PlimsollError `replica-users-taken` (refused). */
  async userOf(owner: ReplicaOwner): Promise<ReplicaUser> {
    if (this.users.kind === 'one') return this.users.user;
    const { stateFolder, random } = this.#options;
    const key = replicaUserKey(owner, looksTemporary(owner.environment));
    const uid = await takeReplicaUid(stateFolder, this.users, key, random);
    return { uid, gid: uid, name: null };
  }

  /** What control groups limit here; null where none can be made. */
  groups(): Promise<ControlGroups | null> {
    this.#groups ??= ControlGroups.open();
    return this.#groups;
  }

  /** The same command as that user, in groups of its own. */
  async confine(
    command: ReplicaCommand,
    user: ReplicaUser,
    replicaId: string,
    memoryBytes: number | null,
  ): Promise<ReplicaCommand> {
    const groups = await this.groups();
    const files = (await groups?.make(replicaId, { memoryBytes, tasks: this.limits.tasks })) ?? [];
    return confineCommand(command, user, this.#programs, this.limits, files);
  }

  /** Kills what is left in the groups of a replica, and removes them. */
  async end(replicaId: string): Promise<void> {
    await (await this.groups())?.end(replicaId);
  }
}

/** Servers of large models have some hundred threads, and libraries of mathematics one pool of the size of the machine each. */
function limitsOf(cores: number): ReplicaLimits {
  const tasks = 1_024 + 64 * cores;
  return { tasks, tasksOfUser: 4 * tasks, openFiles: 65_536 };
}

/** A hard limit of this process may only be raised with a privilege that a container may lack. */
function withinOwn(limits: ReplicaLimits): ReplicaLimits {
  const text = readFileSync('/proc/self/limits', 'utf8');
  const hard = (name: string): number => {
    const value = new RegExp(`^${name}\\s+\\S+\\s+(\\S+)`, 'm').exec(text)?.[1];
    return value === undefined || value === 'unlimited' ? Infinity : Number(value);
  };
  return {
    ...limits,
    tasksOfUser: Math.min(limits.tasksOfUser, hard('Max processes')),
    openFiles: Math.min(limits.openFiles, hard('Max open files')),
  };
}

/** Never by PATH: they run as root. */
const folders = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

function find(name: string): string {
  const found = folders.map((folder) => path.join(folder, name)).find((file) => isProgram(file));
  if (found === undefined) throw unsupported(`there is no ${name} in ${folders.join(', ')}`);
  return found;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** passwd(5). Users of a directory service are named by their numbers. */
function readUsers(): readonly UserEntry[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, name, uid, gid] = /^([^:]+):[^:]*:(\d+):(\d+):/.exec(line) ?? [];
      return name === undefined ? [] : [{ name, uid: Number(uid), gid: Number(gid) }];
    });
}

function needsRoot(uid: number): PlimsollError {
  return new PlimsollError({
    code: 'replica-user-needs-root',
    category: 'input',
    message: `replicas can run as another user only where root starts them, and this is user ${uid}`,
    next: 'start the control plane as root, or leave --replica-user (PLIMSOLL_REPLICA_USER) out',
  });
}

function invalid(text: string, problem: string): PlimsollError {
  return new PlimsollError({
    code: 'replica-user-invalid',
    category: 'input',
    message: `--replica-user ${text.slice(0, 100)} names no user for replicas: ${problem}`,
    next: 'name a user without files of its own, or a range for one user a service: --replica-user 70000-70999',
  });
}

function unsupported(why: string): PlimsollError {
  return new PlimsollError({
    code: 'replica-user-unsupported',
    category: 'input',
    message: `replicas cannot run as another user here: ${why}`,
    next: 'on Linux install util-linux (setpriv, prlimit), or leave --replica-user out',
  });
}
