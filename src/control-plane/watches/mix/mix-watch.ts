import { judgeLiveMix, type LiveMix } from '../../../core/capacity/mix/judge-live-mix.ts';
import { invalidationBy } from '../../../core/evidence/invalidation.ts';
import type { MeasuredMix } from '../../../core/evidence/kinds/capacity/request-mix.ts';
import { driftSamplesAtMost } from '../../../core/monitoring/samples/drift-sample.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { StoreReader } from '../../../ports/records/store.ts';
import {
  isToldOf,
  measuredSince,
  type Watch,
  type WatchedEvidence,
  type WatchedWorld,
  type WatchNews,
} from '../watch.ts';

/** The request mix that the capacity evidence of the live release rests on. */
export interface MixSource {
  /** Null while there is no such evidence, or it is of no mix: then there is nothing that live requests could leave. */
  measured(): Promise<ReleasedMix | null>;
}

export interface ReleasedMix extends WatchedEvidence {
  readonly release: number;
  readonly mix: MeasuredMix;
}

export interface MixWatchParts {
  readonly source: MixSource;
  readonly service: string;
  readonly environment: string;
  readonly store: Pick<StoreReader, 'driftSamples' | 'invalidations'>;
  readonly clock: Clock;
}

/** A mix moves over hours; each look reads the samples that are kept. */
const everyMs = 60_000;

/**
 * Compares captured requests that came since capacity was measured with the mix that it was measured for. Capacity evidence that live
 * requests left is invalidated once; only evidence that is measured anew lifts that.
 */
export class MixWatch implements Watch {
  readonly subject = 'request mix';
  readonly #parts: MixWatchParts;
  #lookedMs = -Infinity;

  constructor(parts: MixWatchParts) {
    this.#parts = parts;
  }

  async look(_seen: WatchedWorld): Promise<readonly WatchNews[]> {
    const { clock, source, store, service, environment } = this.#parts;
    if (clock.monotonicMs() - this.#lookedMs < everyMs) return [];
    this.#lookedMs = clock.monotonicMs();
    const measured = await source.measured();
    if (measured === null) return [];
    const nowMs = clock.nowMs();
    const sinceMs = measuredSince(measured.measuredAtMs, nowMs);
    const samples = await store.driftSamples(service, environment, driftSamplesAtMost);
    const live = samples.filter(({ atMs }) => atMs >= sinceMs).map(({ sizes }) => sizes ?? {});
    const judged = judgeLiveMix(measured.mix, live);
    if (judged.standing !== 'left') return [];
    const news = leftNews(measured, judged, environment, nowMs);
    const known = await store.invalidations(service, environment);
    const ofMix = known.filter(({ kind, reason }) => kind === 'capacity' && isOfMix(reason));
    return ofMix.some((one) => isToldOf(one, measured, nowMs)) ? [] : [news];
  }
}

const saidOfMix = 'live requests left the mix that capacity was measured for: ';
const isOfMix = (reason: string): boolean => reason.startsWith(saidOfMix);

function leftNews(
  { release, evidence, remedy }: ReleasedMix,
  { reasons, requests, costRatio }: LiveMix,
  environment: string,
  atMs: number,
): WatchNews {
  const reason = `${saidOfMix}${reasons.join('; ')} (${requests} requests)`;
  return {
    invalidation: invalidationBy('capacity.mix-left', { environment, reason, remedy, atMs, evidence }),
    event: {
      kind: 'capacity.mix-left',
      summary: `The capacity evidence of release ${release} no longer holds: ${reason}; next: ${remedy}`,
      data: { release, reason, requests, costRatio },
    },
  };
}
