import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { driftSamplesAtMost, type DriftSample } from '../../core/monitoring/samples/drift-sample.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { textOfLines } from '../terminal/table.ts';
import { utcText } from '../terminal/time-text.ts';

const samplesShown = 10;
const valuesShown = 8;

export function configureSamples(drift: Command): void {
  drift
    .command('samples')
    .description('the newest captured requests as rows of features, newest last')
    .option('--last <n>', `how many, ${driftSamplesAtMost} at most`, String(samplesShown));
}

export async function runSamples(context: CliContext, { options }: CommandInput): Promise<CommandResult> {
  const { contract } = await (await context.project()).contract();
  const scope = { service: contract.service, environment: await context.environment() };
  const last = countOf(options['last']);
  const { samples } = await (await context.operations()).driftSamples({ ...scope, last });
  const lines = samples.flatMap(sampleLines);
  return {
    exit: 0,
    json: { samples },
    text: textOfLines(lines.length === 0 ? ['no request was captured yet'] : lines),
  };
}

function sampleLines({ requestId, atMs, release, replicaId, drawn, values, content }: DriftSample): readonly string[] {
  const entries = Object.entries(values);
  const shown = entries.slice(0, valuesShown).map(([name, value]) => `${name} ${valueText(value)}`);
  const more = entries.length > shown.length ? ` and ${entries.length - shown.length} more` : '';
  const by = `release ${release}, replica ${replicaId ?? 'none'}${drawn === null ? '' : `, drawn ${drawn}`}`;
  return [
    `${utcText(atMs)}  ${requestId}  ${by}`,
    `  ${shown.join(', ')}${more}`,
    ...(content === undefined ? [] : [`  request ${content.request}`, `  answer ${content.response}`]),
  ];
}

const valueText = (value: DriftSample['values'][string]): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(4))) : (value ?? 'missing');

function countOf(value: unknown): number {
  const count = Number(value);
  if (typeof value === 'string' && /^[1-9]\d{0,2}$/.test(value) && count <= driftSamplesAtMost) return count;
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--last is a number from 1 to ${driftSamplesAtMost}, not \`${String(value)}\``,
    next: nextStep(cliSteps, 'option-invalid/drift-samples-help'),
  });
}
