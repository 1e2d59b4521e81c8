import { PlimsollError } from '../../core/units/errors.ts';
import type { ExportFormat } from '../../schemas/http/cost/http-cost-export.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { costOperations } from './cost-options.ts';
import { readRange, splitDays } from './cost-range.ts';

/** Returns the form that is asked for; null for none. @throws PlimsollError `option-invalid` (input) for more than one. */
export function exportFormatOf(options: Readonly<Record<string, unknown>>): ExportFormat | null {
  const asked = (['csv', 'focus', 'opencost'] as const).filter((form) => options[form] === true);
  if (asked.length > 1) throw invalid(`--${asked.join(' and --')} are two forms of one answer`, 'give one of them');
  const [form] = asked;
  const format = form === 'csv' ? undefined : form;
  const other = ['by', 'of', 'in'].find((name) => options[name] !== undefined);
  if (format !== undefined && other !== undefined) {
    throw invalid(`--${format} has all rows of the fleet, and --${other} does not go with it`, `leave --${other} out`);
  }
  const range = ['from', 'to'].find((name) => options[name] !== undefined);
  if (format === undefined && range !== undefined) {
    throw invalid(`--${range} goes with --focus and --opencost`, 'plimsoll cost --since 7d');
  }
  return format ?? null;
}

/** Returns recorded hours as FOCUS, day after day, or as one answer of OpenCost. */
export async function runExport(
  context: CliContext,
  { options }: CommandInput,
  format: ExportFormat,
): Promise<CommandResult> {
  const range = readRange(options, context.clock.nowMs());
  const operations = await costOperations(context);
  const parts: string[] = [];
  let [hours, unpricedMs] = [0, 0];
  for (const part of format === 'focus' ? splitDays(range) : [range]) {
    context.signal.throwIfAborted();
    const made = await operations.exportCost({ ...part, format });
    // Each part begins with the names of the columns.
    parts.push(parts.length === 0 ? made.text : made.text.slice(made.text.indexOf('\n') + 1));
    hours += made.hours;
    unpricedMs += made.unpricedMs;
  }
  const text = parts.join('').trimEnd();
  return {
    exit: 0,
    json: { ...range, format, hours, unpricedMs, text },
    text: format === 'focus' ? terminalLines(text) : text,
  };
}

const terminalLines = (csv: string): string => csv.replaceAll('\r\n', '\n');

function invalid(message: string, next: string): PlimsollError {
  return new PlimsollError({ code: 'option-invalid', category: 'input', message, next });
}
