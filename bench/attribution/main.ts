/**
 * Who of two tenants of one batching engine pays for how much of its time: a simulated engine whose own clock counts each
 * operation for the request that it is of, which no method is told.
 *
 *   npm run bench -- attribution [--batches N (20,000)] [--seeds N (5)] [--json]
 *
 * | method | knows |
 * |---|---|
 * | requests | how many requests of each tenant are there: as gateways split busy time over purposes |
 * | tokens | the tokens that each request reads and writes |
 * | work | tokens and context, weighed by what whole batches took: `splitBatchTime` with measured work |
 *
 * Exit status 0 when the error of `work` is below 2% for each tenant and seed. Its split of single batches is held against sampled
 * Shapley values of the mean cost of a batch.
 */
import { seededRandom, type Random } from '../../src/core/statistics/random.ts';
import { meanDurationUs, runEngine, type ClockedBatch } from './batching-engine.ts';
import { sampleShapley } from './shapley.ts';
import {
  clockedTruth,
  equalWork,
  fitWork,
  largestError,
  splitByWork,
  tokensWork,
  type WorkOf,
} from './split-methods.ts';

const errorAtMost = 0.02;
const fittedBatches = 2_000;
const comparedBatches = 300;
const orders = 20;

export async function main(argv: readonly string[]): Promise<number> {
  const number = (name: string, fallback: number): number => {
    const at = argv.indexOf(`--${name}`);
    return at === -1 ? fallback : Number(argv[at + 1]);
  };
  const [batches, seeds] = [number('batches', 20_000), number('seeds', 5)];
  const runs = Array.from({ length: seeds }, (_, index) => runSeed(index + 1, batches));
  const worst = (pick: (run: (typeof runs)[number]) => number): number => Math.max(...runs.map(pick));
  const measured = {
    ...{
      batches,
      seeds,
      errorOfRequests: worst(({ requests }) => requests),
      errorOfTokens: worst(({ tokens }) => tokens),
    },
    ...{ errorOfWork: worst(({ work }) => work), fromShapleyPerBatch: worst(({ perBatch }) => perBatch) },
    fromShapleyPerTenant: worst(({ perTenant }) => perTenant),
  };
  if (argv.includes('--json')) console.log(JSON.stringify(measured));
  else {
    const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;
    console.log(`${seeds} seeds of ${batches} batches; the largest error of a tenant against the engine's clock`);
    console.log(`  by requests  ${percent(measured.errorOfRequests)}`);
    console.log(`  by tokens    ${percent(measured.errorOfTokens)}`);
    console.log(`  by work      ${percent(measured.errorOfWork)} (below ${percent(errorAtMost)})`);
    console.log(
      `by work against sampled Shapley values: ${percent(measured.fromShapleyPerBatch)} of a batch goes to another request, ` +
        `${percent(measured.fromShapleyPerTenant)} of a tenant's time over ${comparedBatches} batches`,
    );
  }
  return Promise.resolve(measured.errorOfWork < errorAtMost ? 0 : 1);
}

function runSeed(seed: number, count: number) {
  const random = seededRandom(seed);
  const ran = runEngine(fittedBatches + count, random);
  const [fitted, batches] = [ran.slice(0, fittedBatches), ran.slice(fittedBatches)];
  const truth = clockedTruth(batches);
  const work = fitWork(fitted);
  const errorOf = (workOf: WorkOf): number => largestError(splitByWork(batches, workOf), truth);
  const every = Math.max(1, Math.floor(batches.length / comparedBatches));
  const compared = compareWithShapley(
    batches.filter((_, index) => index % every === 0),
    work,
    random,
  );
  return { requests: errorOf(equalWork), tokens: errorOf(tokensWork), work: errorOf(work), ...compared };
}

/** Returns how far the split is from Shapley values: of single batches on average, and of tenants over all of them. */
function compareWithShapley(
  batches: readonly ClockedBatch[],
  workOf: WorkOf,
  random: Random,
): { readonly perBatch: number; readonly perTenant: number } {
  const [charged, shapley] = [
    { chat: 0, documents: 0 },
    { chat: 0, documents: 0 },
  ];
  let moved = 0;
  for (const { requests } of batches) {
    const all = meanDurationUs(requests);
    const values = sampleShapley(requests, meanDurationUs, orders, random);
    const works = requests.map((request) => workOf(request, requests));
    const total = works.reduce((sum, work) => sum + work, 0);
    requests.forEach(({ tenant }, index) => {
      const [own, fair] = [(all * (works[index] ?? 0)) / total, values[index] ?? 0];
      charged[tenant] += own;
      shapley[tenant] += fair;
      moved += Math.abs(own - fair) / 2 / all;
    });
  }
  return { perBatch: moved / batches.length, perTenant: largestError(charged, shapley) };
}
