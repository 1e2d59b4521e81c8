import type { TriageAnswer } from '../../core/monitoring/triage/answer.ts';
import type { ReplayNews } from '../../core/monitoring/replay/take-replay.ts';

/** The event that tells it. */
export function describeNews(news: ReplayNews, answer: TriageAnswer | null) {
  const { replicaId, release, node, recent } = news.replica;
  const of = { replicaId, release, node };
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

function describeCause(answer: TriageAnswer | null) {
  const [first] = answer?.verdict === 'named' ? answer.causes : [];
  if (answer?.verdict === 'named' && first !== undefined) {
    const cause = answer.causes.map((each) => each.cause).join(' and ');
    return { cause, because: first.evidence.join(' '), next: first.remedy.command };
  }
  const because = answer?.verdict === 'abstains' ? answer.why : 'nothing was observed';
  return { cause: null, because, next: 'plimsoll golden status' };
}
