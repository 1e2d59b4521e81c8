import { parseArgs } from 'node:util';

export interface StartOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly help: boolean;
  /** Holdout digits a second while it runs; of `--once` it is the number in all. */
  readonly perSecond: number;
  readonly digits: number;
  readonly stateFolder: string | undefined;
  /** Handed to `plimsoll up` as they are. */
  readonly gatewayListen: string | undefined;
  readonly listen: string | undefined;
}

export const help = `Serves the digits example on this machine: real handwritten digits through a checked contract.

Usage: npm start [-- OPTIONS]

  --once                     send 1,000 holdout digits, say how it went, and stop
  --json                     with --once: one JSON object on stdout, everything else on stderr
  --digits N                 with --once: how many digits to send (default 1000)
  --rate N                   without --once: digits a second (default 5)
  --gateway-listen HOST:PORT where clients reach the service (default 127.0.0.1:8080)
  --listen HOST:PORT         where the page is (default 127.0.0.1:7070)
  --state FOLDER             where everything is kept (default examples/digits/.plimsoll)
  --help                     this text

Exit status with --once: 0 pass; 1 fail; 3 inconclusive, or something needed was out of reach; 2 wrong use.
`;

/** @throws Error with a sentence for people. */
export function parseStartOptions(argv: readonly string[]): StartOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      digits: { type: 'string', default: '1000' },
      rate: { type: 'string', default: '5' },
      state: { type: 'string' },
      'gateway-listen': { type: 'string' },
      listen: { type: 'string' },
    },
  });
  if (values.json && !values.once) throw new Error('--json needs --once: without it there is no end to report');
  return {
    once: values.once,
    json: values.json,
    help: values.help,
    perSecond: numberWithin(values.rate, '--rate', 0.1, 200),
    digits: Math.floor(numberWithin(values.digits, '--digits', 1, 1_000_000)),
    stateFolder: values.state,
    gatewayListen: values['gateway-listen'],
    listen: values.listen,
  };
}

function numberWithin(text: string, name: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new Error(`${name} takes a number from ${least} to ${most}, not \`${text}\``);
  }
  return value;
}
