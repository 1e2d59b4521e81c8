/**
 * Plimsoll's scaling policy while its evidence is wrong: capacity and starts told 0.25 to 4 times as large as they are, against KEDA
 * and its HPA with the real target. Scored is what comes after the policy had the time to learn.
 *
 *   npm run bench -- scaling-wrong [--draws N] [--only TEXT] [--start SECONDS] [--wrong capacity|start] [--factors 0.5,2] [--json]
 *   npm run bench -- scaling-wrong --trace FILE [--tokens 50ms,0.1ms,20ms] [--curve slots:4,200ms] [--latency 10s]
 *
 * A cell is met where it attains min(99%, KEDA's less half a point), at a cost of at most 1.15 of its own with right knowledge and
 * one replica. Cells that never saturate are judged by attainment alone. A cell that is missed too by the same policy, told the truth
 * when learning is over, is excused as far as it is not worse.
 */
import { availableParallelism, cpus } from 'node:os';
import { toldFactors, type ToldWrong } from '../../src/core/scaling/simulation/told-evidence.ts';
import { PlimsollError } from '../../src/core/units/errors.ts';
import { TaskPool } from '../scaling/pool.ts';
import { judgeCell, type Cell } from './judge-cell.ts';
import type { AskedRun, RunRecord } from './run-record.ts';
import type { Task } from './worker.ts';
import type { GivenTrace } from './trace-world.ts';
import { namedWorlds, type NamedWorld } from './worlds.ts';

const startSeconds = [5, 40, 180, 300] as const;

interface Asked {
  readonly draws: number;
  readonly starts: readonly number[];
  readonly wrongs: readonly ToldWrong[];
  readonly factors: readonly number[];
}

class Wrong {
  readonly #pool: TaskPool<Task, RunRecord>;
  readonly #trace: GivenTrace | null;
  readonly #asked: Asked;

  constructor(pool: TaskPool<Task, RunRecord>, trace: GivenTrace | null, asked: Asked) {
    this.#pool = pool;
    this.#trace = trace;
    this.#asked = asked;
  }

  async cells({ name, make }: NamedWorld, start: number, tell: (cell: Cell) => void): Promise<readonly Cell[]> {
    const { endMs } = make(start);
    const runs = (policy: AskedRun['policy'], told: AskedRun['told']): Promise<readonly RunRecord[]> =>
      this.#runs(name, start, policy, told);
    const [right, keda] = [runs('own', null), runs('keda', null)];
    const cells = this.#asked.wrongs.flatMap((wrong) =>
      this.#asked.factors.map(async (factor) => {
        const of = { workload: name, startSeconds: start, wrong, factor };
        const all = { own: await runs('own', { wrong, factor }), right: await right, keda: await keda, endMs };
        const cell = judgeCell(of, all, null);
        if (cell.verdict === 'met') return cell;
        return judgeCell(of, all, await runs('own', { wrong, factor, untilMs: cell.scoredFromMs }));
      }),
    );
    const judged: Cell[] = [];
    for (const cell of cells) {
      judged.push(await cell);
      tell(await cell);
    }
    return judged;
  }

  #runs(workload: string, start: number, policy: AskedRun['policy'], told: AskedRun['told']) {
    return Promise.all(
      Array.from({ length: this.#asked.draws }, (_, index) =>
        this.#pool.do({ trace: this.#trace, workload, startSeconds: start, policy, told, seed: index + 1 }),
      ),
    );
  }
}

const drawsAtMost = 1_000;
const isWholeUpTo = (value: number, most: number): boolean => Number.isInteger(value) && value > 0 && value <= most;

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

function rowOf(cell: Cell): string {
  const { workload, startSeconds: start, wrong, factor, attainmentShare, kedaShare, cost, verdict } = cell;
  const from = `${Math.round(cell.scoredFromMs / 60_000)} min${cell.saturates ? '' : ' (never saturates)'}`;
  const cells = [workload, `${start} s`, wrong, factor, percent(attainmentShare), percent(kedaShare), cost.toFixed(2)];
  return `| ${[...cells, from, verdict].join(' | ')} |`;
}

export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await judgeWorlds(argv);
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError) || thrown.category !== 'input') throw thrown;
    console.error([`scaling-wrong: ${thrown.message}`, `  next: ${thrown.next ?? '--help'}`].join('\n'));
    return 2;
  }
}

async function judgeWorlds(argv: readonly string[]): Promise<number> {
  const option = (name: string): string | undefined =>
    argv.includes(name) ? (argv[argv.indexOf(name) + 1] ?? '') : undefined;
  const numbers = (text: string | undefined, all: readonly number[]): readonly number[] =>
    text === undefined ? all : text.split(',').map(Number);
  const file = option('--trace');
  const trace: GivenTrace | null =
    file === undefined
      ? null
      : { file, tokens: option('--tokens'), curve: option('--curve'), latency: option('--latency') };
  const asked: Asked = {
    draws: Number(option('--draws') ?? 20),
    starts: numbers(option('--start'), startSeconds),
    wrongs: (['capacity', 'start'] as const).filter((wrong) => (option('--wrong') ?? wrong) === wrong),
    factors: numbers(option('--factors'), toldFactors).filter((factor) => factor !== 1),
  };
  const only = option('--only');
  const worlds = (await namedWorlds(trace)).filter(({ name }) => only === undefined || name.includes(only));
  const usable =
    isWholeUpTo(asked.draws, drawsAtMost) &&
    [...asked.starts, ...asked.factors].every((value) => value > 0 && value < Infinity);
  if (worlds.length === 0 || asked.wrongs.length === 0 || !usable) {
    console.error(
      `no such workload, --wrong is capacity or start, draws are 1 to ${drawsAtMost}, and starts and factors are above 0`,
    );
    return 2;
  }
  const json = argv.includes('--json');
  const module = new URL('./worker.ts', import.meta.url);
  const pool = new TaskPool<Task, RunRecord>(module, Math.max(1, Math.min(2, availableParallelism())), (error) => {
    throw error;
  });
  const head = ['workload', 'start', 'wrong', 'told/real', 'attained', 'KEDA', 'cost/right', 'scored from', 'verdict'];
  if (!json) console.log(`| ${head.join(' | ')} |\n|${'---|'.repeat(head.length)}`);
  const cells: Cell[] = [];
  try {
    for (const world of worlds) {
      for (const start of asked.starts) {
        cells.push(
          ...(await new Wrong(pool, trace, asked).cells(world, start, (cell) => !json && console.log(rowOf(cell)))),
        );
      }
    }
  } finally {
    await pool.close();
  }
  const missed = cells.filter(({ verdict }) => verdict === 'late' || verdict === 'dear');
  const [processor, draws] = [cpus()[0]?.model, asked.draws];
  if (json) console.log(JSON.stringify({ bench: 'scaling-wrong', processor, draws, cells }, null, 2));
  else summarize(cells, missed);
  return missed.length === 0 ? 0 : 1;
}

function summarize(cells: readonly Cell[], missed: readonly Cell[]): void {
  const excused = cells.filter(({ verdict }) => verdict === 'excused').length;
  const late = missed.filter(({ verdict }) => verdict === 'late').length;
  console.log(
    `\n${missed.length} of ${cells.length} cells missed: ${late} late, ${missed.length - late} too dear; ${excused} excused`,
  );
  for (const wrong of ['capacity', 'start'] as const) {
    for (const factor of toldFactors) {
      const of = cells.filter((cell) => cell.wrong === wrong && cell.factor === factor);
      if (of.length === 0) continue;
      const count = (verdict: Cell['verdict']): number => of.filter((cell) => cell.verdict === verdict).length;
      console.log(`  ${wrong} told at ${factor}: ${of.length} cells, ${count('late')} late, ${count('dear')} too dear`);
    }
  }
  console.log(missed.length === 0 ? 'met' : 'missed');
}
