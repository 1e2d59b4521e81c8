import type { Command } from 'commander';
import type { CliCommand } from '../command.ts';
import { configureAcknowledge, runAcknowledge } from './drift-acknowledge.ts';
import { configureExplain, runExplain } from './drift-explain.ts';
import { configureIsolate, runIsolate } from './drift-isolate.ts';
import { configurePower, runPower } from './drift-power.ts';
import { configureSamples, runSamples } from './drift-samples.ts';
import { configureSkew, runSkew } from './drift-skew.ts';
import { configureStatus, runStatus } from './drift-status.ts';

interface Subcommand {
  configure(drift: Command): void;
  readonly run: CliCommand['run'];
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  status: { configure: configureStatus, run: runStatus },
  samples: { configure: configureSamples, run: runSamples },
  explain: { configure: configureExplain, run: runExplain },
  power: { configure: configurePower, run: runPower },
  skew: { configure: configureSkew, run: runSkew },
  acknowledge: { configure: configureAcknowledge, run: runAcknowledge },
  isolate: { configure: configureIsolate, run: runIsolate },
};

export const command: CliCommand = {
  configure(drift) {
    for (const subcommand of Object.values(subcommands)) subcommand.configure(drift);
  },
  examples: [
    ['plimsoll drift', 'what watches the live answers, how many false alarms that may raise, and what changed'],
    ['plimsoll drift samples --last 5', 'the newest captured requests as rows of features'],
    ['plimsoll drift power --shift 0.5', 'how long a replica may be off by half a standard deviation unseen'],
    ['plimsoll drift explain amount --last 50', 'how the evidence of a feature came about, window by window'],
    ['plimsoll drift skew training.parquet serving.jsonl --key user', 'the same features, computed both ways'],
    [
      'plimsoll drift skew history.parquet served.jsonl --view driver_stats --time event_timestamp',
      'what was served, with what training would have had at that time',
    ],
    [
      'plimsoll drift acknowledge class --reason "new season" --new-reference',
      'watches it again, and compares with what is there from now on',
    ],
    [
      'plimsoll drift isolate digits-prod-4f2a-x1 --reason "wrong answers"',
      'takes it out of traffic for diagnosis; with `--undo` it comes back',
    ],
  ],
  run: (context, input) => (subcommands[input.path[0] ?? ''] ?? { run: runStatus }).run(context, input),
};
