import type { Cause, TriageAnswer } from '../../src/core/monitoring/triage/answer.ts';
import type { GivenAnswer } from './replay-run.ts';
import type { Scenario } from './scenarios.ts';

/**
 * | outcome | when |
 * |---|---|
 * | wrong | some answer, at any time, named a cause that is not there |
 * | named | some answer named every cause that is there |
 * | part | of two causes one was named |
 * | abstained | something was seen, and no cause was named |
 * | unseen | triage was never asked |
 */
export interface Outcome {
  readonly verdict: 'wrong' | 'named' | 'part' | 'abstained' | 'unseen';
  /** Of all answers, sorted; what the confusion matrix counts. */
  readonly causes: readonly Cause[];
  /** Until the causes were named; null where they were not. */
  readonly afterMs: number | null;
  /** Of the last answer that abstained, where none named. */
  readonly why: string | null;
}

export function judgeOutcome({ causes }: Pick<Scenario, 'causes'>, answers: readonly GivenAnswer[]): Outcome {
  const named = answers.map(({ answer, afterMs, of }) => ({ of, afterMs, causes: causesOf(answer) }));
  const all = [...new Set(named.flatMap(({ causes: each }) => each))].toSorted();
  const full = named.find(({ causes: each }) => each.length > 0 && causes.every((cause) => each.includes(cause)));
  const isWrong = all.some((cause) => !causes.includes(cause));
  const last = answers.findLast(({ answer }) => answer.verdict === 'abstains')?.answer;
  const verdict = isWrong
    ? 'wrong'
    : full !== undefined
      ? 'named'
      : all.length > 0
        ? 'part'
        : answers.length > 0
          ? 'abstained'
          : 'unseen';
  const why =
    last?.verdict === 'abstains'
      ? `${last.why}; would decide: ${last.decides.map(({ observation }) => observation).join(', ')}`
      : null;
  return { verdict, causes: all, afterMs: full?.afterMs ?? null, why };
}

const causesOf = (answer: TriageAnswer): readonly Cause[] =>
  answer.verdict === 'named' ? answer.causes.map(({ cause }) => cause) : [];
