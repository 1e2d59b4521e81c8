import { detectEngine } from './detect-engine.ts';
import { metricsOfEngine } from './engine-table.ts';
import type { EngineName, MetricRule } from './metric-rule.ts';
import { readRules } from './read-rule.ts';
import type { MetricsReading } from './reading.ts';
import { faultOf, increaseOf, seriesOf, sumOf, type ReadingPair } from './series-of-metric.ts';
import { told, unknown, type Told, type UnknownReason } from './told.ts';

/** Signals of one replica. */
export const replicaSignalNames = [
  'queueDepth',
  'inFlight',
  'arrivalsPerSecond',
  'completionsPerSecond',
  'serviceMs',
  'batchRows',
  'batchFillShare',
  'acceleratorMemoryShare',
] as const;
export type ReplicaSignalName = (typeof replicaSignalNames)[number];

/**
 * What the engine of one replica tells; null is unknown, and `unknown` says why. `serviceMs` is without the time in the
 * engine's queue where the engine tells that apart. `batchRows` is the mean of the batches in between, or for engines that
 * batch continuously the requests that run.
 */
export interface EngineSignals extends Readonly<Record<ReplicaSignalName, number | null>> {
  readonly engine: EngineName | null;
  readonly atMs: number;
  /** Within its warm-up: nothing of it is to be used, and nothing was read. */
  readonly isWarmingUp: boolean;
  readonly unknown: Readonly<Partial<Record<ReplicaSignalName, UnknownReason>>>;
}

export interface EngineSignalsOptions {
  readonly nowMs: number;
  /** End of the replica's warm-up; a reading before it is left out, and so is an interval that begins before it. */
  readonly warmUntilMs?: number | null;
  /** Found by the names of the metrics when not given. */
  readonly engine?: EngineName | null;
  /** A sample that is older is unknown. */
  readonly staleAfterMs?: number;
  /** Largest batch, for engines that do not export it: `max_batch_size`, `--max-num-seqs`. */
  readonly batchLimitRows?: number | null;
}

/** Four scrapes of Prometheus' usual 15 s. */
export const defaultStaleAfterMs = 60_000;

/** Signals of one replica out of two readings; `before` is null at first. Pure, and total: it throws for no reading. */
export function engineSignals(
  before: MetricsReading | null,
  now: MetricsReading,
  options: EngineSignalsOptions,
): EngineSignals {
  const engine = options.engine ?? detectEngine(now);
  const warmUntilMs = options.warmUntilMs ?? -Infinity;
  if (now.readAtMs < warmUntilMs) return nothing(engine, now, true, null);
  if (engine === null) return nothing(engine, now, false, 'missing');
  const pair: ReadingPair = {
    // What was counted while the replica warmed up is no measure of its service.
    before: before !== null && before.readAtMs >= warmUntilMs && before.readAtMs < now.readAtMs ? before : null,
    now,
    nowMs: options.nowMs,
    staleAfterMs: options.staleAfterMs ?? defaultStaleAfterMs,
  };
  const { signals } = metricsOfEngine(engine);
  const batchRows = readRules(signals.batchRows, pair);
  const told: Readonly<Record<ReplicaSignalName, Told>> = {
    queueDepth: readRules(signals.queueDepth, pair),
    inFlight: readRules(signals.inFlight, pair),
    arrivalsPerSecond: arrivalsOf(signals, pair),
    completionsPerSecond: ratePerSecond(signals.completions, pair),
    serviceMs: readRules(signals.serviceMs, pair),
    batchRows,
    batchFillShare: asShare(fillOf(batchRows, readRules(signals.batchLimitRows, pair), options.batchLimitRows ?? null)),
    acceleratorMemoryShare: asShare(readRules(signals.acceleratorMemoryShare, pair)),
  };
  return { engine, atMs: now.readAtMs, isWarmingUp: false, ...split(told) };
}

function split(told: Readonly<Record<ReplicaSignalName, Told>>): Record<ReplicaSignalName, number | null> & {
  unknown: Partial<Record<ReplicaSignalName, UnknownReason>>;
} {
  const values = {} as Record<ReplicaSignalName, number | null>;
  const reasons: Partial<Record<ReplicaSignalName, UnknownReason>> = {};
  for (const name of replicaSignalNames) {
    const each = told[name];
    values[name] = each.known ? each.value : null;
    if (!each.known) reasons[name] = each.reason;
  }
  return { ...values, unknown: reasons };
}

function nothing(
  engine: EngineName | null,
  now: MetricsReading,
  isWarmingUp: boolean,
  reason: UnknownReason | null,
): EngineSignals {
  const values = Object.fromEntries(replicaSignalNames.map((name) => [name, null])) as Record<ReplicaSignalName, null>;
  const reasons = reason === null ? {} : Object.fromEntries(replicaSignalNames.map((name) => [name, reason]));
  return { engine, atMs: now.readAtMs, isWarmingUp, ...values, unknown: reasons };
}

/** A share a hair above 1 is a rounding of the engine; far above it is another unit, and unknown. */
function asShare(answer: Told): Told {
  if (!answer.known || answer.value <= 1) return answer;
  return answer.value <= 1.001 ? told(1) : unknown('impossible');
}

function fillOf(rows: Told, exported: Told, givenLimit: number | null): Told {
  if (!rows.known) return rows;
  const limit = exported.known ? exported.value : givenLimit;
  return limit !== null && limit > 0 ? told(rows.value / limit) : unknown('limit-unknown');
}

type Signals = ReturnType<typeof metricsOfEngine>['signals'];

function counterOf(rules: readonly MetricRule[] | undefined): Extract<MetricRule, { kind: 'increase' }> | null {
  const [rule] = rules ?? [];
  return rule?.kind === 'increase' ? rule : null;
}

function ratePerSecond(rules: readonly MetricRule[] | undefined, pair: ReadingPair): Told {
  const rule = counterOf(rules);
  if (rule === null) return unknown('not-exported');
  // The rule knows of restarts; the increase knows over which time it is.
  const increase = readRules([rule], pair);
  const { overMs } = increaseOf(pair, rule.names, rule.only);
  return increase.known ? told((increase.value * 1_000) / overMs) : increase;
}

/**
 * Where arrivals are not counted they are what left, and what the engine holds more than before:
 * arrivals = completions + increase of (waiting + running). Requests that failed and are not among the completions are missed.
 */
function arrivalsOf(signals: Signals, pair: ReadingPair): Told {
  if (signals.arrivals !== undefined) return ratePerSecond(signals.arrivals, pair);
  const completions = ratePerSecond(signals.completions, pair);
  const rule = counterOf(signals.completions);
  if (!completions.known || rule === null) return completions;
  const { overMs } = increaseOf(pair, rule.names, rule.only);
  const held = [heldMore(signals.queueDepth, pair), heldMore(signals.inFlight, pair)];
  let more = 0;
  for (const each of held) {
    if (!each.known) return each;
    more += each.value;
  }
  return told(Math.max(0, completions.value + (more * 1_000) / overMs));
}

/** How much a gauge grew; not exported where the signal is no gauge. */
function heldMore(rules: readonly MetricRule[] | undefined, pair: ReadingPair): Told {
  const [rule] = rules ?? [];
  if (rule?.kind !== 'gauge' || rule.less !== undefined) return unknown('not-exported');
  if (pair.before === null) return unknown('first-reading');
  const now = seriesOf(pair.now, rule.names, rule.only);
  const before = seriesOf(pair.before, rule.names, rule.only);
  const fault = faultOf(now, pair) ?? faultOf(before, { ...pair, staleAfterMs: Infinity });
  return fault === null ? told(sumOf(now) - sumOf(before)) : unknown(fault);
}
