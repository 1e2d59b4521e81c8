import type { Command } from 'commander';

/** The options of `plimsoll inspect FILE`: they turn bytes per token into a total. Light, so that `--help` loads no parser. */
export function addInspectFileOptions(command: Command): void {
  command
    .option('--context <tokens>', 'of a model file: tokens that one sequence may reach, for the total of its KV cache')
    .option('--sequences <count>', 'of a model file: sequences at the same time (1 when only --context is given)');
}
