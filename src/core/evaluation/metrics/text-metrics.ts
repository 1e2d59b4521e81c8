import { hitMetric, meanMetric, type BoundMetric, type UndefinedMetric } from './bound-metric.ts';
import type { MetricName } from './metric-name.ts';
import type { TextOutcomes } from '../outcomes.ts';

export function textMetric({ row }: MetricName, { references, answers }: TextOutcomes): BoundMetric | UndefinedMetric {
  const bare = references.findIndex((texts) => texts.length === 0);
  if (bare >= 0) return { undefinedBecause: `row ${bare + 1} has no reference` };
  const best = (of: (answer: string, reference: string) => number) =>
    Float64Array.from(answers, (answer, index) => {
      let most = 0;
      for (const reference of references[index] ?? []) most = Math.max(most, of(answer, reference));
      return most;
    });
  switch (row.name) {
    case 'exact-match':
      return hitMetric(Uint8Array.from(best((a, b) => (normalised(a) === normalised(b) ? 1 : 0))));
    case 'token-f1':
      return meanMetric(best(tokenF1), [0, 1]);
    default:
      return meanMetric(best(rougeL), [0, 1]);
  }
}

/** As SQuAD does: lower case, no ASCII punctuation, no articles, single blanks. */
export function normalised(text: string): string {
  return text
    .toLowerCase()
    .replace(/[!-/:-@[-`{-~]/g, '')
    .replace(/(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu, ' ')
    .split(/\s+/u)
    .filter((word) => word !== '')
    .join(' ');
}

/** F1 of the tokens as bags; two texts without a token are equal. */
export function tokenF1(answer: string, reference: string): number {
  const [ours, theirs] = [tokensOf(normalised(answer)), tokensOf(normalised(reference))];
  if (ours.length === 0 || theirs.length === 0) return ours.length === theirs.length ? 1 : 0;
  const left = new Map<string, number>();
  for (const token of theirs) left.set(token, (left.get(token) ?? 0) + 1);
  let shared = 0;
  for (const token of ours) {
    const count = left.get(token) ?? 0;
    if (count > 0) shared += 1;
    left.set(token, count - 1);
  }
  return (2 * shared) / (ours.length + theirs.length);
}

const tokensOf = (text: string): readonly string[] => (text === '' ? [] : text.split(' '));

/** Longest text, in tokens, that ROUGE-L reads: the table of a subsequence grows with the product of the lengths. */
const mostTokens = 4_096;

/** F1 of the longest common subsequence. Only the first 4,096 tokens of each text are read. */
export function rougeL(answer: string, reference: string): number {
  const [ours, theirs] = [wordsOf(answer), wordsOf(reference)];
  if (ours.length === 0 || theirs.length === 0) return 0;
  return (2 * commonSubsequence(ours, theirs)) / (ours.length + theirs.length);
}

const wordsOf = (text: string): readonly string[] =>
  (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).slice(0, mostTokens);

function commonSubsequence(first: readonly string[], second: readonly string[]): number {
  const row = new Uint16Array(second.length + 1);
  for (const word of first) {
    let diagonal = 0;
    for (let place = 1; place <= second.length; place += 1) {
      const above = row[place] as number;
      row[place] = word === second[place - 1] ? diagonal + 1 : Math.max(above, row[place - 1] as number);
      diagonal = above;
    }
  }
  return row[second.length] as number;
}
