import type { CliCommand } from './command.ts';

/** Options that go to the program as they are. */
const passedOn = [
  ['--listen <address>', 'HOST:PORT for clients; port 0 takes a free one (default: 127.0.0.1:8080)'],
  ['--control-plane <url>', 'whose routing table to follow (default: http://127.0.0.1:7070)'],
  ['--service <name>', 'the service of the contract'],
  ['--id <id>', 'name of this gateway, unique among those of the service (default: gateway-1)'],
  ['--client-keys <file>', 'ask clients for a key: one `NAME SHA256` a line, read again when it changes'],
  ['--token-file <file>', 'the token for a control plane that asks for one'],
  ['--queue <requests>', 'how many requests may wait for a replica (default: 1000)'],
  ['--max-body <bytes>', 'largest request body (default: 67108864)'],
  ['--deadline <ms>', 'for requests that do not say plimsoll-deadline-ms (default: 30000)'],
  ['--replica-concurrency <requests>', 'how many requests one replica gets at a time (default: 128)'],
  ['--drain-timeout <ms>', 'how long requests may take to finish at the end (default: 20000)'],
] as const;

export const command: CliCommand = {
  configure(command) {
    for (const [flags, meaning] of passedOn) command.option(flags, meaning);
  },
  examples: [
    [
      'plimsoll gateway --service digits --state .plimsoll --listen 127.0.0.1:8080',
      'runs the data plane of one service; `plimsoll up` starts it for you',
    ],
  ],
  async run(context, { options }) {
    const names = [...passedOn.map(([flags]) => /^--([a-z-]+)/.exec(flags)?.[1] ?? ''), 'state', 'environment'];
    const args = names.flatMap((name) => {
      const value = options[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
      return typeof value === 'string' ? [`--${name}`, value] : [];
    });
    return { exit: await context.runProgram('gateway', args), json: {}, text: '' };
  },
};
