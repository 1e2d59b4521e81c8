/**
 * Calibration of the gate, by simulation: how often a candidate that is exactly as much worse as the margin is let through
 * at 95% confidence (20,000 simulations a cell), beside Tango's score, Wald and plain McNemar; how often equally good ones
 * are (power); and how often the one-sided limits of other metrics, and of their differences, miss the truth. With
 * `--bootstrap --quick` it prints the table of docs/evaluation-statistics.md.
 *
 *   npm run bench -- gate [--quick] [--paired | --bootstrap] [--json]
 *
 * Exit status 0 when no cell of the gate's own test passes more than 5% beyond what chance allows (a limit of 99.9%).
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { clopperPearson } from '../../src/core/statistics/distributions/binomial.ts';
import { rowsForPaired } from '../../src/core/statistics/limits/required-rows.ts';
import { limitsCells, limitsSizes, printLimits } from './limits.ts';
import type { PairedCell, PairedCounts } from './simulate.ts';
import type { LimitsCell, LimitsCounts } from './simulate-limits.ts';

const margins = [0.005, 0.01];
const discordances = [0.01, 0.02, 0.05, 0.1, 0.2];
const sizes = [200, 500, 1_000, 2_000, 5_000, 10_000, 20_000];
const methods = ['exact', 'tango', 'wald', 'mcnemar'] as const;

type Cell = PairedCell | LimitsCell;

export async function main(argv: readonly string[]): Promise<number> {
  const quick = argv.includes('--quick');
  const simulations = quick ? 2_000 : 20_000;
  let seed = 1;
  const paired = margins.flatMap((margin) =>
    discordances.flatMap((discordance) =>
      sizes.flatMap((rows) =>
        [-margin, 0].map((difference): PairedCell => ({
          kind: 'paired',
          rows,
          discordance,
          difference,
          margin,
          simulations: difference === 0 ? simulations / 4 : simulations,
          seed: seed++,
        })),
      ),
    ),
  );
  const planned = discordances.flatMap((discordance): PairedCell[] => {
    const half = discordance / 2;
    const rows = rowsForPaired({ firstShare: half, secondShare: half }, 0.005, 0.95);
    if (rows === null) return [];
    return [
      { kind: 'paired', rows, discordance, difference: 0, margin: 0.005, simulations: simulations / 4, seed: seed++ },
    ];
  });
  const startedMs = performance.now();
  const cells: readonly Cell[] = [
    ...(argv.includes('--paired') ? [] : limitsCells(limitsSizes(quick), 2_000)),
    ...(argv.includes('--bootstrap') ? [] : [...planned, ...paired]),
  ];
  const results = await runAll(cells);
  const pairs = cells.flatMap((cell, index) =>
    cell.kind === 'paired' ? [{ ...cell, passes: results[index] as PairedCounts }] : [],
  );
  const limits = cells.flatMap((cell, index) =>
    cell.kind === 'limits' ? [{ ...cell, counts: results[index] as LimitsCounts }] : [],
  );
  const atMargin = pairs.filter(({ difference }) => difference !== 0);
  // With so many cells at once one of them lies above a limit of 95% by chance.
  const tooLax = atMargin.filter(
    ({ passes, simulations: runs }) => clopperPearson(passes.exact, runs, 0.999).lower > 0.05,
  );
  const seconds = (performance.now() - startedMs) / 1000;
  if (argv.includes('--json')) {
    console.log(JSON.stringify({ bench: 'gate', simulations, seconds, tooLax: tooLax.length, pairs, limits }, null, 2));
  } else {
    if (pairs.length > 0) printAllPairs(pairs, planned.length);
    if (limits.length > 0) printLimits(limits);
    if (pairs.length > 0) {
      console.log(`not above 5% beyond simulation error: ${tooLax.length === 0 ? 'met' : 'missed'}`);
    }
    console.log(`${seconds.toFixed(0)} s`);
  }
  return tooLax.length === 0 ? 0 : 1;
}

/** Each worker takes the next cell when it is done with one. */
async function runAll(cells: readonly Cell[]): Promise<readonly (PairedCounts | LimitsCounts)[]> {
  const results = new Array<PairedCounts | LimitsCounts>(cells.length);
  let next = 0;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('worker.ts', import.meta.url));
    try {
      for (let index = next++; index < cells.length; index = next++) results[index] = await ask(worker, cells[index]);
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 8) }, work));
  return results;
}

function ask(worker: Worker, cell: Cell | undefined): Promise<PairedCounts | LimitsCounts> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(error);
    worker.once('error', failed);
    worker.once('message', (counts: PairedCounts | LimitsCounts) => {
      worker.off('error', failed);
      resolve(counts);
    });
    worker.postMessage(cell);
  });
}

function printAllPairs(pairs: readonly PairedResult[], planned: number): void {
  const atMargin = pairs.filter(({ difference }) => difference !== 0);
  printPairs('false passes: the candidate is worse by exactly the margin', atMargin);
  printPairs('power: the two are equally good', pairs.filter(({ difference }) => difference === 0).slice(planned));
  printPairs('power at the number of rows that the gate names (aim 80%)', pairs.slice(0, planned));
  for (const method of methods) {
    const most = Math.max(...atMargin.map(({ passes, simulations }) => passes[method] / simulations));
    console.log(`most false passes of ${method} in ${atMargin.length} cells: ${percent(most)}`);
  }
}

type PairedResult = PairedCell & { readonly passes: PairedCounts };

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

function printPairs(title: string, cells: readonly PairedResult[]): void {
  console.log(`\n${title}\n`);
  console.log('margin  disagree    rows   exact (95% interval)     Tango    Wald  McNemar');
  for (const { margin, discordance, rows, passes, simulations } of cells) {
    const { lower, upper } = clopperPearson(passes.exact, simulations, 0.975);
    const [exact, ...others] = methods.map((method) => percent(passes[method] / simulations).padStart(7));
    console.log(
      `${percent(margin).padStart(6)}  ${percent(discordance).padStart(8)}  ${String(rows).padStart(6)}  ` +
        `${exact ?? ''} (${percent(lower)} to ${percent(upper)})`.padEnd(27) +
        others.join(' '),
    );
  }
}
