import type { CliCommand } from '../command.ts';
import { addPassedOn, passedOnArgs } from '../passed-on.ts';
import { supervisorOptions } from '../program-options.ts';

export const command: CliCommand = {
  configure(command) {
    command.argument('[folders...]', 'folders of contracts; several share one control plane, gateway and page');
    addPassedOn(command, supervisorOptions);
  },
  examples: [
    ['plimsoll up', 'runs the gateway, the control plane and their replicas on this machine until Ctrl-C'],
    ['plimsoll up --listen 127.0.0.1:0 --gateway-listen 127.0.0.1:0', 'the same on free ports'],
    ['plimsoll up digits chat', 'the services of two folders, with their records in .plimsoll of this one'],
    [
      'plimsoll up --https-listen 0.0.0.0:8443 --tls-cert server.pem --tls-key server.key',
      'serves clients and the page over TLS with one certificate, which is read again when it changes',
    ],
    ['plimsoll up --stop', 'drains and stops everything that runs for this state folder'],
    ['plimsoll up --stop --keep-serving', 'ends only the control plane, and the next `up` takes the rest over'],
  ],
  async run(context, { args, options }) {
    const exit = await context.runProgram('supervisor', [...passedOnArgs(supervisorOptions, options), '--', ...args]);
    return { exit, json: { exit }, text: '' };
  },
};
