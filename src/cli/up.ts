import type { CliCommand } from './command.ts';

const passedOn = [
  ['--listen <address>', 'HOST:PORT of the page and the API; port 0 takes a free one (default: 127.0.0.1:7070)'],
  ['--gateway-listen <address>', 'HOST:PORT for clients; port 0 takes a free one (default: 127.0.0.1:8080)'],
  ['--token-file <file>', 'tokens that the control plane asks for; needed off the loopback address'],
  ['--gateway-token-file <file>', 'the token by which the gateway speaks to such a control plane'],
  ['--client-keys <file>', 'ask clients of the gateway for a key'],
  ['--dashboard <folder>', 'the built page (default: the one that came along)'],
] as const;

export const command: CliCommand = {
  configure(command) {
    for (const [flags, meaning] of passedOn) command.option(flags, meaning);
    command.option('--open', 'open the page in a browser');
    command.option('--stop', 'stop what runs here, also what a killed `up` left behind');
  },
  examples: [
    ['plimsoll up', 'runs the gateway, the control plane and their replicas on this machine until Ctrl-C'],
    ['plimsoll up --listen 127.0.0.1:0 --gateway-listen 127.0.0.1:0', 'the same on free ports'],
    ['plimsoll up --stop', 'drains and stops everything that runs for this state folder'],
  ],
  async run(context, { options }) {
    const names = [
      ...passedOn.map(([flags]) => /^--([a-z-]+)/.exec(flags)?.[1] ?? ''),
      'contract',
      'state',
      'environment',
    ];
    const values = names.flatMap((name) => {
      const value = options[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
      return typeof value === 'string' ? [`--${name}`, value] : [];
    });
    const switches = ['open', 'stop'].filter((name) => options[name] === true).map((name) => `--${name}`);
    const exit = await context.runProgram('supervisor', [...values, ...switches]);
    return { exit, json: { exit }, text: '' };
  },
};
