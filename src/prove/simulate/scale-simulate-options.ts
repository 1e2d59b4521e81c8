import { readStatedCurve } from '../../core/capacity/read-stated-curve.ts';
import type { ServiceCurve } from '../../core/capacity/service-curve.ts';
import { readStatedStart } from '../../core/coldstart/read-stated-start.ts';
import type { StartDistribution } from '../../core/coldstart/start-distribution.ts';
import type { SleepTerms } from '../../core/scaling/policy.ts';
import { readStatedSleep } from '../../core/scaling/read-stated-sleep.ts';
import type { TokenWork } from '../../core/scaling/simulation/arrivals/token-work.ts';
import { readDuration } from '../../core/units/quantity/quantity-duration.ts';
import { calendarOptions, type CalendarOptions } from './scale-simulate-calendar.ts';
import { toldOptions, type ToldOptions } from './scale-simulate-told.ts';
import { ifGiven, optionInvalid, unwrap } from './option-text.ts';
import { readPolicyName } from './scale-simulate-policies.ts';

/** What takes the place of measurements. Undefined: not given. */
export interface StatedMeasurements {
  readonly tokens: TokenWork | undefined;
  readonly start: StartDistribution | undefined;
  readonly curve: ServiceCurve | undefined;
}

/** The command line, read. Undefined: not given. */
export interface SimulateOptions extends StatedMeasurements, ToldOptions, CalendarOptions {
  readonly arrivals: { readonly kind: 'trace' | 'generated'; readonly text: string };
  readonly latency: { readonly latencyMs: number; readonly attainmentShare: number } | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly toZero: boolean;
  readonly sleep: SleepTerms | undefined;
  readonly policies: readonly string[];
  readonly seeds: number;
  readonly scoreFrom: { readonly ms: number } | { readonly share: number };
  readonly pareto: boolean;
  readonly html: string | undefined;
  readonly record: boolean;
  /** Whether a contract was named, which then has to be there. */
  readonly contractNamed: boolean;
}

const seedsAtMost = 1_000;
const replicasAtMost = 10_000;
export const defaultPolicies = 'plimsoll,keda,hpa,kpa,static';

/** @throws PlimsollError `option-invalid` (input), naming the option and what it takes. */
export function readSimulateOptions(given: Readonly<Record<string, unknown>>): SimulateOptions {
  const text = (name: string): string | undefined => given[name] as string | undefined;
  const options: SimulateOptions = {
    arrivals: arrivalsOption(text('trace'), text('generate')),
    ...readStatedMeasurements(given),
    ...toldOptions(text),
    ...calendarOptions(text, given),
    latency: ifGiven(text('latency'), readLatency),
    min: ifGiven(text('min'), (value) => wholeOption('--min', value, 0, replicasAtMost)),
    max: ifGiven(text('max'), (value) => wholeOption('--max', value, 1, replicasAtMost)),
    toZero: given['toZero'] === true,
    sleep: ifGiven(text('sleep'), (value) => unwrap('--sleep', value, readStatedSleep(value))),
    policies: [...new Set((text('policies') ?? defaultPolicies).split(',').map((name) => readPolicyName(name.trim())))],
    seeds: readSeeds(text('seeds') ?? '20'),
    scoreFrom: readScoreFrom(text('scoreFrom') ?? '10%'),
    pareto: given['pareto'] === true,
    html: text('html'),
    record: given['record'] === true,
    contractNamed: given['contract'] !== undefined,
  };
  refuseContradictions(options);
  return options;
}

/** @throws PlimsollError `option-invalid` (input), naming the option and what it takes. */
export function readStatedMeasurements(given: Readonly<Record<string, unknown>>): StatedMeasurements {
  const text = (name: string): string | undefined => given[name] as string | undefined;
  return {
    tokens: ifGiven(text('tokens'), readTokens),
    start: ifGiven(text('start'), (value) => unwrap('--start', value, readStatedStart(value))),
    curve: ifGiven(text('curve'), (value) => unwrap('--curve', value, readStatedCurve(value))),
  };
}

/** @throws PlimsollError `option-invalid` (input). */
export const readSeeds = (text: string): number => wholeOption('--seeds', text, 1, seedsAtMost);

function refuseContradictions({ min, max, toZero, record, policies, ...options }: SimulateOptions): void {
  if (min !== undefined && max !== undefined && min > max) {
    throw optionInvalid(`--min ${min} is above --max ${max}`, 'give a --min that is at most --max');
  }
  if (toZero && min !== undefined && min > 0) {
    throw optionInvalid(`--to-zero lets the last replica stop, and --min ${min} keeps it`, 'leave out one of the two');
  }
  const { start, curve, latency, sleep, toldCurve, toldStart, begins } = options;
  const told = { 'told-curve': toldCurve, 'told-start': toldStart };
  const stated = Object.entries({ start, curve, latency, min, max, sleep, begins, ...told }).find(
    ([, value]) => value !== undefined,
  );
  if (record && (stated !== undefined || toZero)) {
    throw optionInvalid(
      `--record rests on the contract and what was measured, and --${stated?.[0] ?? 'to-zero'} states something else`,
      'leave out one of the two',
    );
  }
  if (record && !policies.includes('plimsoll')) {
    throw optionInvalid('--record is of the policy plimsoll, which is not among --policies', 'add plimsoll to them');
  }
}

function arrivalsOption(trace: string | undefined, generate: string | undefined): SimulateOptions['arrivals'] {
  if ((trace === undefined) === (generate === undefined)) {
    throw optionInvalid(
      trace === undefined ? 'nothing says what arrives' : '--trace and --generate are both given',
      'give one of --trace FILE and --generate SPEC, as --generate poisson:rate=20/s,for=1h',
    );
  }
  return trace === undefined ? { kind: 'generated', text: generate ?? '' } : { kind: 'trace', text: trace };
}

function wholeOption(option: string, text: string, least: number, most: number): number {
  const value = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw optionInvalid(`${option} \`${text}\``, `${option} takes a whole number from ${least} to ${most}`);
}

/** `5s@p99`. */
function readLatency(text: string): { readonly latencyMs: number; readonly attainmentShare: number } {
  const match = /^([^@]+)@p(\d{1,2}(?:\.\d{1,4})?)$/.exec(text.trim());
  const latency = match === null ? null : readDuration(match[1] ?? '');
  const attainmentShare = Number(`${match?.[2] ?? '0'}e-2`);
  if (latency !== null && latency.ok && latency.value > 0 && attainmentShare > 0) {
    return { latencyMs: latency.value, attainmentShare };
  }
  const hint = latency === null || latency.ok ? '' : `: ${latency.hint ?? latency.expected}`;
  throw optionInvalid(
    `--latency \`${text}\`${hint}`,
    '--latency takes a time and the quantile that keeps it: `5s@p99`',
  );
}

/** `50ms,0.1ms,20ms`; plain numbers are factors on a batch. */
function readTokens(text: string): TokenWork {
  const [fixedMs, perInputTokenMs, perOutputTokenMs, ...more] = text.split(',').map((part) => {
    if (/^\d{1,9}(\.\d{1,9})?$/.test(part.trim())) return Number(part);
    return unwrap('--tokens', text, readDuration(part));
  });
  if (
    fixedMs !== undefined &&
    perInputTokenMs !== undefined &&
    perOutputTokenMs !== undefined &&
    more.length === 0 &&
    fixedMs + perInputTokenMs + perOutputTokenMs > 0
  ) {
    return { fixedMs, perInputTokenMs, perOutputTokenMs };
  }
  throw optionInvalid(
    `--tokens \`${text}\``,
    '--tokens takes what a request takes: fixed, each input token, each output token, as `50ms,0.1ms,20ms`',
  );
}

/** A share of the time, or a time. */
function readScoreFrom(text: string): SimulateOptions['scoreFrom'] {
  const percent = /^(\d{1,2}(?:\.\d{1,4})?)%$/.exec(text.trim());
  if (percent !== null) return { share: Number(`${percent[1] ?? '0'}e-2`) };
  return { ms: text.trim() === '0' ? 0 : unwrap('--score-from', text, readDuration(text)) };
}
