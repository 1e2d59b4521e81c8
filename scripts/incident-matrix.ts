import path from 'node:path';
import { matrixHead, matrixRows, wrongLines } from '../bench/incidents/matrix.ts';
import { readIncidents } from '../bench/incidents/read-incidents.ts';
import { baselines, judgeAll, judgeByRules, scoreOf } from '../bench/incidents/score.ts';

const begin = '<!-- made by npm run generate from bench/incidents -->';
const end = '<!-- end -->';

/** Files beside the first, in the order in which they were collected. */
const furtherFiles: readonly (readonly [file: string, title: string])[] = [
  ['further.json', 'Further incidents'],
  ['later.json', 'Later incidents'],
  ['untuned.json', 'Incidents of kernels and boards'],
  ['fresh.json', 'Incidents collected before their rules'],
  ['unseen.json', 'Incidents of general searches'],
  ['fourth.json', 'Incidents of classes that no earlier file has'],
  ['fifth.json', 'Incidents of classes that no rule covered'],
  ['sixth.json', 'Incidents of engines and packages'],
  ['seventh.json', 'Incidents of nodes, drivers and containers'],
  ['eighth.json', 'Incidents of a neutral sample of engines and packages'],
  ['ninth.json', 'Incidents of ordinary searches'],
  ['tenth.json', 'Incidents that estimate the rules for engines and packages'],
  ['eleventh.json', 'Incidents that estimate the rules for nodes, drivers and containers'],
  ['twelfth.json', 'Incidents that estimate the rules for both'],
  ['thirteenth.json', 'Incidents that estimate the rules for the workload anew'],
  ['fourteenth.json', 'Incidents that estimate the rules for nodes, drivers and containers again'],
  ['fifteenth.json', 'Incidents that estimate the rules for the workload a third time'],
  ['sixteenth.json', 'Incidents that estimate the rules for nodes, drivers and containers a third time'],
];

/** The page with the confusion matrix of the incidents between its two marks, as the rules answer now. */
export function withIncidentMatrix(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new RangeError(`the page has no ${begin} before ${end}`);
  const further = furtherFiles.map(([file, title]) => `${title} (\`bench/incidents/${file}\`):\n\n${matrix(file)}`);
  const all = [matrix('incidents.json'), ...further].join('\n\n');
  return `${page.slice(0, from + begin.length)}\n\n${all}\n\n${page.slice(to)}`;
}

function matrix(file: string): string {
  const rows = readIncidents(path.join(import.meta.dirname, '../bench/incidents', file));
  const all = judgeAll(rows, judgeByRules);
  const lines = [matrixHead, ...matrixRows(all)];
  const widths = matrixHead.map((_, at) => Math.max(3, ...lines.map((line) => (line[at] ?? '').length)));
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = lines;
  const wrong = wrongLines(all).map((line) => `- ${line}`);
  const beside = Object.entries(baselines).map(([name, judge]) => {
    const judged = judgeAll(rows, judge);
    const [own, twins] = [scoreOf(judged, 'row'), scoreOf(judged, 'twin')];
    return `- ${name}: ${own.right} of ${own.of} rows and ${twins.right} of ${twins.of} twins are right`;
  });
  return [
    row(head),
    row(widths.map((width) => '-'.repeat(width))),
    ...body.map(row),
    '',
    wrong.length === 0 ? 'No answer is wrong.' : 'Wrong:',
    ...(wrong.length === 0 ? [] : ['', ...wrong]),
    '',
    'Judges that look at nothing, for comparison:',
    '',
    ...beside,
  ].join('\n');
}
