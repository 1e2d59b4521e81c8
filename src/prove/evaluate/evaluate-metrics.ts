import path from 'node:path';
import type { UserMetric } from '../../core/contract/contract.ts';
import type { RowMetric } from '../../core/evaluation/measure/measure.ts';
import type { Outcomes } from '../../core/evaluation/outcomes.ts';
import type { PlacedRow } from '../../formats/json-lines.ts';
import { killGuarded, startGuarded } from './guarded-program.ts';

/** A program that gives no value per row: one number for all of them, or nothing that can be used. */
export type UserMetricResult =
  | { readonly kind: 'rows'; readonly values: Float64Array }
  | { readonly kind: 'whole'; readonly value: number }
  | { readonly kind: 'unusable'; readonly because: string };

export interface UserMetricQuestion {
  readonly folder: string;
  readonly metric: UserMetric;
  readonly outcomes: Outcomes;
  readonly rows: () => AsyncIterable<PlacedRow>;
  readonly labelColumn: string;
  readonly signal: AbortSignal;
}

/** Room for one number in each line of a million rows. */
const outputBytesAtMost = 64 * 1024 * 1024;
const shownBytes = 2_000;

/** Reads rows as JSON lines, imports the module, and prints what its `metric` gives for them, one value a line. */
const moduleRunner = `
import { pathToFileURL } from 'node:url';
import { createInterface } from 'node:readline';
const rows = [];
for await (const line of createInterface({ input: process.stdin })) rows.push(JSON.parse(line));
const { metric } = await import(pathToFileURL(process.argv[1]).href);
if (typeof metric !== 'function') throw new Error('the module exports no function named metric');
const values = await metric(rows);
const list = typeof values === 'number' ? [values] : Array.from(values);
process.stdout.write(list.map((value) => String(Number(value))).join('\\n') + '\\n');
`;

/** Runs a user-defined metric over all rows. What is wrong with the program is a result; an interrupt is thrown. */
export async function runUserMetric(question: UserMetricQuestion): Promise<UserMetricResult> {
  const { folder, metric, signal } = question;
  const [program = '', ...args] =
    metric.module === undefined
      ? (metric.command ?? [])
      : [
          process.execPath,
          '--input-type=module',
          '--disable-warning=ExperimentalWarning',
          '-e',
          moduleRunner,
          path.join(folder, metric.module),
        ];
  signal.throwIfAborted();
  const child = startGuarded(program, args, { cwd: folder });
  const problem: { because?: string } = {};
  const stop = (because: string): void => {
    problem.because ??= because;
    killGuarded(child);
  };
  const timer = setTimeout(() => stop(`it took more than ${metric.timeoutMs / 1_000} s`), metric.timeoutMs);
  const abort = (): void => stop('it was interrupted');
  signal.addEventListener('abort', abort);
  const output: Buffer[] = [];
  let bytes = 0;
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > outputBytesAtMost) stop(`it printed more than ${outputBytesAtMost / 1024 / 1024} MiB`);
    else output.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-shownBytes);
  });
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(`it did not start: ${error.message}`));
    child.once('close', (status, killed) =>
      resolve(status === 0 ? null : `it ended with ${killed === null ? `status ${status}` : `signal ${killed}`}`),
    );
  });
  try {
    await Promise.race([writeRows(child.stdin, question), ended]);
    const bad = await ended;
    signal.throwIfAborted();
    const because = problem.because ?? bad;
    if (because !== null) return { kind: 'unusable', because: withErrors(because, errors) };
    return readValues(Buffer.concat(output).toString('utf8'), rowCount(question.outcomes));
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    stop('it is over');
  }
}

const withErrors = (because: string, errors: string): string => {
  const last = errors.trim().split('\n').at(-1) ?? '';
  return last === '' ? because : `${because}: ${last}`;
};

async function writeRows(stdin: NodeJS.WritableStream & { destroyed?: boolean }, question: UserMetricQuestion) {
  const answerOf = answers(question.outcomes);
  let at = 0;
  let text = '';
  const flush = async (): Promise<void> => {
    const full = !stdin.write(text);
    text = '';
    if (full)
      await new Promise<void>((resolve) => {
        stdin.once('drain', resolve);
        stdin.once('close', resolve);
        stdin.once('error', () => resolve());
      });
  };
  for await (const { row } of question.rows()) {
    if (stdin.destroyed === true) return;
    text += `${JSON.stringify({ row, label: row[question.labelColumn], answer: answerOf(at) })}\n`;
    at += 1;
    if (text.length > 65_536) await flush();
  }
  await flush();
  stdin.end();
}

function rowCount(outcomes: Outcomes): number {
  return outcomes.task === 'ranking'
    ? outcomes.queries.length
    : outcomes.task === 'text'
      ? outcomes.answers.length
      : outcomes.labels.length;
}

/** What a row was answered, in the words of the dataset: a class, a number, the scores of a list, a text. */
export function answers(outcomes: Outcomes): (row: number) => unknown {
  switch (outcomes.task) {
    case 'classification':
      return (row) => {
        const name = outcomes.classes[outcomes.predicted[row] ?? -1];
        return name !== undefined && /^-?\d{1,15}$/.test(name) ? Number(name) : name;
      };
    case 'regression':
      return (row) => outcomes.predicted[row];
    case 'ranking':
      return (row) => Array.from(outcomes.queries[row]?.scores ?? []);
    case 'text':
      return (row) => outcomes.answers[row];
  }
}

function readValues(text: string, rows: number): UserMetricResult {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const odd = lines.findIndex((line) => !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(line));
  if (odd !== -1)
    return { kind: 'unusable', because: `value ${odd + 1} is \`${(lines[odd] ?? '').slice(0, 40)}\` and no number` };
  const values = Float64Array.from(lines, Number);
  const [first] = values;
  if (values.length === rows) return { kind: 'rows', values };
  if (values.length === 1 && first !== undefined) return { kind: 'whole', value: first };
  return { kind: 'unusable', because: `it printed ${values.length} values for ${rows} rows` };
}

export type NamedResults = Readonly<
  Record<
    string,
    { readonly candidate: UserMetricResult; readonly baselines: Readonly<Record<string, UserMetricResult>> }
  >
>;

/** Those that `measure` takes: a value for each row of the candidate and of every baseline. */
export function rowMetricsOf(
  metrics: Readonly<Record<string, UserMetric>>,
  results: NamedResults,
): readonly RowMetric[] {
  return Object.entries(results).flatMap(([name, { candidate, baselines }]) => {
    if (candidate.kind !== 'rows') return [];
    const valued = Object.entries(baselines).map(([named, result]) => {
      const rows = candidate.values.length;
      return [named, result.kind === 'rows' ? result.values : new Float64Array(rows).fill(Number.NaN)] as const;
    });
    const largerIsBetter = metrics[name]?.largerIsBetter ?? true;
    return [{ name, largerIsBetter, candidate: candidate.values, baselines: Object.fromEntries(valued) }];
  });
}
