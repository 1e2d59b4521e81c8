import type { CliCommand } from '../command.ts';
import { addPassedOn, passedOnArgs } from '../passed-on.ts';
import { controlPlaneOptions } from '../program-options.ts';

export const command: CliCommand = {
  configure(command) {
    addPassedOn(command, controlPlaneOptions);
  },
  examples: [
    [
      'plimsoll control-plane --contract plimsoll.yaml --listen 127.0.0.1:7070',
      'reconciles the releases of one service in one environment; `plimsoll up` starts it for you',
    ],
    [
      'plimsoll control-plane --platform kubernetes --context dev -n inference --state .plimsoll',
      'runs the replicas of all services of that state folder as pods; see docs/kubernetes.md',
    ],
  ],
  async run(context, { options }) {
    const args = passedOnArgs(controlPlaneOptions, options);
    return { exit: await context.runProgram('control-plane', args), json: {}, text: '' };
  },
};
