import type { ReplicaUser } from '../../../core/access/replica-users.ts';
import { replicaEnvironment } from '../../../schemas/replica/replica-environment.ts';
import type { ReplicaCommand } from '../replica/replica-command.ts';

/** Absolute paths of programs that every Linux distribution has; `setpriv` and `prlimit` are of util-linux. */
export interface ConfiningPrograms {
  readonly sh: string;
  readonly prlimit: string;
  readonly setpriv: string;
}

export interface ProcessLimits {
  /** Processes and threads that the user may have, over all of its replicas: RLIMIT_NPROC. */
  readonly tasksOfUser: number;
  /** Files that a process may have open: RLIMIT_NOFILE. */
  readonly openFiles: number;
}

/** As the caller: it enters its control groups (their `cgroup.procs` files come first, counted) and goes on with the rest. */
const enterGroups = [
  'umask 077',
  'left=$1; shift',
  'while [ "$left" -gt 0 ]; do echo $$ > "$1" || exit 125; shift; left=$((left - 1)); done',
  'exec "$@"',
].join('; ');

const givenPrefix = 'PLIMSOLL_GIVEN_';
/** By these a process is found again, also in the moment before its own program runs. They mean nothing to the programs between. */
const marks = new Set<string>(Object.values(replicaEnvironment));

/**
 * Returns the command that becomes `command` as another user: with its groups alone, without privileges that a set-uid program
 * could give (no_new_privs), within limits, and with files for itself alone (umask 077).
 *
 * | step | runs as | sees the variables of the contract |
 * |---|---|---|
 * | `sh` enters control groups | the caller | under other names |
 * | `prlimit` | the caller | under other names |
 * | `setpriv` becomes the user | the caller | under other names |
 * | `sh` gives the variables their names | the user | yes |
 * | the command | the user | yes |
 *
 * A contract may set `LD_PRELOAD`. So no program that still has privileges is given the variables by their own names. Their
 * values go by the environment: command lines are for everybody to read.
 *
 * @param groups `cgroup.procs` files that the process is to write itself into.
 * https://docs.kernel.org/userspace-api/no_new_privs.html
 */
export function confineCommand(
  command: ReplicaCommand,
  { uid, gid }: ReplicaUser,
  { sh, prlimit, setpriv }: ConfiningPrograms,
  { tasksOfUser, openFiles }: ProcessLimits,
  groups: readonly string[] = [],
): ReplicaCommand {
  const variables = Object.entries(command.env);
  const renamed = variables.filter(([name]) => !marks.has(name));
  return {
    file: sh,
    args: [
      ...['-c', enterGroups, 'plimsoll-replica', String(groups.length), ...groups],
      ...[prlimit, `--nproc=${tasksOfUser}`, `--nofile=${openFiles}`, '--core=0'],
      ...[setpriv, `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--inh-caps=-all', '--no-new-privs'],
      ...[sh, '-c', giveNames(renamed.map(([name]) => name)), 'plimsoll-replica', command.file, ...command.args],
    ],
    env: {
      ...Object.fromEntries(variables.filter(([name]) => marks.has(name))),
      ...Object.fromEntries(renamed.map(([, value], index) => [`${givenPrefix}${index}`, value])),
    },
  };
}

/** Only names stand in the script, and a name of a variable is letters, digits and underscores. */
function giveNames(names: readonly string[]): string {
  const exported = names
    .map((name, index) => ({ name, given: `${givenPrefix}${index}` }))
    .filter(({ name }) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .map(({ name, given }) => `export ${name}="$${given}"`);
  const unset = names.map((_name, index) => `unset ${givenPrefix}${index}`);
  return [...exported, ...unset, 'exec "$@"'].join('; ');
}
