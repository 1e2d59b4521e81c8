import type { Command } from 'commander';
import type { CliCommand } from '../command.ts';
import { configureScaleExplain, runScaleExplain } from './scale-explain.ts';
import { configureScaleSignals, runScaleSignals } from './scale-signals.ts';
import { configureScaleSimulate, runScaleSimulate } from './scale-simulate.ts';
import { configureScaleStatus, runScaleStatus } from './scale-status.ts';
import { configureScaleWarmPool, runScaleWarmPool } from './scale-warm-pool.ts';

interface Subcommand {
  configure(scale: Command): void;
  readonly run: CliCommand['run'];
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  status: { configure: configureScaleStatus, run: runScaleStatus },
  signals: { configure: configureScaleSignals, run: runScaleSignals },
  explain: { configure: configureScaleExplain, run: runScaleExplain },
  simulate: { configure: configureScaleSimulate, run: runScaleSimulate },
  'warm-pool': { configure: configureScaleWarmPool, run: runScaleWarmPool },
};

export const command: CliCommand = {
  signs: true,
  configure(scale) {
    for (const subcommand of Object.values(subcommands)) subcommand.configure(scale);
  },
  examples: [
    ['plimsoll scale status', 'signals now, replicas by state, and the last decision with its reason'],
    ['plimsoll scale explain', 'the newest decision: what it saw, why, and whether it comes out the same again'],
    ['plimsoll scale explain --last 20', 'the newest 20, each decided again'],
    [
      'plimsoll scale simulate --trace requests.csv --html page.html',
      'what policies would have done with these arrivals, by measured starts and capacity',
    ],
    [
      'plimsoll scale simulate --generate poisson:rate=20/s,for=1h --curve slots:4,200ms --start 40s --latency 5s@p99',
      'the same from numbers alone, without a contract',
    ],
    ['plimsoll scale warm-pool --with-spare 5s', 'how many spares the services of a fleet need together (a what-if)'],
  ],
  run: (context, input) => (subcommands[input.path[0] ?? ''] ?? { run: runScaleStatus }).run(context, input),
};
