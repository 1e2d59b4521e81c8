/** A user of the machine that replicas run as. */
export interface ReplicaUser {
  readonly uid: number;
  readonly gid: number;
  /** Null for a number without an entry in the list of users. */
  readonly name: string | null;
}

/** One user for all replicas, or a range of numbers with one for each service. Both ends belong to the range. */
export type ReplicaUsers =
  | { readonly kind: 'one'; readonly user: ReplicaUser }
  | { readonly kind: 'range'; readonly first: number; readonly last: number };

/** A line of passwd(5), as far as it is needed here. */
export interface UserEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** (uid_t) -1 means "leave it as it is" to setresuid(2). */
const largestUid = 2 ** 32 - 2;
const widestRange = 65_536;

/**
 * Returns the users that `--replica-user` names, or the problem of the text.
 *
 * | text | users |
 * |---|---|
 * | `plimsoll-replica` | the user of that name, with its group |
 * | `1234` | that number, with the group of its entry, else the group of the same number |
 * | `70000-70999` | one number for each service, each with the group of the same number |
 * | user 0, the control plane's own user, a number of the range with an entry | a problem |
 *
 * A number of a range must have no entry: the files of a person or a program would be the replica's.
 */
export function parseReplicaUsers(
  text: string,
  entries: readonly UserEntry[],
  ownUid: number,
): ReplicaUsers | { readonly problem: string } {
  const range = /^(\d{1,10})-(\d{1,10})$/.exec(text);
  if (range !== null) return parseRange(Number(range[1]), Number(range[2]), entries, ownUid);
  const isNumber = /^\d{1,10}$/.test(text);
  const entry = entries.find(({ name, uid }) => (isNumber ? uid === Number(text) : name === text));
  if (entry === undefined && !isNumber) return { problem: `this machine has no user ${text.slice(0, 100)}` };
  const uid = entry?.uid ?? Number(text);
  const problem = problemOf(uid, ownUid);
  if (problem !== null) return { problem };
  return { kind: 'one', user: { uid, gid: entry?.gid ?? uid, name: entry?.name ?? null } };
}

function parseRange(
  first: number,
  last: number,
  entries: readonly UserEntry[],
  ownUid: number,
): ReplicaUsers | { readonly problem: string } {
  if (last < first) return { problem: `the range ${first}-${last} ends before it begins` };
  if (last - first >= widestRange) return { problem: `the range ${first}-${last} has more than ${widestRange} users` };
  const problem = problemOf(first, ownUid) ?? problemOf(last, ownUid);
  if (problem !== null) return { problem };
  if (ownUid >= first && ownUid <= last) return { problem: `user ${ownUid} runs the control plane` };
  const person = entries.find(({ uid }) => uid >= first && uid <= last);
  if (person !== undefined) return { problem: `user ${person.uid} of the range is ${person.name} of this machine` };
  return { kind: 'range', first, last };
}

function problemOf(uid: number, ownUid: number): string | null {
  if (uid === 0) return 'user 0 is root';
  if (uid > largestUid) return `${uid} is no number of a user: the largest is ${largestUid}`;
  return uid === ownUid ? `user ${uid} runs the control plane` : null;
}

/**
 * Returns whose user a replica gets: a service has one in each environment. Environments of measurements have another name
 * each time, so that all of a service share one.
 */
export function replicaUserKey(
  { service, environment }: { readonly service: string; readonly environment: string },
  isTemporary: boolean,
): string {
  return isTemporary ? service : `${service}/${environment}`;
}

/**
 * Returns the number that a key has, or the lowest free one for it; null where all are taken. A number is never given to
 * another key: files of the first one may still be there.
 *
 * @param taken key of each number that was given out. Of two numbers of one key the lowest counts.
 */
export function chooseReplicaUid(
  { first, last }: { readonly first: number; readonly last: number },
  taken: ReadonlyMap<number, string>,
  key: string,
): { readonly uid: number; readonly isNew: boolean } | null {
  let free: number | null = null;
  for (let uid = first; uid <= last; uid += 1) {
    const holder = taken.get(uid);
    if (holder === key) return { uid, isNew: false };
    if (holder === undefined) free ??= uid;
  }
  return free === null ? null : { uid: free, isNew: true };
}
