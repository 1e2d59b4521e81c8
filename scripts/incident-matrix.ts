import path from 'node:path';
import { matrixHead, matrixRows, scoreText, wrongLines } from '../bench/incidents/matrix.ts';
import { readIncidents } from '../bench/incidents/read-incidents.ts';
import { baselines, judgeAll, judgeByRules, type Judged } from '../bench/incidents/score.ts';

const begin = '<!-- made by npm run generate from bench/incidents -->';
const end = '<!-- end -->';

interface IncidentFile {
  readonly file: string;
  readonly holds: string;
  /** What the rules that stood when the file was collected said of it; null: they were written with it. */
  readonly atFirst: { readonly rows: string; readonly twins: string } | null;
}

/** In the order in which they were collected. */
const files: readonly IncidentFile[] = [
  { file: 'incidents', holds: 'the first 40', atFirst: null },
  { file: 'further', holds: 'classes that the first 40 do not have', atFirst: null },
  { file: 'later', holds: 'still other classes', atFirst: { rows: '2 of 17', twins: '17 of 17' } },
  { file: 'untuned', holds: 'kernels and boards', atFirst: { rows: '6 of 10', twins: '10 of 10' } },
  { file: 'fresh', holds: 'classes that no rule covered', atFirst: { rows: '8 of 20', twins: '20 of 20' } },
  { file: 'unseen', holds: 'four general searches', atFirst: { rows: '7 of 8', twins: '8 of 8' } },
  { file: 'fourth', holds: 'classes that no rule covered', atFirst: { rows: '5 of 12', twins: '12 of 12' } },
  { file: 'fifth', holds: 'packages, models, the machine', atFirst: { rows: '2 of 17', twins: '17 of 17' } },
  { file: 'sixth', holds: 'engines and packages', atFirst: { rows: '4 of 15', twins: '15 of 15' } },
  { file: 'seventh', holds: 'nodes and containers', atFirst: { rows: '4 of 18', twins: '14 of 14' } },
  { file: 'eighth', holds: 'a sample: engines and packages', atFirst: { rows: '24 of 37', twins: '28 of 30' } },
  { file: 'ninth', holds: 'a sample: nodes and containers', atFirst: { rows: '19 of 32', twins: '23 of 26' } },
  { file: 'tenth', holds: 'a sample: engines and packages', atFirst: { rows: '22 of 34', twins: '25 of 27' } },
  { file: 'eleventh', holds: 'a sample: nodes and containers', atFirst: { rows: '18 of 27', twins: '16 of 22' } },
  { file: 'twelfth', holds: 'a sample: both', atFirst: { rows: '33 of 47', twins: '29 of 37' } },
  { file: 'thirteenth', holds: 'a sample: the workload', atFirst: { rows: '15 of 33', twins: '22 of 25' } },
  { file: 'fourteenth', holds: 'a sample: the node', atFirst: { rows: '23 of 36', twins: '27 of 29' } },
  { file: 'fifteenth', holds: 'a sample: the workload', atFirst: { rows: '17 of 31', twins: '21 of 24' } },
  { file: 'sixteenth', holds: 'a sample: the node', atFirst: { rows: '21 of 30', twins: '22 of 23' } },
  { file: 'seventeenth', holds: 'a sample: classes of the first 40', atFirst: { rows: '56 of 62', twins: '35 of 45' } },
  { file: 'eighteenth', holds: 'a sample: classes of the first 40', atFirst: { rows: '52 of 64', twins: '42 of 52' } },
  { file: 'nineteenth', holds: 'a sample: the same, and what runs', atFirst: { rows: '69 of 77', twins: '39 of 41' } },
  { file: 'twentieth', holds: 'a sample: classes of the first 40', atFirst: { rows: '61 of 74', twins: '40 of 50' } },
  {
    file: 'twenty-first',
    holds: 'a sample: classes of the first 40',
    atFirst: { rows: '32 of 41', twins: '27 of 35' },
  },
  {
    file: 'twenty-second',
    holds: 'a sample: the first 40, workload',
    atFirst: { rows: '26 of 35', twins: '24 of 28' },
  },
  {
    file: 'twenty-third',
    holds: 'a sample: the first 40, node and memory',
    atFirst: { rows: '29 of 40', twins: '24 of 30' },
  },
];

/** The page with the confusion matrix of the first file between its two marks, as the rules answer now. */
export function withFirstMatrix(page: string): string {
  const judged = judgeFile('incidents');
  return withBetweenMarks(page, [matrix(judged), '', ...wrongOf(judged, 'No answer is wrong.'), ...judgesBeside()]);
}

/** The page with all files between its two marks: the rows that were right at first and are now, and those that are wrong. */
export function withAllIncidents(page: string): string {
  const judged = files.map((one) => ({ ...one, all: judgeFile(one.file) }));
  const overview = table([
    ['file', 'holds', 'rows right at first', 'now', 'twins right at first', 'now'],
    ...judged.map(({ file, holds, atFirst, all }) => [
      ...[`\`${file}.json\``, holds, atFirst?.rows ?? '-', scoreText(all, 'row')],
      ...[atFirst?.twins ?? '-', scoreText(all, 'twin')],
    ]),
  ]);
  const wrong = judged.flatMap(({ file, all }) =>
    all.some(({ right }) => !right) ? ['', `\`${file}.json\`:`, '', ...wrongOf(all, '')] : [],
  );
  const sum = ['All files together:', '', matrix(judged.flatMap(({ all }) => all))];
  return withBetweenMarks(page, [overview, '', ...sum, '', '## Answers that are wrong', ...wrong]);
}

function withBetweenMarks(page: string, lines: readonly string[]): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new RangeError(`the page has no ${begin} before ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${lines.join('\n')}\n\n${page.slice(to)}`;
}

const rowsOf = (file: string): ReturnType<typeof readIncidents> =>
  readIncidents(path.join(import.meta.dirname, '../bench/incidents', `${file}.json`));

const judgeFile = (file: string): readonly Judged[] => judgeAll(rowsOf(file), judgeByRules);

const wrongOf = (judged: readonly Judged[], none: string): readonly string[] => {
  const wrong = wrongLines(judged).map((line) => `- ${line}`);
  return wrong.length === 0 ? [none] : wrong;
};

const judgesBeside = (): readonly string[] => [
  ...['', 'Judges that look at nothing, for comparison:', ''],
  ...Object.entries(baselines).map(([name, judge]) => {
    const judged = judgeAll(rowsOf('incidents'), judge);
    return `- ${name}: ${scoreText(judged, 'row')} rows and ${scoreText(judged, 'twin')} twins are right`;
  }),
];

const matrix = (judged: readonly Judged[]): string => table([matrixHead, ...matrixRows(judged)]);

/** A table of Markdown with columns of equal width; the first line is its head. */
function table(lines: readonly (readonly string[])[]): string {
  const [head = [], ...body] = lines;
  const widths = head.map((_, at) => Math.max(3, ...lines.map((line) => (line[at] ?? '').length)));
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [row(head), row(widths.map((width) => '-'.repeat(width))), ...body.map(row)].join('\n');
}
