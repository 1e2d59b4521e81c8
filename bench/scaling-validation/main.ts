/**
 * The simulator of scaling beside closed forms of queueing theory: mean of 20 simulations with its 99.9% interval. The formulas
 * and their sources stand in src/testing/oracles/queueing-forms.ts.
 *
 *   npm run bench -- scaling-validation [--requests N of each simulation (100,000)] [--seed N] [--json]
 *
 * Exit status 0 when each closed form lies in its interval.
 */
import { compareQueue, queueingCases } from '../../src/testing/oracles/queueing-cases.ts';

export async function main(argv: readonly string[]): Promise<number> {
  const number = (name: string, fallback: number): number => {
    const at = argv.indexOf(`--${name}`);
    return at === -1 ? fallback : Number(argv[at + 1]);
  };
  const [requests, seed] = [number('requests', 100_000), number('seed', 1)];
  const rows = queueingCases.map((queue) => {
    const compared = compareQueue(queue, requests, seed);
    const inside = compared.lower < queue.expected && queue.expected < compared.upper;
    return {
      queue: queue.name,
      what: queue.what,
      measured: queue.measured,
      expected: queue.expected,
      ...compared,
      inside,
    };
  });
  const outside = rows.filter(({ inside }) => !inside).length;
  if (argv.includes('--json')) {
    console.log(JSON.stringify({ bench: 'scaling-validation', requests, seed, outside, rows }, null, 2));
  } else {
    const header = ['queue', 'compared', 'closed form', 'simulated', '99.9% interval'];
    const widths = [20, 44, 12, 12, 26];
    const line = (cells: readonly string[]): string =>
      cells.map((cell, at) => (at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('');
    console.log(line(header));
    for (const row of rows) {
      const shown = (value: number): string => {
        return row.measured === 'wait' || row.measured === 'sojourn'
          ? `${value.toFixed(2)} ms`
          : `${(100 * value).toFixed(2)}%`;
      };
      const interval = `${shown(row.lower)} .. ${shown(row.upper)}${row.inside ? '' : ' !'}`;
      console.log(line([row.queue, row.what, shown(row.expected), shown(row.simulated), interval]));
    }
    console.log(`${rows.length - outside} of ${rows.length} closed forms in their intervals`);
  }
  return await Promise.resolve(outside === 0 ? 0 : 1);
}
