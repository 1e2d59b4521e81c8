import { makeCliContext } from '../../../src/bin/cli-context.ts';
import { plimsollVersion } from '../../../src/bin/version.ts';
import type { CliContext } from '../../../src/cli/context.ts';
import { runProgram } from '../../../src/cli/program.ts';

/**
 * Plimsoll's command line in this process: the very commands that a person types, parsed from the same words, without the
 * third of a second that a process of its own takes.
 */
export interface Commands {
  /** What the command prints with `--json`. @throws CommandFailed when its exit status is none of `accepted`. */
  run(words: readonly string[], accepted?: readonly number[]): Promise<CommandAnswer>;
}

export interface CommandAnswer {
  readonly exit: number;
  readonly json: unknown;
}

export class CommandFailed extends Error {
  readonly exit: number;
  constructor(words: readonly string[], exit: number, complaint: string) {
    super(`\`plimsoll ${words.join(' ')}\` ended with status ${exit}\n${complaint.trimEnd()}`);
    this.name = 'CommandFailed';
    this.exit = exit;
  }
}

/** `place` are the words that say which project is meant: `--contract FILE --state FOLDER`. */
export function commandsFor(place: readonly string[], note: (text: string) => void): Commands {
  return {
    async run(words, accepted = [0]) {
      let [out, err] = ['', ''];
      const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
      const exit = await runProgram([...words, ...place, '--json'], io, plimsollVersion, (options): CliContext => {
        const context = makeCliContext(options);
        return { ...context, terminal: { ...context.terminal, note, print: note } };
      });
      if (!accepted.includes(exit)) throw new CommandFailed(words, exit, err === '' ? out : err);
      return { exit, json: out === '' ? null : JSON.parse(out) };
    },
  };
}
