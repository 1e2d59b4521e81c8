import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { ExplainedSeries, ExplainedWindow } from '../../core/monitoring/explain/explain-series.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { explainedWindowsAtMost } from '../../schemas/http/monitoring/http-explain.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';
import { utcText } from '../terminal/time-text.ts';

const windowsShown = 20;

export function configureExplain(drift: Command): void {
  drift
    .command('explain')
    .description('how the evidence of a series came about, replayed window by window and compared with the live state')
    .argument('[name]', 'a feature, a group or a series; without one, the series with the most capital')
    .option('--last <n>', `how many windows, ${explainedWindowsAtMost} at most`, String(windowsShown));
}

/** Exits with 1 where a replay is not what the live state holds. */
export async function runExplain(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const { contract } = await (await context.project()).contract();
  const scope = { service: contract.service, environment: await context.environment() };
  const last = countOf(options['last']);
  const [name] = args;
  const answer = await (
    await context.operations()
  ).explainDrift({ ...scope, last, ...(name === undefined ? {} : { name }) });
  const { series, replayed, differences, because } = answer;
  const end =
    because !== null
      ? [because]
      : differences.length === 0
        ? [`replayed: equal (${replayed} series)`]
        : differences.map(({ id, difference }) => `replayed: ${id} differs: ${difference}`);
  return {
    exit: differences.length === 0 ? 0 : 1,
    json: answer,
    text: textOfLines([...series.flatMap(seriesLines), ...end]),
  };
}

function seriesLines(one: ExplainedSeries): readonly string[] {
  const band = one.deadBand === null ? '' : `, dead band ${shortNumber(one.deadBand)}`;
  const head = `${one.feature}: ${one.series} rests on ${one.verdict}${band}: ${one.reason}`;
  if (one.windows.length === 0) return [head, ''];
  const titles = ['window', 'until', 'value', 'forecast', 'score', 'multiplier', 'given', 'capital', ''];
  return [head, ...alignedTable([titles, ...one.windows.map(cellsOf)], '  '), ''];
}

/** The multiplier is the one of the stake that won the most; an alarm needs a capital of 1 of all series together. */
const cellsOf = (window: ExplainedWindow): readonly string[] => [
  String(window.number),
  utcText(window.toMs),
  shortNumber(window.value),
  shortNumber(window.forecast),
  shortNumber(window.score),
  shortNumber(Math.max(...window.multipliers)),
  shortNumber(window.given),
  shortNumber(window.capital),
  window.marks.join('; '),
];

const shortNumber = (value: number | null): string => (value === null ? '-' : String(Number(value.toPrecision(4))));

function countOf(value: unknown): number {
  const count = Number(value);
  if (typeof value === 'string' && /^[1-9]\d{0,2}$/.test(value) && count <= explainedWindowsAtMost) return count;
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--last is a number from 1 to ${explainedWindowsAtMost}, not \`${String(value)}\``,
    next: nextStep(cliSteps, 'option-invalid/drift-explain-help'),
  });
}
