/**
 * Plimsoll's scaling policy while its evidence is wrong: capacity and starts told 0.25 to 4 times as large as they are, against KEDA
 * and its HPA with the real target. Scored is what comes after the policy had the time to learn.
 *
 *   npm run bench -- scaling-wrong [--draws N] [--only TEXT] [--start SECONDS] [--wrong capacity|start] [--factors 0.5,2]
 *                                  [--file FILE [--minutes N]] [--json]
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
import type { KeptLines } from '../kept-lines.ts';
import { openCellFile, type KeptCell } from './cell-file.ts';
import { judgeCell, type Cell, type CellRuns } from './judge-cell.ts';
import type { AskedRun, RunRecord } from './run-record.ts';
import type { Task } from './worker.ts';
import type { GivenTrace } from './trace-world.ts';
import { summarizeCells } from './summarize-cells.ts';
import { namedWorlds, type NamedWorld } from './worlds.ts';

const startSeconds = [5, 40, 180, 300] as const;

interface Asked {
  readonly draws: number;
  readonly starts: readonly number[];
  readonly wrongs: readonly ToldWrong[];
  readonly factors: readonly number[];
}

interface Told {
  readonly wrong: ToldWrong;
  readonly factor: number;
}

class Wrong {
  readonly #pool: TaskPool<Task, RunRecord>;
  readonly #trace: GivenTrace | null;
  readonly #asked: Asked;
  readonly #kept: KeptLines<KeptCell> | null;

  constructor(
    pool: TaskPool<Task, RunRecord>,
    trace: GivenTrace | null,
    asked: Asked,
    kept: KeptLines<KeptCell> | null,
  ) {
    this.#pool = pool;
    this.#trace = trace;
    this.#asked = asked;
    this.#kept = kept;
  }

  /** Yields each cell as soon as it is judged, in order; none is begun after `untilMs`. */
  async *cells({ name, make }: NamedWorld, start: number, untilMs: number): AsyncGenerator<Cell> {
    const { wrongs, factors } = this.#asked;
    const { endMs } = make(start);
    const once = (policy: AskedRun['policy']): (() => Promise<readonly RunRecord[]>) => {
      let runs: Promise<readonly RunRecord[]> | null = null;
      return () => (runs ??= this.#runs(name, start, policy, null));
    };
    const [right, keda] = [once('own'), once('keda')];
    const begin = async (told: Told): Promise<Cell | null> => {
      const of = { workload: name, startSeconds: start, ...told };
      const kept = this.#kept?.lines.find((cell) => cell.draws === this.#asked.draws && isOf(cell, of));
      if (kept !== undefined) return kept;
      if (Date.now() >= untilMs) return null;
      const [own, known, rival] = await Promise.all([this.#runs(name, start, 'own', told), right(), keda()]);
      return this.#judge(of, { own, right: known, keda: rival, endMs });
    };
    // Two at a time keep the processors busy where draws are few.
    const all = wrongs.flatMap((wrong) => factors.map((factor): Told => ({ wrong, factor })));
    const begun = all.slice(0, 1).map(begin);
    for (const at of all.keys()) {
      const following = all[at + 1];
      if (following !== undefined) begun.push(begin(following));
      const judged = await begun[at];
      if (judged === undefined || judged === null) continue;
      yield judged;
    }
  }

  async #judge(of: Told & Pick<Cell, 'workload' | 'startSeconds'>, runs: CellRuns): Promise<Cell> {
    const first = judgeCell(of, runs, null);
    const { wrong, factor, workload, startSeconds: start } = of;
    const cell =
      first.verdict === 'met'
        ? first
        : judgeCell(of, runs, await this.#runs(workload, start, 'own', { wrong, factor, untilMs: first.scoredFromMs }));
    this.#kept?.append({ ...cell, draws: this.#asked.draws });
    return cell;
  }

  #runs(workload: string, start: number, policy: AskedRun['policy'], told: AskedRun['told']) {
    return Promise.all(
      Array.from({ length: this.#asked.draws }, (_, index) =>
        this.#pool.do({ trace: this.#trace, workload, startSeconds: start, policy, told, seed: index + 1 }),
      ),
    );
  }
}

const isOf = (cell: Cell, of: Told & Pick<Cell, 'workload' | 'startSeconds'>): boolean =>
  cell.workload === of.workload &&
  cell.startSeconds === of.startSeconds &&
  cell.wrong === of.wrong &&
  cell.factor === of.factor;

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
  const [cellFile, minutes] = [option('--file'), Number(option('--minutes') ?? Infinity)];
  if (cellFile !== undefined && file !== undefined) {
    console.error('--file keeps cells of the workloads of this bench, and not of a trace');
    return 2;
  }
  if (!(minutes >= 0)) {
    console.error('--minutes is a number of minutes; 0 tells what --file holds, and runs nothing');
    return 2;
  }
  const kept = cellFile === undefined ? null : openCellFile(cellFile);
  if (kept !== null)
    console.error(`${kept.lines.length} cells are known, and ${kept.others} of other code are not counted`);
  const untilMs = Date.now() + minutes * 60_000;
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
        for await (const cell of new Wrong(pool, trace, asked, kept).cells(world, start, untilMs)) {
          cells.push(cell);
          if (!json) console.log(rowOf(cell));
        }
      }
    }
  } finally {
    await pool.close();
  }
  const missed = cells.filter(({ verdict }) => verdict === 'late' || verdict === 'dear');
  const [processor, draws] = [cpus()[0]?.model, asked.draws];
  if (json) console.log(JSON.stringify({ bench: 'scaling-wrong', processor, draws, cells }, null, 2));
  else console.log(`\n${summarizeCells(cells)}`);
  return missed.length === 0 ? 0 : 1;
}
