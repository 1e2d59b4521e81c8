import type { Command } from 'commander';
import type { ExitStatus } from './exit-status.ts';
import type { CliContext } from './context.ts';

/** One file per command exports one of these, named `command`. */
export interface CliCommand {
  /** Adds arguments and options; `--contract`, `--environment`, `--state` and `--json` are there already. */
  configure(command: Command): void;
  /** Whether it records evidence, which `--key` signs (`addSigningOption`). */
  readonly signs?: true;
  /** At least one, shown under `--help`: a command line and what it does. */
  readonly examples: readonly (readonly [commandLine: string, meaning: string])[];
  run(context: CliContext, input: CommandInput): Promise<CommandResult>;
}

export interface CommandInput {
  /** Subcommand path under the command: `['add']` for `plimsoll model add`. */
  readonly path: readonly string[];
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly json: boolean;
}

export interface CommandResult {
  readonly exit: ExitStatus | number;
  /** Printed with `--json`. */
  readonly json: unknown;
  /** Printed otherwise; no trailing newline. */
  readonly text: string;
}
