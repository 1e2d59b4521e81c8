import { combineVerdicts, type Judgement, type Verdict } from '../../../src/core/units/verdict.ts';
import type { Tally } from './tally.ts';

export interface Expectation {
  /** Release that is live, as the gateway names it. */
  readonly release: string;
  /** How many of the same rows ONNX Runtime gets right with the same file and nothing in between. */
  readonly right: number;
  /** The contract's `objective.latency`; null when it writes none. */
  readonly objective: { readonly quantile: number; readonly latencyMs: number } | null;
}

/**
 * Rows that may be classed otherwise than without batching: a batch adds up in another order, which moves a
 * probability in its seventh digit and can turn a tie. 1 in 500; on this data it is none.
 */
const tiesShare = 1 / 500;

/** What a run of digits through the gateway says: every judgement with its reason, the worst decides. */
export function judgeRun(tally: Tally, latenciesMs: readonly number[], expected: Expectation): Judgement {
  const judgements = [judgeErrors(tally), judgeRelease(tally, expected.release), judgeAccuracy(tally, expected.right)];
  return {
    verdict: combineVerdicts(judgements.map(({ verdict }) => verdict)),
    reasons: [...judgements.flatMap(({ reasons }) => reasons), ...latencyReasons(latenciesMs, expected.objective)],
  };
}

function judgement(verdict: Verdict, reason: string): Judgement {
  return { verdict, reasons: [reason] };
}

function judgeErrors({ sent, errors, firstError }: Tally): Judgement {
  if (sent === 0) return judgement('unknown', 'no digit was sent');
  if (errors === 0) return judgement('pass', `${sent} of ${sent} digits were answered`);
  return judgement(
    'fail',
    `${errors} of ${sent} digits were not answered; the first: ${firstError ?? 'no reason given'}`,
  );
}

function judgeRelease({ answered, releases }: Tally, live: string): Judgement {
  if (answered === 0) return judgement('unknown', 'no release answered');
  if (releases.length === 1 && releases[0] === live) return judgement('pass', `release ${live} gave every answer`);
  return judgement('fail', `release ${live} is live, but the answers came from ${releases.join(', ')}`);
}

function judgeAccuracy({ answered, sent, right }: Tally, expectedRight: number): Judgement {
  if (answered < sent || answered === 0) return judgement('unknown', 'accuracy needs an answer to every digit');
  const text = `${right} of ${answered} right through the gateway, ${expectedRight} in ONNX Runtime alone`;
  return judgement(Math.abs(right - expectedRight) <= answered * tiesShare ? 'pass' : 'fail', text);
}

/**
 * Said and not judged: the sender shares the cores with the service that it measures, so that a busy machine would fail a
 * service that does nothing wrong.
 */
function latencyReasons(latenciesMs: readonly number[], objective: Expectation['objective']): readonly string[] {
  if (objective === null || latenciesMs.length === 0) return [];
  const over = latenciesMs.filter((value) => value > objective.latencyMs).length;
  const allowed = +((1 - objective.quantile) * 100).toFixed(4);
  return [
    `${over} of ${latenciesMs.length} took longer than ${objective.latencyMs} ms, seen from this machine; the objective allows ${allowed} %`,
  ];
}
