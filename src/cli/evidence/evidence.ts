import type { CliCommand } from '../command.ts';
import { runEvidenceList } from './evidence-list.ts';
import { configureSign, runEvidenceSign } from './evidence-sign.ts';

export const command: CliCommand = {
  configure(command) {
    command.command('list').description('each piece of evidence in the lock: who signed it, and who sent it first');
    configureSign(command.command('sign'));
  },
  examples: [
    ['plimsoll evidence list', 'evidence of the lock, its signatures, and what the control plane received'],
    ['plimsoll evidence sign --key ci.key', 'signs all evidence of the lock, beside the signatures of other keys'],
    ['plimsoll evidence sign --key ci.key --kind hardware --environment prod', 'one kind in one environment'],
  ],
  async run(context, input) {
    return input.path[0] === 'sign' ? runEvidenceSign(context, input) : runEvidenceList(context);
  },
};
