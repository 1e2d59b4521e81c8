import { replicaColdMs } from '../../core/rollout/deployment/cold-replica.ts';
import type { ObservedReplica } from '../../core/rollout/replica.ts';
import { tellWorkCounters } from '../../core/rollout/liveness/engine-counters.ts';
import { engineSignals } from '../../core/scaling/engine-metrics/engine-signals.ts';
import { foldReplicas, withEngines, type EngineFold } from '../../core/scaling/engine-metrics/fold-replicas.ts';
import type { MetricsReading } from '../../core/scaling/engine-metrics/reading.ts';
import type { ScalingSignals } from '../../core/scaling/signals.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { MetricsAnswer, MetricsSource, MetricsTarget } from '../../ports/serving/metrics-source.ts';
import { batchCountersIn } from '../../protocols/prometheus-text/batch-counters.ts';
import { batchFillBetween } from './batch-fill.ts';

type WatchedReplica = Pick<ObservedReplica, 'replicaId' | 'endpoint' | 'readyAtMs'>;

/** Two readings of one replica, of which the later one has newer samples. */
interface ReplicaReadings {
  readonly before: MetricsReading | null;
  readonly now: MetricsReading;
}

const replicasAtOnce = 64;
/** Above the bounds of every source, for one that does not keep them. */
const lookTimeoutMs = 8_000;
/** What was read is no longer known after so long without another look. */
const knownForMs = 10_000;

/**
 * Reads what the engines of ready replicas export, off the path of requests, and gives what they told together.
 *
 * | a replica | is |
 * |---|---|
 * | ready for less than the time that it is cold for gateways | not asked, and no part of anything |
 * | that does not answer, or answers garbage | silent: like the mean of the others, while half of them tell |
 * | of which no new sample came | compared with the same reading as before |
 */
export class EngineWatch {
  readonly #source: MetricsSource;
  readonly #clock: Clock;
  #readings: ReadonlyMap<string, ReplicaReadings> = new Map();
  #fold: EngineFold = foldReplicas([]);
  #beganMs = -Infinity;
  #foldedMs = -Infinity;
  #looking = false;

  constructor(source: MetricsSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** Mean rows in a batch over the largest batch; null while it is not known. */
  batchFillShare(): number | null {
    return this.#current().batchFillShare;
  }

  /** Counters of work of one replica, as one text that moves with them; null where they are not known. */
  counters(replicaId: string): string | null {
    const reading = this.#readings.get(replicaId);
    return reading === undefined ? null : tellWorkCounters(reading.now);
  }

  /**
   * Gateways and engines as one. Engines see no request that waits before them, so that they give no rate of arrivals in
   * place of silent gateways: without that rate replicas are added, and none is taken away.
   */
  withGateways(gateways: ScalingSignals): ScalingSignals {
    return { ...withEngines(gateways, this.#current()), arrivalsPerSecond: gateways.arrivalsPerSecond };
  }

  /** Skips before its period is over, and while the last look is still under way. Never rejects. */
  async look(replicas: readonly WatchedReplica[], everyMs: number, signal: AbortSignal): Promise<void> {
    const beganMs = this.#clock.monotonicMs();
    if (this.#looking || beganMs - this.#beganMs < everyMs) return;
    this.#looking = true;
    this.#beganMs = beganMs;
    try {
      const nowMs = this.#clock.nowMs();
      const warm = replicas.filter(({ readyAtMs }) => readyAtMs !== null && nowMs - readyAtMs >= replicaColdMs);
      this.#keep(warm, await this.#answers(warm, signal));
      this.#foldedMs = beganMs;
    } finally {
      this.#looking = false;
    }
  }

  #current(): EngineFold {
    return this.#clock.monotonicMs() - this.#foldedMs <= knownForMs ? this.#fold : foldReplicas([]);
  }

  #keep(warm: readonly WatchedReplica[], answers: readonly (MetricsAnswer | null)[]): void {
    const nowMs = this.#clock.nowMs();
    const readings = new Map<string, ReplicaReadings>();
    for (const [index, { replicaId }] of warm.entries()) {
      const answer = answers[index];
      if (answer?.kind === 'read') readings.set(replicaId, next(this.#readings.get(replicaId), answer.reading));
    }
    this.#readings = readings;
    const fold = foldReplicas(
      warm.map(({ replicaId }) => {
        const both = readings.get(replicaId);
        return { replicaId, signals: both === undefined ? null : engineSignals(both.before, both.now, { nowMs }) };
      }),
    );
    // Batches of Plimsoll's model server are counted, so that a replica with few of them weighs little.
    this.#fold = { ...fold, batchFillShare: countedFill([...readings.values()]) ?? fold.batchFillShare };
  }

  /** One for each target; null where the source gave none in time. */
  async #answers(targets: readonly MetricsTarget[], signal: AbortSignal): Promise<readonly (MetricsAnswer | null)[]> {
    const over = new AbortController();
    const bounded = AbortSignal.any([signal, over.signal]);
    const ended = new Promise<null>((resolve) => {
      bounded.addEventListener('abort', () => {
        resolve(null);
      });
    });
    const end = (): void => {
      over.abort();
    };
    void this.#clock.sleep(lookTimeoutMs, bounded).then(end, end);
    const answers: (MetricsAnswer | null)[] = [];
    try {
      for (let from = 0; from < targets.length && !bounded.aborted; from += replicasAtOnce) {
        const asked = targets.slice(from, from + replicasAtOnce);
        const reading = this.#source.read(asked, bounded).catch(() => null);
        const read = await Promise.race([reading, ended]);
        answers.push(...asked.map((_target, index) => read?.[index] ?? null));
      }
    } finally {
      end();
    }
    return answers;
  }
}

/** A server that scrapes more rarely than it is asked gives the same samples again: the interval then ends with them still. */
function next(last: ReplicaReadings | undefined, reading: MetricsReading): ReplicaReadings {
  if (last === undefined) return { before: null, now: reading };
  const isNewer = sampledAtMs(reading) > sampledAtMs(last.now);
  return { before: isNewer ? last.now : last.before, now: reading };
}

function sampledAtMs({ samples, readAtMs }: MetricsReading): number {
  return samples.reduce((newest, { atMs }) => Math.max(newest, atMs ?? readAtMs), -Infinity);
}

function countedFill(readings: readonly ReplicaReadings[]): number | null {
  const pairs = readings.flatMap(({ before, now }) => {
    const counters = [before?.samples ?? [], now.samples].map(batchCountersIn);
    const [earlier, later] = counters;
    return earlier && later ? [{ before: earlier, now: later }] : [];
  });
  return batchFillBetween(pairs);
}
