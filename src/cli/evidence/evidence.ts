import type { CliCommand } from '../command.ts';
import { runEvidenceList } from './evidence-list.ts';
import { configureAddBundle, configureStatement, runAddBundle, runStatement } from './evidence-bundle.ts';
import { configureSign, runEvidenceSign } from './evidence-sign.ts';

const subcommands: Readonly<Record<string, CliCommand['run']>> = {
  list: runEvidenceList,
  sign: runEvidenceSign,
  statement: runStatement,
  'add-bundle': runAddBundle,
};

export const command: CliCommand = {
  configure(command) {
    command.command('list').description('each piece of evidence in the lock: who signed it, and who sent it first');
    configureSign(command.command('sign'));
    configureStatement(command.command('statement'));
    configureAddBundle(command.command('add-bundle'));
  },
  examples: [
    ['plimsoll evidence list', 'evidence of the lock, its signatures, and what the control plane received'],
    ['plimsoll evidence sign --key ci.key', 'signs all evidence of the lock, beside the signatures of other keys'],
    ['plimsoll evidence sign --key ci.key --kind hardware --environment prod', 'one kind in one environment'],
    ['plimsoll evidence statement golden --out golden.json', 'the statement that another program signs'],
    ['plimsoll evidence add-bundle golden golden.sigstore.json', 'keeps what that program signed beside the lock'],
  ],
  async run(context, input) {
    const run = subcommands[input.path[0] ?? 'list'] ?? runEvidenceList;
    return run(context, input);
  },
};
