import type { CliCommand } from '../command.ts';
import { addPassedOn, passedOnArgs } from '../passed-on.ts';
import { fileFetcherOptions } from '../program-options.ts';

export const command: CliCommand = {
  configure(command) {
    addPassedOn(command, fileFetcherOptions);
  },
  examples: [
    [
      'plimsoll fetch-files --from http://plimsoll-control-plane:7070 --token-file /var/run/plimsoll/token --code-into /plimsoll --model-into /plimsoll/model --list-digest sha256:...',
      'what the init container of a replica on Kubernetes runs',
    ],
  ],
  async run(context, { options }) {
    const args = passedOnArgs(fileFetcherOptions, options);
    return { exit: await context.runProgram('file-fetcher', args), json: {}, text: '' };
  },
};
