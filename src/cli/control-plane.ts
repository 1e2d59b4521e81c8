import type { CliCommand } from './command.ts';

const passedOn = [
  ['--listen <address>', 'HOST:PORT of the page and the API; port 0 takes a free one (default: 127.0.0.1:7070)'],
  ['--token-file <file>', 'who may ask: lines NAME viewer|operator SHA256; needed off the loopback address'],
  ['--dashboard <folder>', 'the built page (default: the one that came along)'],
] as const;

export const command: CliCommand = {
  configure(command) {
    for (const [flags, meaning] of passedOn) command.option(flags, meaning);
  },
  examples: [
    [
      'plimsoll control-plane --contract plimsoll.yaml --listen 127.0.0.1:7070',
      'reconciles the releases of one service in one environment; `plimsoll up` starts it for you',
    ],
  ],
  async run(context, { options }) {
    const names = [
      ...passedOn.map(([flags]) => /^--([a-z-]+)/.exec(flags)?.[1] ?? ''),
      'contract',
      'state',
      'environment',
    ];
    const args = names.flatMap((name) => {
      const value = options[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
      return typeof value === 'string' ? [`--${name}`, value] : [];
    });
    return { exit: await context.runProgram('control-plane', args), json: {}, text: '' };
  },
};
