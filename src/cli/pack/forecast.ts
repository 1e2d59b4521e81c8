import { findFull, makeStepTask, type ForecastStep, type FullAnswer } from '../../core/packing/forecast/find-full.ts';
import { makeForecastSteps, makeGrowthSteps, readGrowth } from '../../core/packing/forecast/forecast-steps.ts';
import type { NamedNode, NamedReplicas } from '../../core/packing/named/named-task.ts';
import { findConflict } from '../../core/packing/plan/find-conflict.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readForecastRows } from '../../prove/packing/read-forecast.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { textOfLines } from '../terminal/table.ts';
import { conflictLines } from './prices-text.ts';

interface ForecastOptions {
  readonly forecast?: string;
  readonly growth?: string;
}

/** When the nodes are full: what is proven, what was only not found, and what contradicts what then. */
export async function runForecast(
  context: CliContext,
  nodes: readonly NamedNode[],
  replicas: readonly NamedReplicas[],
  options: ForecastOptions,
): Promise<CommandResult> {
  const steps = await readSteps(context, nodes, replicas, options);
  const solver = await context.linearSolver();
  const found = findFull(nodes, steps, solver);
  const full = found.firstImpossible === null ? undefined : steps[found.firstImpossible];
  const named = full === undefined ? null : makeStepTask(nodes, full.replicas);
  const conflict = named === null ? null : findConflict(named.task, solver);
  const timeOf = (step: number | null): string | null => (step === null ? null : (steps[step]?.at ?? null));
  const json = {
    steps: steps.length,
    onlyGrows: found.onlyGrows,
    firstNotFound: timeOf(found.firstNotFound),
    firstImpossible: timeOf(found.firstImpossible),
    judged: found.judged.map(({ step, allPlaced }) => ({ at: timeOf(step), allPlaced })),
    conflict,
  };
  const lines = [...fullLines(steps, found), ...(named === null ? [] : conflictLines(named, conflict))];
  return { exit: 0, json, text: textOfLines(lines) };
}

async function readSteps(
  context: CliContext,
  nodes: readonly NamedNode[],
  replicas: readonly NamedReplicas[],
  { forecast, growth }: ForecastOptions,
): Promise<readonly ForecastStep[]> {
  if (forecast !== undefined) {
    const names = replicas.map(({ name }) => name);
    return makeForecastSteps(replicas, await readForecastRows(context, forecast, names));
  }
  const read = readGrowth(growth ?? '');
  if (read !== null) return makeGrowthSteps(nodes, replicas, read);
  throw new PlimsollError({
    code: 'growth-invalid',
    category: 'input',
    message: `--growth: "${(growth ?? '').slice(0, 40)}" is no growth`,
    next: '--growth 5%/week; day and month are periods too',
  });
}

function fullLines(steps: readonly ForecastStep[], found: FullAnswer): readonly string[] {
  const { firstNotFound, firstImpossible } = found;
  const timeOf = (step: number): string => steps[step]?.at ?? '';
  const last = timeOf(steps.length - 1);
  if (firstNotFound === null) return [`all replicas fit at each of ${steps.length} times, up to ${last} (planned)`];
  const before = firstNotFound === 0 ? [] : [`all replicas fit until ${timeOf(firstNotFound - 1)} (planned)`];
  if (firstImpossible === null) {
    return [
      ...before,
      `no plan for all of them was found for ${timeOf(firstNotFound)}; that there is none is not proven up to ${last}`,
    ];
  }
  const between =
    firstImpossible > firstNotFound
      ? [`no plan for all of them was found from ${timeOf(firstNotFound)} on; another plan may have them`]
      : [];
  return [...before, ...between, `full: ${timeOf(firstImpossible)}; no plan places all replicas then (proven)`];
}
