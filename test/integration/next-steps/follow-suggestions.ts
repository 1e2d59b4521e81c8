import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { shellWord } from '../../../src/core/units/shell-word.ts';
import { ownWords } from '../../../src/testing/rigs/own-program.ts';
import { runProgram, userEnvironment, type Ran, type UserProject } from '../../user-project.ts';
import type { Ground } from './ground.ts';
import { ambiguous, readStep, type Row } from './printed-step.ts';

/** A folder with a program `plimsoll` in it. */
export const programFolder = mkdtempSync(path.join(tmpdir(), 'plimsoll-path-'));
writeFileSync(path.join(programFolder, 'plimsoll'), `#!/bin/sh\nexec ${ownWords.map(shellWord).join(' ')} "$@"\n`, {
  mode: 0o755,
});
process.once('exit', () => {
  rmSync(programFolder, { recursive: true, force: true });
});

/** Where somebody types, and who. */
export interface Place {
  readonly project: UserProject;
  /** Path in the project's folder. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What is done with a step that was printed. */
export interface Taken {
  /** The row, or the text of a step that is computed and stands in no table. */
  readonly row: Row | { readonly text: string };
  /** Which of its commands are typed, from 0; all of them one after another unless given. */
  readonly take?: readonly number[];
  /** For each placeholder what is chosen. */
  readonly chosen?: Readonly<Record<string, string>>;
  /** What the sentence asks for besides its commands, done before them. */
  readonly byHand?: (place: Place) => unknown;
  /** Where it says that the command is typed, when that is elsewhere. */
  readonly at?: () => Place;
  /** The command is the corrected one: the first is not typed again. */
  readonly instead?: true;
  /** The first command with what was seen: in place of the wrong name the one that is shown. */
  readonly again?: string | ((shown: string) => string);
}

/** A state, and how it is left by what is printed. */
export interface StepCase {
  readonly state?: (place: Place) => unknown;
  readonly type: string;
  /** Rows as they are printed, one after another: three at most. */
  readonly steps: readonly [Row | Taken, ...(Row | Taken)[]];
  /** The command succeeds, and what it says has a next step: it is over when it says another. */
  readonly shown?: true;
  /** Statuses that are a success of the first command: of a verdict that nothing mends. */
  readonly accepted?: readonly number[];
  /** Takes the state back, for the next case. */
  readonly after?: (place: Place) => unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** What is there before; `recorded` unless given. */
  readonly from?: Ground;
  /** Path to content, written before the state is brought about. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

const mostSuggestions = 3;
const isUp = (line: string): boolean => /^plimsoll up\b(?!.* --(?:stop|help)\b)/.test(line);

/** Brings the state about, and follows what is printed until the command that was typed first succeeds. */
export async function follow(one: StepCase, at: Place): Promise<void> {
  const place: Place = { ...at, folder: one.folder ?? at.folder ?? '', env: { ...at.env, ...one.env } };
  for (const [name, content] of Object.entries(one.files ?? {})) place.project.write(name, content);
  await one.state?.(place);
  try {
    expect(one.steps.length).toBeLessThanOrEqual(mostSuggestions);
    const left = one.steps.map((step): Taken => (typeof step === 'string' ? { row: step } : step));
    await succeed(one.type, left, place, { ...one, isFirst: true });
    expect(left.map(nameOf)).toEqual([]);
  } finally {
    await one.after?.(place);
  }
}

interface Following extends Partial<StepCase> {
  /** It was typed first: all steps are printed before it is over. */
  readonly isFirst?: true;
}

/** Resolves with what the command printed in the end. */
async function succeed(line: string, left: Taken[], place: Place, one: Following): Promise<string> {
  const ran = await type(line, place, left[0]);
  const said = `${line}\n${ran.status}\n${ran.stdout}${ran.stderr}`;
  const printed = await printedBy(ran, left[0], one.shown === true);
  if (printed === null) {
    const isOver = one.shown === true ? ran.status !== 2 : [0, ...(one.accepted ?? [])].includes(ran.status ?? 70);
    if (isOver && (left.length === 0 || one.isFirst !== true)) return ran.stdout;
    throw new Error(`it failed, and printed not ${nameOf(left[0]) ?? 'another step'}:\n${said}`);
  }
  const step = left.shift();
  await step?.byHand?.(place);
  let shown = '';
  for (const command of printed) {
    // What it reveals may be a verdict; a complaint is followed in its turn.
    const accepted = step?.instead === true ? (one.accepted ?? []) : [1, 3];
    shown += await succeed(command, left, step?.at?.() ?? place, { accepted });
  }
  if (step?.instead === true) return shown;
  const again = typeof step?.again === 'function' ? step.again(shown) : (step?.again ?? line);
  return succeed(again, left, place, one);
}

const nameOf = (step: Taken | undefined): string | undefined =>
  typeof step?.row === 'object' ? step.row.text : step?.row;

/** The commands of the wanted step, where it was printed and the command did not succeed. */
async function printedBy(ran: Ran, wanted: Taken | undefined, shown: boolean): Promise<readonly string[] | null> {
  if (wanted === undefined || (ran.status === 0 && !shown)) return null;
  const error = errorOf(ran.stdout);
  const states = nameOf(wanted)?.split('/')[0]?.split('+') ?? [];
  const isOwn = error === null || typeof wanted.row !== 'string' || states.includes(error.code);
  // What a replica was not started for says its next step inside the message.
  const said = error === null ? `${ran.stdout}\n${ran.stderr}` : error.message;
  const inside = [...said.matchAll(/\b(?:next|renew [\w-]+): (.*)$/gm)].map(
    ([, text]) => text?.replace(/; next start in .*$/, '').trim() ?? '',
  );
  const texts = [...(isOwn && error?.next !== undefined ? [error.next] : []), ...inside];
  for (const text of texts) {
    const commands = await readStep(wanted, text);
    if (commands !== null) return commands;
  }
  return null;
}

function errorOf(stdout: string): { readonly code: string; readonly message: string; readonly next?: string } | null {
  try {
    return (
      (
        JSON.parse(stdout) as {
          readonly error?: { readonly code: string; readonly message: string; readonly next?: string };
        }
      ).error ?? null
    );
  } catch {
    return null;
  }
}

/** The command as it stands, by a shell; once more as a program types it, where only the code tells which row was printed. */
async function type(line: string, place: Place, wanted: Taken | undefined): Promise<Ran> {
  if (isUp(line) && place.project.upPid === 0) {
    try {
      await place.project.up(...(await wordsOf(line, place)).slice(2));
      return { status: 0, stdout: '', stderr: '' };
    } catch (thrown) {
      const stderr = String(thrown);
      return { status: Number(/ended with (\d+)/.exec(stderr)?.[1] ?? 70), stdout: '', stderr };
    }
  }
  const ran = await typed(line, place);
  const isTold = ran.stderr.startsWith('plimsoll: ') && !ambiguous.has(nameOf(wanted) ?? '');
  if (ran.status === 0 || wanted === undefined || isTold) return ran;
  const [first = line, ...rest] = line.split(' -- ');
  const asProgram = await typed([`${first} --json`, ...rest].join(' -- '), place);
  return errorOf(asProgram.stdout) === null ? ran : { ...ran, stdout: asProgram.stdout };
}

/** Ended when it does not end by itself: what serves, or waits for a person. */
const typed = (line: string, place: Place): Promise<Ran> =>
  runProgram('timeout', ['100', 'sh', '-c', line], path.join(place.project.folder, place.folder ?? ''), {
    ...userEnvironment([programFolder]),
    ...place.env,
  });

async function wordsOf(line: string, place: Place): Promise<readonly string[]> {
  const { stdout } = await runProgram('sh', ['-c', `printf '%s\\0' ${line}`], place.project.folder, process.env);
  return stdout.split('\0').slice(0, -1);
}
