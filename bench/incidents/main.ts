/**
 * Verdicts on public incidents: each row is rebuilt as a pool, an image, a model and a contract, and given to the function
 * that `verify` calls. Each has a twin that runs, which is the row with its nearest fix.
 *
 *   npm run bench -- incidents [--file FILE] [--json]
 *
 * Exit status 0 when at least 95% of the rows and 95% of the twins are right (38 of 40), and judges that always fail, or
 * never know, miss that.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { matrixText, scoreText, wrongLines } from './matrix.ts';
import { readForeignIncidents, readIncidents } from './read-incidents.ts';
import { aimShare, baselines, completeRows, judgeAll, judgeByRules, reachesAim, scoreOf } from './score.ts';

/** The repository's own rows. */
export const ownFile = path.join(import.meta.dirname, 'incidents.json');

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { file: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const own = readIncidents(ownFile);
  const foreign = values.file === undefined ? { rows: own, leftOut: [] } : readForeignIncidents(values.file);
  const rows = values.file === undefined ? own : completeRows(foreign.rows, own);
  if (foreign.leftOut.length > 0) console.error(`not read, for they are not known: ${foreign.leftOut.join(', ')}`);
  const all = judgeAll(rows, judgeByRules);
  const beside = Object.entries(baselines).map(([name, judge]) => ({ name, all: judgeAll(rows, judge) }));
  const met = reachesAim(all) && beside.every((one) => !reachesAim(one.all));
  if (values.json) {
    const scores = (some: typeof all) => ({
      rows: scoreOf(some, 'row'),
      read: scoreOf(some, 'read'),
      twins: scoreOf(some, 'twin'),
    });
    const report = {
      bench: 'incidents',
      file: values.file ?? 'bench/incidents/incidents.json',
      aimShare,
      met,
      ...scores(all),
      baselines: Object.fromEntries(beside.map((one) => [one.name, scores(one.all)])),
      judged: all,
    };
    console.log(JSON.stringify(report, null, 2));
    return met ? 0 : 1;
  }
  console.log(matrixText(all));
  const wrong = wrongLines(all);
  console.log(wrong.length === 0 ? '\nwrong: none' : `\nwrong:\n${wrong.map((line) => `  ${line}`).join('\n')}`);
  for (const one of beside) {
    const told = `rows ${scoreText(one.all, 'row')}, twins ${scoreText(one.all, 'twin')}`;
    console.log(`${one.name}: ${told}: ${reachesAim(one.all) ? 'reaches the aim, which is then no aim' : 'misses'}`);
  }
  console.log(
    `rows ${scoreText(all, 'row')}, twins ${scoreText(all, 'twin')}; aims at ${aimShare * 100}% of both: ${met ? 'met' : 'missed'}`,
  );
  return met ? 0 : 1;
}
