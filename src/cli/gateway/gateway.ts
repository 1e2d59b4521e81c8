import type { CliCommand } from '../command.ts';
import { addPassedOn, passedOnArgs } from '../passed-on.ts';
import { gatewayOptions } from '../program-options.ts';

export const command: CliCommand = {
  configure(command) {
    addPassedOn(command, gatewayOptions);
  },
  examples: [
    [
      'plimsoll gateway --service digits --state .plimsoll --listen 127.0.0.1:8080',
      'runs the data plane of one service; `plimsoll up` starts it for you',
    ],
    ['plimsoll gateway --control-plane https://plimsoll.example --id gateway-2', 'serves all services of a fleet'],
  ],
  async run(context, { options }) {
    const args = passedOnArgs(gatewayOptions, options);
    return { exit: await context.runProgram('gateway', args), json: {}, text: '' };
  },
};
