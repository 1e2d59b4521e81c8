/**
 * Plimsoll's scaling policy beside those of others, on generated workloads and Azure's trace, with starts of 5, 40, 180 and 300 s
 * (p95): each with its defaults and tuned on the first half, all scored on the second over several draws of the starts, and
 * against what is possible (docs/scaling-bounds.md).
 *
 *   npm run bench -- scaling [--quick] [--draws N] [--policy NAME] [--only TEXT] [--start SECONDS] [--json]
 *
 * `--quick` takes 3 draws in place of 20 and every fourth combination of the knobs. `--policy` leaves out all other policies but the
 * static numbers, and what is possible: what rivals do does not change with Plimsoll's own policy.
 */
import { availableParallelism, cpus } from 'node:os';
import {
  cheapestAt,
  dominates,
  scoreOf,
  totalSeconds,
  type PolicyScore,
  type ScoredPoint,
} from '../../src/core/scaling/simulation/score/score.ts';
import type { SimulationResult } from '../../src/core/scaling/simulation/world.ts';
import { TaskPool } from './pool.ts';
import { families, staticAtMost, type PolicyFamily, type PolicyReference } from './policies.ts';
import type { Answer, Task } from './worker.ts';
import { attainmentShare, startSeconds, workloads } from './worlds.ts';

const aim = 1.15;
/** Both are noise below this: a thousandth of the cost or of the late requests is no win. */
const tolerance = 0.01;

interface Row {
  readonly workload: string;
  readonly predictable: boolean;
  readonly startSeconds: number;
  /** Of the second half alone: the smallest static number that attains there, chosen with hindsight; null where none does. */
  readonly hindsight: { readonly replicas: number; readonly acceleratorSeconds: number } | null;
  /** Null with `--policy`. */
  readonly plan: {
    readonly acceleratorSeconds: number;
    readonly attainmentShare: number;
    readonly attains: boolean;
    readonly boundLeast: number;
    readonly boundExpected: number;
  } | null;
  readonly scores: readonly (PolicyScore & { readonly label: string; readonly tuned: boolean })[];
}

class Comparison {
  readonly #pool: TaskPool<Task, Answer>;
  readonly #seeds: readonly number[];
  readonly #every: number;

  readonly #only: string | undefined;

  constructor(
    pool: TaskPool<Task, Answer>,
    asked: { readonly draws: number; readonly every: number; readonly policy: string | undefined },
  ) {
    this.#pool = pool;
    this.#seeds = Array.from({ length: asked.draws }, (_, index) => index + 1);
    this.#every = asked.every;
    this.#only = asked.policy;
  }

  async row(workload: string, predictable: boolean, start: number): Promise<Row> {
    const references =
      this.#only === undefined
        ? this.#pool.do({ workload, startSeconds: start, work: { kind: 'references', seed: 1 } })
        : null;
    const hindsight = this.#hindsight(workload, start);
    const compared = families.filter(({ family }) => [this.#only ?? family, 'static'].includes(family));
    const scores = await Promise.all(
      compared.flatMap((family) => [
        ...(family.hasDefaults ? [this.#scored(workload, start, family, null)] : []),
        ...(family.choices.length > 0 ? [this.#tuned(workload, start, family)] : []),
      ]),
    );
    const told = await references;
    if (told?.kind === 'run') throw new Error('the references were asked for');
    const plan =
      told === null
        ? null
        : {
            acceleratorSeconds: totalSeconds(told.plan.acceleratorSeconds),
            attainmentShare: told.plan.attainmentShare,
            attains: told.planAttains,
            boundLeast: told.boundLeast,
            boundExpected: told.boundExpected,
          };
    return { workload, predictable, startSeconds: start, hindsight: await hindsight, plan, scores };
  }

  /** By halving: more replicas never serve fewer requests in time. */
  async #hindsight(workload: string, start: number): Promise<Row['hindsight']> {
    let [low, high]: [number, number] = [1, staticAtMost + 1];
    let found: Row['hindsight'] = null;
    while (low < high) {
      const replicas = Math.floor((low + high) / 2);
      const results = await this.#run(workload, start, { family: 'static', choice: replicas - 1 }, this.#seeds, false);
      const { attainment, acceleratorSeconds } = scoreOf(results);
      if (attainment.mean >= attainmentShare) {
        [high, found] = [replicas, { replicas, acceleratorSeconds: acceleratorSeconds.mean }];
      } else low = replicas + 1;
    }
    return found;
  }

  /** The combination of knobs that attains the share at the least cost on the first half; else the one that attains the most. */
  async #tuned(workload: string, start: number, family: PolicyFamily) {
    const tried = family.choices.flatMap((_, index) =>
      index % this.#every === 0 || family.family === 'static' ? [index] : [],
    );
    const points = await Promise.all(
      tried.map(async (choice) => {
        const results = await this.#run(workload, start, { family: family.family, choice }, [1], true);
        const { attainment, acceleratorSeconds } = scoreOf(results);
        return { choice, label: '', attainmentShare: attainment.mean, acceleratorSeconds: acceleratorSeconds.mean };
      }),
    );
    const most = points.toSorted((a, b) => b.attainmentShare - a.attainmentShare)[0];
    return this.#scored(workload, start, family, (cheapestAt(points, attainmentShare) ?? most)?.choice ?? 0);
  }

  async #scored(workload: string, start: number, family: PolicyFamily, choice: number | null) {
    const results = await this.#run(workload, start, { family: family.family, choice }, this.#seeds, false);
    const label = choice === null ? family.family : `${family.family} tuned`;
    return { ...scoreOf(results), label, tuned: choice !== null };
  }

  async #run(
    workload: string,
    start: number,
    policy: PolicyReference,
    seeds: readonly number[],
    training: boolean,
  ): Promise<readonly SimulationResult[]> {
    const answer = await this.#pool.do({
      workload,
      startSeconds: start,
      work: { kind: 'run', policy, seeds, training },
    });
    if (answer.kind !== 'run') throw new Error('a run was asked for');
    return answer.results;
  }
}

const pointOf = ({ label, attainment, acceleratorSeconds }: Row['scores'][number]): ScoredPoint => ({
  label,
  attainmentShare: attainment.mean,
  acceleratorSeconds: acceleratorSeconds.mean,
});

interface Judged {
  /** Null where the plan was not asked for, or attains too little. */
  readonly overPlan: number | null;
  readonly gap: number | null;
  /** Above the static number of hindsight; null where none attains. */
  readonly overHindsight: number | null;
  readonly attains: boolean;
  readonly dominatedBy: readonly string[];
  readonly cheapestRival: ScoredPoint | null;
}

function judge({ scores, plan, hindsight }: Row): Judged {
  const own = scores.find(({ label }) => label === 'plimsoll') ?? scores[0];
  if (own === undefined) throw new Error('no policy was scored');
  const rivals = scores.filter((score) => score !== own).map(pointOf);
  const seconds = own.acceleratorSeconds.mean;
  return {
    overPlan: plan?.attains === true ? seconds / plan.acceleratorSeconds : null,
    gap: plan?.attains === true ? plan.acceleratorSeconds / plan.boundExpected : null,
    overHindsight: hindsight === null ? null : seconds / hindsight.acceleratorSeconds - 1,
    attains: own.attainment.mean >= attainmentShare,
    dominatedBy: rivals.filter((rival) => dominates(rival, pointOf(own), tolerance)).map(({ label }) => label),
    cheapestRival: cheapestAt(rivals, attainmentShare),
  };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;

function print(row: Row, judged: Judged): void {
  const { workload, startSeconds: start, plan, hindsight } = row;
  const planned = plan?.attains === true ? plan.acceleratorSeconds : null;
  console.log(`\n${workload}, start p95 ${start} s`);
  if (plan !== null) {
    const { boundLeast, boundExpected } = plan;
    console.log(
      `  bound ${boundLeast.toFixed(0)} (least starts), ${boundExpected.toFixed(0)} (expected starts); plan ${planned?.toFixed(0) ?? `none attains (${(plan.attainmentShare * 100).toFixed(2)}%)`}${judged.gap === null ? '' : `, ${percent(judged.gap - 1)} above the bound`}`,
    );
  }
  if (hindsight !== null && judged.overHindsight !== null) {
    console.log(
      `  ${hindsight.replicas} replicas chosen with hindsight cost ${hindsight.acceleratorSeconds.toFixed(0)}; plimsoll ${percent(judged.overHindsight)} more`,
    );
  }
  console.log(
    '  | policy | attained | accelerator-s | of the plan | loading | idle | starts | cold hits | reversals/h | worst 5 min |',
  );
  console.log('  |---|---|---|---|---|---|---|---|---|---|');
  for (const score of row.scores.toSorted((a, b) => a.acceleratorSeconds.mean - b.acceleratorSeconds.mean)) {
    const { attainment, acceleratorSeconds, byState } = score;
    const cells = [
      score.label,
      `${(attainment.mean * 100).toFixed(2)}% ±${((attainment.high - attainment.mean) * 100).toFixed(2)}`,
      `${acceleratorSeconds.mean.toFixed(0)} ±${(acceleratorSeconds.high - acceleratorSeconds.mean).toFixed(0)}`,
      planned === null ? '-' : (acceleratorSeconds.mean / planned).toFixed(2),
      byState.loading.toFixed(0),
      byState.idle.toFixed(0),
      score.starts.toFixed(1),
      score.coldHits.toFixed(0),
      score.reversalsPerHour.toFixed(1),
      score.worstFiveMinutesShare === null ? '-' : `${(score.worstFiveMinutesShare * 100).toFixed(1)}%`,
    ];
    console.log(`  | ${cells.join(' | ')} |`);
  }
  const rival = judged.cheapestRival;
  const cheapest =
    rival === null
      ? 'no rival attains'
      : `the cheapest rival that attains is ${rival.label}, ${rival.acceleratorSeconds.toFixed(0)}`;
  console.log(
    `  ${judged.attains ? 'attains' : 'DOES NOT ATTAIN'}; ${cheapest}; dominated by ${judged.dominatedBy.join(', ') || 'none'}`,
  );
}

export async function main(argv: readonly string[]): Promise<number> {
  const option = (name: string): string | undefined =>
    argv.includes(name) ? (argv[argv.indexOf(name) + 1] ?? '') : undefined;
  const [only, start] = [option('--only'), option('--start')];
  const json = argv.includes('--json');
  const wanted = workloads().filter(({ name }) => only === undefined || name.includes(only));
  const starts = startSeconds.filter((each) => start === undefined || each === Number(start));
  if (wanted.length === 0 || starts.length === 0) {
    console.error(`no workload has "${only ?? ''}" in its name, or no start takes ${start ?? ''} s`);
    return 2;
  }
  let failed: unknown = null;
  const pool = new TaskPool<Task, Answer>(
    new URL('./worker.ts', import.meta.url),
    Math.max(1, Math.min(2, availableParallelism())),
    (error) => (failed = error),
  );
  const quick = argv.includes('--quick');
  const draws = Number(option('--draws') ?? (quick ? 3 : 20));
  const comparison = new Comparison(pool, { draws, every: quick ? 4 : 1, policy: option('--policy') });
  const rows: (Row & Judged)[] = [];
  try {
    for (const { name, predictable } of wanted) {
      for (const seconds of starts) {
        const row = await Promise.race([comparison.row(name, predictable, seconds), rejected(() => failed)]);
        const judged = judge(row);
        rows.push({ ...row, ...judged });
        if (!json) print(row, judged);
      }
    }
  } finally {
    await pool.close();
  }
  const missed = rows.filter(
    ({ predictable, overPlan, attains, dominatedBy }) =>
      dominatedBy.length > 0 || (predictable && (!attains || (overPlan ?? 0) > aim)),
  );
  if (json)
    console.log(
      JSON.stringify({ bench: 'scaling', node: process.version, processor: cpus()[0]?.model, aim, rows }, null, 2),
    );
  else {
    console.log(
      `\naim: at ${attainmentShare * 100}% attainment at most ${aim} of the plan on predictable workloads, and dominated by no tuned rival on any`,
    );
    console.log(
      missed.length === 0
        ? 'met'
        : `missed: ${missed.map(({ workload, startSeconds: seconds }) => `${workload} ${seconds} s`).join(', ')}`,
    );
  }
  return missed.length === 0 ? 0 : 1;
}

/** Rejects once a worker has failed: a task that it took would never be answered. */
async function rejected(failure: () => unknown): Promise<never> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 200).unref());
    const error = failure();
    if (error !== null) throw error as Error;
  }
}
