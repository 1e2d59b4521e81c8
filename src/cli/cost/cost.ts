import type { Command } from 'commander';
import type { CliCommand } from '../command.ts';
import { configureImport, runImport } from './cost-import.ts';
import { configureRebuild, runRebuild } from './cost-rebuild.ts';
import { configureShow, runShow } from './cost-show.ts';
import { asksForReplay, configureWhatIf, runWhatIf } from './cost-what-if.ts';

interface Subcommand {
  configure(cost: Command): void;
  readonly run: CliCommand['run'];
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  show: {
    configure: configureShow,
    run: (context, input) => (asksForReplay(input.options) ? runWhatIf : runShow)(context, input),
  },
  rebuild: { configure: configureRebuild, run: runRebuild },
  import: { configure: configureImport, run: runImport },
};

export const command: CliCommand = {
  configure(cost) {
    for (const subcommand of Object.values(subcommands)) subcommand.configure(cost);
    configureWhatIf(cost);
  },
  examples: [
    ['plimsoll cost', 'device time of the last 24 hours by service and state'],
    ['plimsoll cost --by team,device-class --since 7d', 'the same of a week, by team and class of device'],
    ['plimsoll cost --by service,cause --csv > cost.csv', 'exact numbers for a spreadsheet'],
    [
      "plimsoll cost --what-if 'scaling.replicas.min=0'",
      'what recorded arrivals would have taken with another minimum',
    ],
    ['plimsoll cost --marginal', 'what each term of the contract costs by itself'],
    ['plimsoll cost --focus --from 2026-11-01 --to 2026-12-01 > focus.csv', 'a month as FOCUS 1.2'],
    ['plimsoll cost import invoice.csv', 'holds an invoice against the ledger; exit 1 where over 1% is unexplained'],
    ['plimsoll cost rebuild --since 7d', 'derives recorded hours again; exit 1 where a digit differs'],
  ],
  run: (context, input) => (subcommands[input.path[0] ?? 'show'] ?? { run: runShow }).run(context, input),
};
