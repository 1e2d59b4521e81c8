import type { ObservedReplica } from '../rollout/replica.ts';

/** Why replicas of a release do not start, and what helps. */
export interface StartTrouble {
  /** What the platform says of one of them. */
  readonly cause: string;
  /** With a command in backticks. */
  readonly next: string;
}

const causeLengthMax = 400;
const history = 'see each start: `plimsoll history --kind replica`';

/** The first that the reason matches. */
const remedies: readonly (readonly [reason: RegExp, next: string])[] = [
  [/no node has room/, 'see what nodes have: `kubectl describe nodes`'],
  [/OOMKilled/, 'give it more memory: `plimsoll explain hardware.host.memory`'],
  [/image\b.* cannot be pulled/, 'see what is pulled: `plimsoll explain code.image`'],
  [/exceeded quota|resourcequota/, 'see the quota: `kubectl describe resourcequota`'],
];

/**
 * Returns why none or not all of the replicas of a pair start; null while they only take their time.
 *
 * | replica | is trouble |
 * |---|---|
 * | failed | yes |
 * | pending, and no node has room for it | yes |
 * | starting, after a start that ended | yes |
 * | any other | no |
 */
export function findStartTrouble(replicas: readonly ObservedReplica[], pair: string | null): StartTrouble | null {
  const own = replicas.filter((replica) => replica.pair === pair);
  const troubled =
    own.find(({ state }) => state === 'failed') ??
    own.find(({ state, reason }) => state === 'pending' && reason.startsWith('no node has room')) ??
    own.find(({ state, restarts }) => state === 'starting' && restarts > 0);
  if (troubled === undefined) return null;
  const { reason } = troubled;
  const cause = reason.length <= causeLengthMax ? reason : `${reason.slice(0, causeLengthMax)}...`;
  return { cause, next: remedies.find(([holds]) => holds.test(reason))?.[1] ?? history };
}
