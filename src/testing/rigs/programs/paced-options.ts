import { parseArgs } from 'node:util';
import type { ServiceCurve } from '../../../core/capacity/service-curve.ts';
import type { Phase } from '../../../core/contract/contract.ts';
import { readDuration } from '../../../core/units/quantity/quantity-duration.ts';

export interface PacedOptions {
  readonly curve: ServiceCurve;
  /** Waited out one after the other before it is ready. */
  readonly start: readonly { readonly phase: Phase; readonly durationMs: number }[];
  /** Requests that wait at most; one more is refused. */
  readonly queueLimit: number;
}

const phases: readonly Phase[] = [
  ...(['schedule', 'image-pull', 'process-start', 'weights-fetch'] as const),
  ...(['weights-load', 'engine-init', 'warm-up'] as const),
];

/**
 * | option | form |
 * |---|---|
 * | `--curve` | `batch:10ms,11ms,12ms`: of a batch of one, two, three; `batch:64,8ms+0.5ms`: up to 64, so much and so much a row |
 * | | `slots:4,200ms`: four at once; `slots:2,200ms,1,0.8`: with the speeds of one and of two |
 * | `--max-delay` | how long a batch that is not full waits: `5ms` |
 * | `--start` | `10s`, or by phase: `weights-fetch:3s,weights-load:7s` |
 * | `--queue` | requests that wait at most |
 *
 * @throws Error that says what is wrong with which option.
 */
export function readPacedOptions(argv: readonly string[]): PacedOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      curve: { type: 'string' },
      start: { type: 'string', default: '0s' },
      'max-delay': { type: 'string', default: '0ms' },
      queue: { type: 'string', default: '1024' },
    },
  });
  return {
    curve: readCurve(values.curve ?? '', durationOf(values['max-delay'])),
    start: values.start.split(',').map(readPhase),
    queueLimit: countOf(values.queue),
  };
}

function readPhase(text: string): PacedOptions['start'][number] {
  const colon = text.indexOf(':');
  const name = colon === -1 ? 'weights-load' : text.slice(0, colon);
  const phase = phases.find((one) => one === name);
  if (phase === undefined) throw new Error(`--start names no phase of a start: ${text}`);
  return { phase, durationMs: durationOf(text.slice(colon + 1)) };
}

function readCurve(text: string, maxDelayMs: number): ServiceCurve {
  const colon = text.indexOf(':');
  const [kind, parts] = [text.slice(0, colon), text.slice(colon + 1).split(',')];
  const [first = '', second = '', ...rest] = parts;
  if (kind === 'slots') {
    const slots = countOf(first);
    const speeds = Array.from({ length: slots }, (_, at) => Number(rest[at] ?? rest.at(-1) ?? 1));
    if (!speeds.every((speed) => speed > 0 && speed <= 1))
      throw new Error(`--curve ${text}: a speed is above 0, at most 1`);
    return { kind: 'slots', slots, speeds, meanWorkMs: durationOf(second) };
  }
  if (kind !== 'batch') throw new Error(`--curve is batch:... or slots:..., not ${text}`);
  if (!/^\d+$/.test(first)) return { kind: 'batch', batchMs: parts.map(durationOf), maxDelayMs };
  const [fixedMs = 0, rowMs = 0] = second.split('+').map(durationOf);
  const batchMs = Array.from({ length: countOf(first) }, (_, at) => fixedMs + rowMs * (at + 1));
  return { kind: 'batch', batchMs, maxDelayMs };
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`a whole number above 0 is expected, not ${text}`);
}

function durationOf(text: string): number {
  const read = readDuration(text.trim());
  if (read.ok) return read.value;
  throw new Error(`a duration such as 10ms is expected, not ${text}`);
}
