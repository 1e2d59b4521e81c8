import type { Cell } from './judge-cell.ts';

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

/** One row of Markdown for each workload and start, the cells that were missed in words below it, and a word for all. */
export function summarizeCells(cells: readonly Cell[]): string {
  const groups = [...Map.groupBy(cells, ({ workload, startSeconds: start }) => `${workload} | ${start} s`)];
  const head = ['workload', 'start', 'cells', 'met', 'excused', 'late', 'dear', 'least attained', 'cost over right'];
  const rows = groups.map(([name, of]) => {
    const count = (verdict: Cell['verdict']): number => of.filter((cell) => cell.verdict === verdict).length;
    const costs = of.map(({ cost }) => cost);
    const least = Math.min(...of.map(({ attainmentShare }) => attainmentShare));
    const counts = [of.length, count('met'), count('excused'), count('late'), count('dear')];
    const between = `${Math.min(...costs).toFixed(2)} to ${Math.max(...costs).toFixed(2)}`;
    return `| ${[name, ...counts, percent(least), between].join(' | ')} |`;
  });
  const missed = cells.filter(({ verdict }) => verdict === 'late' || verdict === 'dear');
  const late = missed.filter(({ verdict }) => verdict === 'late').length;
  const excused = cells.filter(({ verdict }) => verdict === 'excused').length;
  return [
    `| ${head.join(' | ')} |`,
    `|${'---|'.repeat(head.length)}`,
    ...rows,
    '',
    ...missed.map(
      ({ workload, startSeconds: start, wrong, factor, verdict, attainmentShare, cost }) =>
        `${verdict}: ${workload}, starts of ${start} s, ${wrong} told at ${factor}: ${percent(attainmentShare)} in time, ${cost.toFixed(2)} of the cost with right knowledge`,
    ),
    `${missed.length} of ${cells.length} cells missed: ${late} late, ${missed.length - late} too dear; ${excused} excused`,
    missed.length === 0 ? 'met' : 'missed',
  ].join('\n');
}
