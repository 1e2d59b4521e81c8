import { hitMetric, meanMetric, type BoundMetric, type UndefinedMetric } from './bound-metric.ts';
import type { MetricName } from './metric-name.ts';
import type { RankingOutcomes } from '../outcomes.ts';

type Query = RankingOutcomes['queries'][number];

/**
 * Means over the queries that have a relevant document; the others say nothing of a ranking and are left out, as by
 * trec_eval. That depends on the labels alone, so that two versions are compared on the same queries.
 */
export function rankingMetric(
  { row, depth = 1 }: MetricName,
  { queries }: RankingOutcomes,
): BoundMetric | UndefinedMetric {
  const bad = queries.findIndex(({ relevance, scores }) => !usable(relevance, scores));
  if (bad >= 0)
    return { undefinedBecause: `query ${bad + 1} has a score or a relevance that is no number of zero or more` };
  if (!queries.some(({ relevance }) => relevance.some((value) => value > 0))) {
    return { undefinedBecause: 'no query has a relevant document' };
  }
  if (row.argument === 'depth' && !queries.some(({ scores }) => scores.length >= depth)) {
    return { undefinedBecause: `no query has ${depth} documents, so that the cut at ${depth} means nothing` };
  }
  const of = { ndcg: gainAt, recall: recallAt, mrr: reciprocalRank }[row.name] ?? reciprocalRank;
  const values = Float64Array.from(queries, (query) =>
    query.relevance.some((value) => value > 0) ? of(tieRuns(query), query.relevance, depth) : NaN,
  );
  // A recall of a single document each is a share of rows, and is counted as one.
  const isShare = row.name === 'recall' && values.every((value) => Number.isNaN(value) || value === 0 || value === 1);
  return isShare
    ? hitMetric(Uint8Array.from(values, (value) => (Number.isNaN(value) ? 2 : value)))
    : meanMetric(values, [0, 1]);
}

const usable = (relevance: Float64Array, scores: Float64Array): boolean =>
  relevance.length === scores.length &&
  scores.every((score) => !Number.isNaN(score)) &&
  relevance.every((value) => value >= 0 && Number.isFinite(value));

/** Documents of equal score, best score first: the order within a run is anybody's. */
interface TieRun {
  readonly documents: number;
  readonly relevant: number;
  readonly gain: number;
}

function tieRuns({ relevance, scores }: Query): readonly TieRun[] {
  const order = [...scores.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
  const runs: { documents: number; relevant: number; gain: number }[] = [];
  let last: number | undefined;
  for (const index of order) {
    if (scores[index] !== last) runs.push({ documents: 0, relevant: 0, gain: 0 });
    last = scores[index];
    const run = runs.at(-1);
    const value = relevance[index] as number;
    if (run === undefined) continue;
    run.documents += 1;
    run.gain += value;
    if (value > 0) run.relevant += 1;
  }
  return runs;
}

/** Discounted gain with a linear gain, over the greatest that any order gives. */
function gainAt(runs: readonly TieRun[], relevance: Float64Array, depth: number): number {
  let rank = 0;
  let gain = 0;
  for (const { documents, gain: sum } of runs) {
    for (let place = 0; place < documents && rank < depth; place += 1, rank += 1) {
      gain += sum / documents / Math.log2(rank + 2);
    }
  }
  const best = relevance
    .toSorted((a, b) => b - a)
    .slice(0, depth)
    .reduce((sum, value, place) => sum + value / Math.log2(place + 2), 0);
  return gain / best;
}

function recallAt(runs: readonly TieRun[], relevance: Float64Array, depth: number): number {
  let left = depth;
  let found = 0;
  for (const { documents, relevant } of runs) {
    const taken = Math.min(documents, left);
    found += (relevant * taken) / documents;
    left -= taken;
  }
  return found / relevance.filter((value) => value > 0).length;
}

/** Mean of 1 / rank of the first relevant document over the orders of the first run that has one. */
function reciprocalRank(runs: readonly TieRun[]): number {
  let before = 0;
  for (const { documents, relevant } of runs) {
    if (relevant > 0) return meanReciprocal(before, documents, relevant);
    before += documents;
  }
  return 0;
}

/** P(first relevant at place j of the run) = P(none before j) relevant / (documents - j + 1). */
function meanReciprocal(before: number, documents: number, relevant: number): number {
  let none = 1;
  let mean = 0;
  for (let place = 1; place <= documents - relevant + 1; place += 1) {
    const first = relevant / (documents - place + 1);
    mean += (none * first) / (before + place);
    none *= 1 - first;
  }
  return mean;
}
