import type { Command } from 'commander';
import type { CliCommand } from './command.ts';
import { configureScaleExplain, runScaleExplain } from './scale-explain.ts';
import { configureScaleSignals, runScaleSignals } from './scale-signals.ts';
import { configureScaleStatus, runScaleStatus } from './scale-status.ts';

interface Subcommand {
  configure(scale: Command): void;
  readonly run: CliCommand['run'];
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  status: { configure: configureScaleStatus, run: runScaleStatus },
  signals: { configure: configureScaleSignals, run: runScaleSignals },
  explain: { configure: configureScaleExplain, run: runScaleExplain },
};

export const command: CliCommand = {
  configure(scale) {
    for (const subcommand of Object.values(subcommands)) subcommand.configure(scale);
  },
  examples: [
    ['plimsoll scale status', 'signals now, replicas by state, and the last decision with its reason'],
    ['plimsoll scale explain', 'the newest decision: what it saw, why, and whether it comes out the same again'],
    ['plimsoll scale explain --last 20', 'the newest 20, each decided again'],
  ],
  run: (context, input) => (subcommands[input.path[0] ?? ''] ?? { run: runScaleStatus }).run(context, input),
};
