import path from 'node:path';
import type { FeatureProgram } from '../../core/contract/contract.ts';
import { readCustomValues, type CustomValues } from '../../core/monitoring/features/custom-features.ts';
import { killGuarded, startGuarded, type GuardedProgram } from '../evaluate/guarded-program.ts';

/** Characters of one line that a program prints. */
const lineLengthAtMost = 64 * 1024;
const shownBytes = 2_000;
/** Lines that are on their way to the program at once: enough to hide the way, few enough to be lost. */
const linesAtOnce = 64;

/** Imports the module, and prints what its `features` gives for each row, one line of JSON a row. */
const moduleRunner = `
import { pathToFileURL } from 'node:url';
import { createInterface } from 'node:readline';
const { features } = await import(pathToFileURL(process.argv[1]).href);
if (typeof features !== 'function') throw new Error('the module exports no function named features');
const write = process.stdout.write.bind(process.stdout);
for await (const line of createInterface({ input: process.stdin })) write(JSON.stringify(await features(JSON.parse(line)) ?? null) + '\\n');
`;

/** Memory of a module; a command has what its machine gives. */
const moduleMegabytes = 256;

/** A program that computes features. It starts with the first row and stays until it fails or is closed. */
export interface FeatureProcess {
  /**
   * One entry for each line that was answered, in order, until `deadlineMs` (of `performance.now`), or later by the time of a start. Where `because` is not null
   * the program failed or the time was over, and the rest has no answer.
   */
  ask(lines: readonly string[], deadlineMs: number): Promise<AskedRows>;
  close(): void;
}

export interface AskedRows {
  readonly rows: readonly CustomValues[];
  readonly because: string | null;
}

export const nameOfProgram = ({ module, command = [] }: FeatureProgram): string => module ?? command.join(' ');

/**
 * A module runs under Node's permission flags: it reads the files of its folder, writes none, starts no program, and sees no
 * variable of this process. A command runs as any program of the service.
 * @param env what a command sees.
 */
export function makeFeatureProcess(
  program: FeatureProgram,
  folder: string,
  env: Readonly<Record<string, string>>,
): FeatureProcess {
  let running: Running | null = null;
  return {
    async ask(lines, deadlineMs) {
      const rows: CustomValues[] = [];
      const until = { ms: deadlineMs };
      for (let at = 0; at < lines.length; at += linesAtOnce) {
        running ??= start(program, folder, env);
        const asked = lines.slice(at, at + linesAtOnce);
        const because = await askSome(running, program, asked, until, rows);
        if (because === null) continue;
        killGuarded(running.child);
        running = null;
        return { rows, because };
      }
      return { rows, because: null };
    },
    close() {
      if (running !== null) killGuarded(running.child);
      running = null;
    },
  };
}

interface Running {
  readonly child: GuardedProgram;
  /** What it printed and nobody read yet. */
  text: string;
  errors: string;
  ended: string | null;
  /** It started, and answers by now. */
  hasAnswered: boolean;
  /** Called when there is more, or it ended. */
  changed: () => void;
}

function start(program: FeatureProgram, folder: string, env: Readonly<Record<string, string>>): Running {
  const { module, command = [] } = program;
  const [name = '', ...args] = command;
  const child =
    module === undefined
      ? startGuarded(name, args, { cwd: folder, env })
      : startGuarded(process.execPath, moduleArguments(folder, module), { cwd: folder, env: {} });
  const running: Running = { child, text: '', errors: '', ended: null, hasAnswered: false, changed: () => undefined };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    // Also while nobody asks: what nobody reads would grow until this process dies of it.
    if (running.ended !== null) return;
    running.text += text;
    if (running.text.length > linesAtOnce * lineLengthAtMost) {
      running.ended = 'it printed too much';
      killGuarded(child);
    }
    running.changed();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    running.errors = (running.errors + chunk.toString('utf8')).slice(-shownBytes);
  });
  const end = (because: string): void => {
    running.ended ??= because;
    running.changed();
  };
  child.once('error', (error) => end(`it did not start: ${error.message}`));
  child.once('close', (status, killed) =>
    end(`it ended with ${killed === null ? `status ${status}` : `signal ${killed}`}`),
  );
  return running;
}

const moduleArguments = (folder: string, module: string): readonly string[] => [
  '--permission',
  `--allow-fs-read=${path.join(folder, '*')}`,
  `--max-old-space-size=${moduleMegabytes}`,
  '--disable-warning=ExperimentalWarning',
  '--disable-warning=SecurityWarning',
  '--input-type=module',
  '-e',
  moduleRunner,
  path.join(folder, module),
];

/** Each answer has the time that the program names, the first one a few seconds more for the start. */
const startsWithinMs = 10_000;

async function askSome(
  running: Running,
  program: FeatureProgram,
  lines: readonly string[],
  until: { ms: number },
  rows: CustomValues[],
): Promise<string | null> {
  if (running.text.trim() !== '') return tooMany;
  running.child.stdin.write(lines.map((line) => `${line}\n`).join(''));
  for (let answered = 0; answered < lines.length; answered += 1) {
    const line = running.hasAnswered
      ? await nextLine(running, Math.min(program.timeoutMs, until.ms - performance.now()))
      : await firstLine(running, program.timeoutMs + startsWithinMs, until);
    if (line === null) return withErrors(running.ended ?? lateText(running, program, until), running.errors);
    const read = readCustomValues(program, line);
    if ('because' in read) return withErrors(read.because, running.errors);
    rows.push(read.values);
  }
  return running.text.trim() === '' ? null : tooMany;
}

/** Which line is of which row cannot be told then. */
const tooMany = 'it printed more lines than it was given';

/** The time that a program takes to start is none of the rows. */
async function firstLine(running: Running, withinMs: number, until: { ms: number }): Promise<string | null> {
  const begunMs = performance.now();
  const line = await nextLine(running, withinMs);
  until.ms += performance.now() - begunMs;
  running.hasAnswered = line !== null;
  return line;
}

function lateText({ hasAnswered }: Running, { timeoutMs }: FeatureProgram, until: { readonly ms: number }): string {
  if (!hasAnswered) return `it gave no answer within ${(timeoutMs + startsWithinMs) / 1_000} s of its start`;
  if (performance.now() >= until.ms) return 'it is too slow for the rows that come';
  return `it gave no answer within ${timeoutMs / 1_000} s`;
}

async function nextLine(running: Running, withinMs: number): Promise<string | null> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const end = running.text.indexOf('\n');
    if (end !== -1) {
      const line = running.text.slice(0, end);
      running.text = running.text.slice(end + 1);
      return line.length > lineLengthAtMost ? line.slice(0, 40) : line;
    }
    const leftMs = untilMs - performance.now();
    if (running.ended !== null || leftMs <= 0) return null;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, leftMs);
      running.changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const withErrors = (because: string, errors: string): string => {
  const last = errors
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '' && !/^(at |Node\.js v|[{}^])/.test(line));
  return last === undefined ? because : `${because}: ${last}`.slice(0, 300);
};
