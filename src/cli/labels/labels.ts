import type { CliCommand } from '../command.ts';
import { askedAtMost } from '../../core/monitoring/asked/ask.ts';
import { runLabelsAdd } from './labels-add.ts';
import { runLabelsAsk } from './labels-ask.ts';
import { runLabelsStatus } from './labels-status.ts';

export const command: CliCommand = {
  configure(labels) {
    labels
      .command('add')
      .description('send the truth about answers, by request id; labels that were sent before change nothing')
      .argument(
        '<file>',
        'JSON lines (.jsonl, .ndjson), CSV with a header, or Parquet; - reads JSON lines or CSV from a pipe',
      )
      .option('--id <column>', 'the column of the request id (default: requestId)')
      .option('--label <column>', 'the column of what the answer should have been (default: label)')
      .option('--right <column>', 'the column of whether the answer was right, instead of a label (default: right)')
      .option('--release <number>', 'the release that answered, where the gateway captures no requests');
    labels
      .command('ask')
      .description('choose captured requests that somebody should label: few labels then say the most')
      .argument('<count>', `how many, ${askedAtMost} at most`)
      .option('--id <id>', 'a name of the ask; the same name again shows the same requests (default: a random one)');
    labels
      .command('status')
      .description('how many labels came and how late, and the live risk against what was evaluated');
  },
  examples: [
    ['plimsoll labels status', 'completeness, delay, and the live risk with its limits; or why it is unknown'],
    ['plimsoll labels ask 30', 'thirty requests to label; send their labels with `labels add`'],
    ['plimsoll labels add labels.csv', 'columns requestId and label; streamed, ten thousand at a time'],
    ['plimsoll labels add outcomes.parquet --id request --right correct', 'other names of the columns'],
  ],
  run: (context, input) => {
    switch (input.path[0]) {
      case 'add':
        return runLabelsAdd(context, input);
      case 'ask':
        return runLabelsAsk(context, input);
      default:
        return runLabelsStatus(context);
    }
  },
};
