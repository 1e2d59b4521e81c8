import path from 'node:path';
import { matrixHead, matrixRows, wrongLines } from '../bench/incidents/matrix.ts';
import { readIncidents } from '../bench/incidents/read-incidents.ts';
import { baselines, judgeAll, judgeByRules, scoreOf } from '../bench/incidents/score.ts';

const begin = '<!-- made by npm run generate from bench/incidents -->';
const end = '<!-- end -->';

/** The page with the confusion matrix of the incidents between its two marks, as the rules answer now. */
export function withIncidentMatrix(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new RangeError(`the page has no ${begin} before ${end}`);
  const further = `Further incidents (\`bench/incidents/further.json\`):\n\n${matrix('further.json')}`;
  const later = `Later incidents (\`bench/incidents/later.json\`):\n\n${matrix('later.json')}`;
  const untuned = `Incidents of kernels and boards (\`bench/incidents/untuned.json\`):\n\n${matrix('untuned.json')}`;
  const fresh = `Incidents collected before their rules (\`bench/incidents/fresh.json\`):\n\n${matrix('fresh.json')}`;
  const unseen = `Incidents of general searches (\`bench/incidents/unseen.json\`):\n\n${matrix('unseen.json')}`;
  const fourth = `Incidents of classes that no earlier file has (\`bench/incidents/fourth.json\`):\n\n${matrix('fourth.json')}`;
  const fifth = `Incidents of classes that no rule covered (\`bench/incidents/fifth.json\`):\n\n${matrix('fifth.json')}`;
  const sixth = `Incidents of engines and packages (\`bench/incidents/sixth.json\`):\n\n${matrix('sixth.json')}`;
  const seventh = `Incidents of nodes, drivers and containers (\`bench/incidents/seventh.json\`):\n\n${matrix('seventh.json')}`;
  const eighth = `Incidents of a neutral sample of engines and packages (\`bench/incidents/eighth.json\`):\n\n${matrix('eighth.json')}`;
  const ninth = `Incidents of ordinary searches (\`bench/incidents/ninth.json\`):\n\n${matrix('ninth.json')}`;
  const all = [
    matrix('incidents.json'),
    further,
    later,
    untuned,
    fresh,
    unseen,
    fourth,
    fifth,
    sixth,
    seventh,
    eighth,
    ninth,
  ].join('\n\n');
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
