import { parseArgs } from 'node:util';

/** Real causes of drift that a start can bring about. */
export const driftCauses = ['invert', 'shift', 'node', 'labels'] as const;
export type DriftCause = (typeof driftCauses)[number];

export interface StartOptions {
  /** As they were typed. */
  readonly argv: readonly string[];
  readonly once: boolean;
  readonly json: boolean;
  readonly help: boolean;
  /** Holdout digits a second while it runs; of `--once` it is the number in all. */
  readonly perSecond: number;
  readonly digits: number;
  /** What is brought about once the service is watched; null where nothing is. */
  readonly drift: DriftCause | null;
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
  --rate N                   without --once: digits a second (default 5, and 25 with --drift)
  --drift CAUSE              brings about a real cause of drift, and tells alarm, cause and remedy as they come:
                               invert  digits arrive with their pixels inverted (about a minute)
                               shift   digits arrive moved to one side (about a minute)
                               node    one of two replicas begins to answer wrongly (about a minute)
                               labels  what the digits mean changes: 0 becomes 9, 1 becomes 8 (about eleven minutes)
  --gateway-listen HOST:PORT where clients reach the service (default 127.0.0.1:8080)
  --listen HOST:PORT         where the page is (default 127.0.0.1:7070)
  --state FOLDER             where everything is kept (default examples/digits/.plimsoll;
                             with --drift a folder that goes away with it)
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
      rate: { type: 'string' },
      drift: { type: 'string' },
      state: { type: 'string' },
      'gateway-listen': { type: 'string' },
      listen: { type: 'string' },
    },
  });
  if (values.json && !values.once) throw new Error('--json needs --once: without it there is no end to report');
  const drift = driftCause(values.drift);
  if (drift !== null && values.once)
    throw new Error('--drift runs until Ctrl-C, and --once stops by itself: take one of them');
  return {
    argv,
    once: values.once,
    json: values.json,
    help: values.help,
    perSecond: numberWithin(values.rate ?? (drift === null ? '5' : '25'), '--rate', 0.1, 200),
    digits: Math.floor(numberWithin(values.digits, '--digits', 1, 1_000_000)),
    drift,
    stateFolder: values.state,
    gatewayListen: values['gateway-listen'],
    listen: values.listen,
  };
}

function driftCause(text: string | undefined): DriftCause | null {
  if (text === undefined) return null;
  const found = driftCauses.find((cause) => cause === text);
  if (found === undefined) throw new Error(`--drift takes one of ${driftCauses.join(', ')}, not \`${text}\``);
  return found;
}

function numberWithin(text: string, name: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new Error(`${name} takes a number from ${least} to ${most}, not \`${text}\``);
  }
  return value;
}
