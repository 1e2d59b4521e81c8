import { randomBytes } from 'node:crypto';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { askedAtMost } from '../../core/monitoring/asked/ask.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { askLabelsRequestSchema, type AskedLabels } from '../../schemas/http/monitoring/http-labels.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { textOfLines } from '../terminal/table.ts';
import { utcText } from '../terminal/time-text.ts';

/** Chooses captured requests that somebody should label. What was predicted is not shown: it would lead whoever labels. */
export async function runLabelsAsk(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const request = { askId: idOf(options['id']), count: countOf(args[0]) };
  const { contract } = await (await context.project()).contract();
  const scope = { service: contract.service, environment: await context.environment() };
  const asked = await (await context.operations()).askLabels({ ...scope, ...request });
  const keepsContent = contract.monitoring?.capture?.content === true;
  return { exit: 0, json: { ...scope, ...asked }, text: askedText(asked, keepsContent) };
}

function askedText({ askId, rows, bets, draws = 0, requests }: AskedLabels, keepsContent: boolean): string {
  const left = requests.filter(({ isLabelled }) => !isLabelled).length;
  const see = keepsContent
    ? 'what they hold: `plimsoll drift samples --last 500`, for those who operate the service'
    : 'what they hold is not kept: find them by request id in your own records, or set monitoring.capture.content';
  return textOfLines([
    `ask ${askId}: ${requests.length} of ${rows} requests, ${left} of them without a label`,
    ...requests.map(({ requestId, atMs, isLabelled }) => {
      return `  ${utcText(atMs)}  ${requestId}${isLabelled ? '  has a label already' : ''}`;
    }),
    ...(draws > requests.length ? [repeatedText(draws - requests.length)] : []),
    see,
    ...(bets ? [] : ['the last ask is of the same cohort: these labels make the limits narrower, and raise no alarm']),
    'next: send the labels with `plimsoll labels add FILE`, then `plimsoll labels status`',
  ]);
}

const repeatedText = (repeats: number): string =>
  repeats === 1
    ? 'one request was drawn twice: its label counts twice'
    : `${repeats} requests were drawn twice: their labels count twice`;

function countOf(value: unknown): number {
  const count = Number(value);
  if (typeof value === 'string' && /^[1-9]\d{0,3}$/.test(value) && count <= askedAtMost) return count;
  throw invalid(`the number of requests is from 1 to ${askedAtMost}, not \`${String(value)}\``);
}

function idOf(value: unknown): string {
  if (value === undefined) return `ask-${randomBytes(4).toString('hex')}`;
  const parsed = askLabelsRequestSchema.shape.askId.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid('--id is of letters, digits, `.`, `_` and `-`, 100 at most, and begins with a letter or digit');
}

const invalid = (message: string): PlimsollError =>
  new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message,
    next: nextStep(cliSteps, 'option-invalid/labels-ask'),
  });
