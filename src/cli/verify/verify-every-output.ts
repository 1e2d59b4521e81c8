import { counted } from '../../core/hardware/verdict-words.ts';
import { combineVerdicts, type Verdict } from '../../core/units/verdict.ts';
import { combineExitStatus, exitStatusOfVerdict, type ExitStatus } from '../exit-status.ts';
import type { Finding, Report } from '../report/report.ts';
import { painter, type Tone } from '../terminal/paint.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';
import type { EveryOutcome, VerifiedCell } from './verify-every-outcome.ts';

const toneOf: Readonly<Record<Verdict, Tone>> = { pass: 'good', fail: 'bad', unknown: 'warn', inconclusive: 'warn' };

export function exitStatusOfEvery({ cells }: EveryOutcome): ExitStatus {
  return combineExitStatus(
    cells.map(({ verdict, before }) => (breaks(verdict, before) ? 1 : exitStatusOfVerdict(verdict))),
  );
}

const breaks = (verdict: Verdict, before: Verdict | null): boolean => before === 'pass' && verdict === 'fail';

/** One sentence for the whole matrix. */
export function conclusionOfEvery({ cells, changes }: EveryOutcome): string {
  const verdict = combineVerdicts(cells.map((cell) => cell.verdict));
  const services = new Set(cells.map(({ service, environment }) => `${service} ${environment}`)).size;
  const pools = new Set(cells.map(({ pool }) => pool)).size;
  const open = cells.filter((cell) => cell.verdict !== 'pass');
  const where = `${counted(services, 'service')} on ${counted(pools, 'pool')}`;
  const said =
    open.length === 0 ? `pass: ${where}` : `${verdict}: ${open.length} of ${cells.length} pairs do not pass (${where})`;
  return changes.length === 0 ? said : `${said}, with ${changes.join(',')}`;
}

/** Services by pools; what does not pass is said in words below. */
export function everyText(outcome: EveryOutcome, colour: boolean): string {
  const paint = painter(colour);
  const { cells, notes } = outcome;
  const pools = [...new Set(cells.map(({ pool }) => pool))].sort();
  const rows = new Map<string, VerifiedCell[]>();
  for (const cell of cells) {
    const key = `${cell.place.file} ${cell.environment}`;
    rows.set(key, [...(rows.get(key) ?? []), cell]);
  }
  const header = ['service', 'environment', ...pools].map((word) => paint('quiet', word));
  const table = [...rows.values()].map((row) => [
    row[0]?.service ?? '',
    row[0]?.environment ?? '',
    ...pools.map((pool) => {
      const cell = row.find((one) => one.pool === pool);
      return cell === undefined ? '-' : paint(toneOf[cell.verdict], cellText(cell));
    }),
  ]);
  const open = cells.filter(({ verdict }) => verdict !== 'pass');
  const next = open.find((cell) => cell.next !== null)?.next ?? (open[0] === undefined ? null : nextOf(open[0]));
  return textOfLines([
    paint(toneOf[combineVerdicts(cells.map(({ verdict }) => verdict))], conclusionOfEvery(outcome)),
    ...notes.map((note) => `note: ${note}`),
    '',
    ...alignedTable([header, ...table]),
    ...(open.length === 0 ? [] : ['', ...open.map(openLine)]),
    ...changeLines(cells),
    ...(next === null ? [] : [`next: ${next}`]),
  ]);
}

function cellText({ verdict, nodes, before }: VerifiedCell): string {
  const counts = nodes === null || nodes.total === 0 ? '' : ` ${nodes.pass}/${nodes.total}`;
  return before === null || before === verdict ? `${verdict}${counts}` : `${before} -> ${verdict}${counts}`;
}

function openLine({ service, environment, pool, verdict, reason, worstNodes }: VerifiedCell): string {
  const nodes = worstNodes.length === 0 ? '' : ` (${worstNodes.join(', ')})`;
  return `${service}${inEnvironment(environment)}${pool === '' ? '' : ` on ${pool}`}: ${verdict}: ${reason}${nodes}`;
}

const inEnvironment = (environment: string): string => (environment === '' ? '' : ` in ${environment}`);

function changeLines(cells: readonly VerifiedCell[]): readonly string[] {
  const name = ({ service, environment, pool }: VerifiedCell): string =>
    `${service}${inEnvironment(environment)} on ${pool}`;
  const broken = cells.filter(({ verdict, before }) => breaks(verdict, before)).map(name);
  const freed = cells
    .filter(({ verdict, before }) => before !== null && before !== 'pass' && verdict === 'pass')
    .map(name);
  return [
    ...(broken.length === 0 ? [] : [`breaks: ${broken.join(', ')}`]),
    ...(freed.length === 0 ? [] : [`freed: ${freed.join(', ')}`]),
  ];
}

const nextOf = ({ place, environment, pool }: VerifiedCell): string =>
  `plimsoll verify --contract ${place.file}${environment === '' ? '' : ` --environment ${environment}`}${pool === '' || pool === 'this machine' ? '' : ` --pool ${pool}`}`;

const levelOf: Readonly<Record<Verdict, Finding['level']>> = {
  pass: 'pass',
  fail: 'error',
  unknown: 'warning',
  inconclusive: 'warning',
};

export function everyReport(outcome: EveryOutcome, toolVersion: string): Report {
  const findings = outcome.cells.map((cell): Finding => {
    const { service, environment, pool, verdict, reason, worstNodes, place, next } = cell;
    const nodes = worstNodes.length === 0 ? '' : ` (${worstNodes.join(', ')})`;
    const following = verdict === 'pass' ? null : (next ?? nextOf(cell));
    return {
      rule: 'hardware-pool',
      name: `${service}${inEnvironment(environment)} on ${pool}`,
      level: levelOf[verdict],
      message: `${cellText(cell)}: ${reason}${nodes}`,
      ...(following === null ? {} : { next: following }),
      ...place,
      column: 1,
    };
  });
  return { title: 'verify', toolVersion, conclusion: conclusionOfEvery(outcome), findings };
}
