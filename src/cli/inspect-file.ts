import type { CommandInput, CommandResult } from './command.ts';
import type { CliContext } from './context.ts';

/**
 * `plimsoll inspect FILE`: what a model's file, or a folder that holds one, tells of itself and of the accelerator memory
 * that follows. `file` is as it was named on the command line; options `context` and `sequences` are read from `input`.
 */
export function inspectFile(_context: CliContext, file: string, _input: CommandInput): Promise<CommandResult> {
  return Promise.resolve({ exit: 3, json: null, text: `${file} is not read yet` });
}
