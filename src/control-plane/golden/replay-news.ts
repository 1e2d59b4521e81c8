import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { invalidationBy } from '../../core/evidence/invalidation.ts';
import type { Invalidation } from '../../core/evidence/lock/lock.ts';
import type { TriageAnswer } from '../../core/monitoring/triage/answer.ts';
import type { ReplayNews } from '../../core/monitoring/replay/take-replay.ts';
import type { Release } from '../../core/rollout/release.ts';
import type { Digest } from '../../core/units/digest.ts';

/** The event that tells it. */
export function describeNews(news: ReplayNews, release: Pick<Release, 'number'>, answer: TriageAnswer | null) {
  if (news.kind === 'left-everywhere') return describeEverywhere(news, release, answer);
  const { replicaId, node, recent } = news.replica;
  const of = { replicaId, release: news.replica.release, node };
  if (news.kind === 'agrees') {
    const { because } = news;
    const summary = `Golden replays of ${replicaId} fail no more: it ${because}`;
    return { kind: 'replica.agrees', summary, data: { ...of, because } } as const;
  }
  const path = recent.at(-1)?.path ?? 'direct';
  const { cause, because, next } = describeCause(answer);
  const named = cause === null ? 'no cause is named' : `the cause is ${cause}`;
  return {
    kind: 'replica.diverged',
    summary: `Replica ${replicaId} diverged in golden replay: ${news.reason}; ${named}; next: ${next}`,
    data: { ...of, path, reason: news.reason, cause, because },
  } as const;
}

type Everywhere = Extract<ReplayNews, { kind: 'left-everywhere' }>;

function describeEverywhere(news: Everywhere, { number }: Pick<Release, 'number'>, answer: TriageAnswer | null) {
  const { cause, because, next } = describeCause(answer);
  const named = cause === null ? 'no cause is named' : `the cause is ${cause}`;
  return {
    kind: 'golden.left-everywhere',
    summary: `The golden evidence of release ${number} no longer holds: ${describeSince(news)}; ${named}; next: ${next}`,
    data: { release: number, replicas: news.replicas, cause, because },
  } as const;
}

/** `every replica answers the golden set otherwise since 14:05 UTC: r1, r2`. */
const describeSince = ({ replicas, sinceMs }: Everywhere): string =>
  `every replica answers the golden set otherwise since ${new Date(sinceMs).toISOString().slice(11, 16)} UTC: ${replicas.join(', ')}`;

/**
 * What no longer holds by it; null for news of one replica, which may be a bad node.
 * @param evidence the golden evidence of the live release, where that is known.
 */
export function invalidationOf(
  news: ReplayNews,
  environment: string,
  answer: TriageAnswer | null,
  atMs: number,
  evidence?: Digest,
): Invalidation | null {
  if (news.kind !== 'left-everywhere') return null;
  const { next } = describeCause(answer);
  const found = { environment, reason: describeSince(news), remedy: next, atMs };
  return invalidationBy('golden.left-everywhere', { ...found, ...(evidence === undefined ? {} : { evidence }) });
}

function describeCause(answer: TriageAnswer | null) {
  const [first] = answer?.verdict === 'named' ? answer.causes : [];
  if (answer?.verdict === 'named' && first !== undefined) {
    const cause = answer.causes.map((each) => each.cause).join(' and ');
    return { cause, because: first.evidence.join(' '), next: first.remedy.command };
  }
  const because = answer?.verdict === 'abstains' ? answer.why : 'nothing was observed';
  return { cause: null, because, next: nextStep(controlPlaneSteps, 'golden.left-everywhere') };
}
