import { makeCliContext } from '../../../src/bin/cli-context.ts';
import { plimsollVersion } from '../../../src/bin/version.ts';
import type { CliContext } from '../../../src/cli/context.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { commandLineFile } from './command-line-file.ts';

/**
 * Plimsoll starts its own programs by the file that this process was started with (src/bin/programs.ts). Here that would
 * be the example, which would start itself, which would start itself: so it is told where the command line is.
 */
process.argv[1] = commandLineFile;

/**
 * Plimsoll's command line in this process: the very commands that a person types, parsed from the same words, without the
 * third of a second that a process of its own takes. One project's commands share what they open.
 */
export interface Commands {
  /** What the command prints with `--json`. @throws CommandFailed when its exit status is none of `accepted`. */
  run(words: readonly string[], accepted?: readonly number[]): Promise<CommandAnswer>;
  /** What the command prints for people. */
  text(words: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

export interface CommandAnswer {
  readonly exit: number;
  readonly json: unknown;
}

export class CommandFailed extends Error {
  readonly exit: number;
  constructor(words: readonly string[], exit: number, complaint: string) {
    super(`\`plimsoll ${words.join(' ')}\` ended with status ${exit}:\n${complaint.trimEnd()}`);
    this.name = 'CommandFailed';
    this.exit = exit;
  }
}

/** `place` are the words that say which project is meant: `--contract FILE --state FOLDER`. */
export function commandsFor(place: readonly string[], note: (text: string) => void): Commands {
  let shared: CliContext | null = null;
  let storeOpened = false;
  const call = async (words: readonly string[]): Promise<{ exit: number; out: string; err: string }> => {
    let [out, err] = ['', ''];
    const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
    const exit = await runProgram([...words, ...place], io, plimsollVersion, (options) => {
      if (shared !== null) return shared;
      const context = makeCliContext(options);
      const store = (): ReturnType<CliContext['store']> => {
        storeOpened = true;
        return context.store();
      };
      shared = { ...context, store, terminal: { ...context.terminal, note, print: note } };
      return shared;
    });
    return { exit, out, err };
  };
  return {
    async run(words, accepted = [0]) {
      const { exit, out, err } = await call([...words, '--json']);
      if (!accepted.includes(exit)) throw new CommandFailed(words, exit, err === '' ? out : err);
      return { exit, json: out === '' ? null : JSON.parse(out) };
    },
    text: async (words) => {
      const { out, err } = await call(words);
      return `${out}${err}`.trimEnd();
    },
    async close() {
      if (shared !== null && storeOpened) await (await shared.store()).close();
    },
  };
}
