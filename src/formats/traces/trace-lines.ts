import type { PlimsollError } from '../../core/units/errors.ts';
import { workOfTokens, type TokenWork } from '../../core/scaling/simulation/arrivals/token-work.ts';
import type { TraceTokens } from '../../core/scaling/simulation/arrivals/trace-store.ts';
import { badData } from '../text-lines.ts';
import { readDate, readSeconds, type TraceMoment } from './trace-moment.ts';

/**
 * | format | a row | its first line |
 * |---|---|---|
 * | azure-llm | `2023-11-16 18:17:03.9799600,4808,10`: when, input and output tokens | `TIMESTAMP,ContextTokens,GeneratedTokens` |
 * | mooncake | `{"timestamp": 27482, "input_length": 6955, "output_length": 52}`: milliseconds; `hash_ids` and others are passed over | begins with `{` |
 * | simple | `12.5` or `12.5,200` or `2024-05-10T00:00:00Z,200`: seconds or a date, and the work | anything else; a header, if any, begins with a letter |
 *
 * Azure: https://github.com/Azure/AzurePublicDataset (2023 and 2024). Mooncake: https://github.com/kvcache-ai/Mooncake.
 */
export type TraceFormat = 'azure-llm' | 'mooncake' | 'simple';

/** What rows become: tokens by a curve, and rows that tell nothing of their size what is the default. */
export interface TraceWork {
  readonly tokens: TokenWork;
  /** Milliseconds, or a factor on a batch. */
  readonly defaultWorkMs: number;
}

export interface TraceRow {
  readonly moment: TraceMoment;
  readonly workMs: number;
  /** Absent: the format has none. */
  readonly tokens?: TraceTokens;
}

export type ReadTraceLine = (text: string, line: number) => TraceRow;

export function traceFormatOf(firstLine: string): { readonly format: TraceFormat; readonly header: boolean } {
  if (/^\s*\{/.test(firstLine)) return { format: 'mooncake', header: false };
  if (/^"?timestamp"?,"?contexttokens"?,"?generatedtokens"?$/i.test(firstLine.trim())) {
    return { format: 'azure-llm', header: true };
  }
  return { format: 'simple', header: /^"?[A-Za-z_]/.test(firstLine.trim()) && !/^(nan|inf)/i.test(firstLine.trim()) };
}

export function makeTraceLineReader(format: TraceFormat, work: TraceWork): ReadTraceLine {
  switch (format) {
    case 'azure-llm':
      return (text, line) => azureRow(text, line, work.tokens);
    case 'mooncake':
      return (text, line) => mooncakeRow(text, line, work.tokens);
    case 'simple':
      return (text, line) => simpleRow(text, line, work.defaultWorkMs);
  }
}

function azureRow(text: string, line: number, work: TokenWork): TraceRow {
  const [when = '', input, output, ...more] = text.split(',');
  if (input === undefined || output === undefined || more.length > 0) {
    throw badRow(
      line,
      1,
      `${text.split(',').length} cells, and there are TIMESTAMP, ContextTokens and GeneratedTokens`,
    );
  }
  const moment = readDate(when.trim());
  if (moment === null) throw badRow(line, 1, `\`${shown(when)}\` is not a moment such as 2023-11-16 18:17:03.9799600`);
  const inputTokens = tokensOf(input, line, when.length + 2, 'ContextTokens');
  const outputTokens = tokensOf(output, line, when.length + input.length + 3, 'GeneratedTokens');
  const tokens = { input: inputTokens, output: outputTokens };
  return { moment, workMs: workOfTokens(work, inputTokens, outputTokens), tokens };
}

function tokensOf(cell: string, line: number, column: number, name: string): number {
  const text = cell.trim();
  if (!/^\d{1,9}$/.test(text))
    throw badRow(line, column, `${name} is a count of tokens, and there is \`${shown(cell)}\``);
  return Number(text);
}

function mooncakeRow(text: string, line: number, work: TokenWork): TraceRow {
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    throw badRow(line, 1, 'not a JSON object such as {"timestamp": 0, "input_length": 655, "output_length": 52}');
  }
  const fields = (typeof row === 'object' && row !== null ? row : {}) as Readonly<Record<string, unknown>>;
  const count = (name: string): number => {
    const value = fields[name];
    if (typeof value === 'number' && value >= 0 && value < 1e15) return value;
    throw badRow(line, 1, `\`${name}\` is a number from 0 on, and there is ${shown(JSON.stringify(value) ?? 'none')}`);
  };
  const atMs = count('timestamp');
  const seconds = Math.floor(atMs / 1_000);
  const tokens = { input: count('input_length'), output: count('output_length') };
  return {
    moment: { seconds, restMs: atMs - 1_000 * seconds },
    workMs: workOfTokens(work, tokens.input, tokens.output),
    tokens,
  };
}

function simpleRow(text: string, line: number, defaultWorkMs: number): TraceRow {
  const [when = '', cost, ...more] = text.split(',');
  if (more.length > 0) throw badRow(line, 1, `${more.length + 2} cells, and there are a time and perhaps a cost`);
  const moment = readSeconds(when.trim()) ?? readDate(when.trim());
  if (moment === null) throw badRow(line, 1, `\`${shown(when)}\` is neither seconds from 0 on nor an ISO date`);
  if (cost === undefined || cost.trim() === '') return { moment, workMs: defaultWorkMs };
  const workMs = /^\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?$/.test(cost.trim()) ? Number(cost) : Number.NaN;
  if (!(workMs < 1e12))
    throw badRow(line, when.length + 2, `the cost is a number from 0 on, and there is \`${shown(cost)}\``);
  return { moment, workMs };
}

function badRow(line: number, column: number, what: string): PlimsollError {
  return badData(line, column, what, 'mend that line of the trace, or leave it out');
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
