import type { ReactNode } from 'preact/compat';
import { formatDuration, formatProbability, shortReplica } from '../parts/format.ts';
import type { Failure, Scores, TryAnswer } from './infer-answer.ts';
import { NextStep } from '../health/next-step.tsx';
import { Words } from '../parts/words.tsx';

/** What it said, and who said it. */
export function Answer({ answer, scores }: { readonly answer: TryAnswer; readonly scores: Scores | null }): ReactNode {
  return (
    <>
      {scores === null ? null : (
        <p className="verdict-line">
          It reads <strong>{scores.best}</strong>
          {scores.probabilities ? ` with ${formatProbability(scores.values[scores.best] ?? 0)}` : ''}.
        </p>
      )}
      <AnsweredBy answer={answer} />
    </>
  );
}

function AnsweredBy({ answer }: { readonly answer: TryAnswer }): ReactNode {
  const parts = [
    answer.release === null ? null : `release ${answer.release}`,
    answer.modelVersion === null ? null : `model version ${answer.modelVersion}`,
    answer.replica === null ? null : `replica ${shortReplica(answer.replica)}`,
  ].filter((part) => part !== null);
  return (
    <p className="sub" title={answer.replica ?? undefined}>
      {parts.length === 0 ? 'The answer does not say who gave it' : `Answered by ${parts.join(', ')}`}
      {answer.latencyMs === null ? '' : `, in ${formatDuration(answer.latencyMs)}`}.
    </p>
  );
}

export function Failed({
  failure,
  answer,
}: {
  readonly failure: Failure;
  readonly answer: TryAnswer | null;
}): ReactNode {
  return (
    <div className="failure">
      <p className="verdict-line">{failure.title}</p>
      <p>
        <Words text={failure.detail} />
      </p>
      {failure.next === null ? null : (
        <p className="sub">
          Next: <NextStep text={failure.next} />
        </p>
      )}
      {answer === null || answer.replica === null ? null : <AnsweredBy answer={answer} />}
    </div>
  );
}
