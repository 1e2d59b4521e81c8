import { beforeEach, describe, expect, it } from 'vitest';
import { drawMix } from '../../../core/capacity/mix/draw-mix.ts';
import { readMixText } from '../../../core/capacity/mix/read-mix-text.ts';
import {
  summarizeMix,
  type MeasuredMix,
  type RequestSizes,
} from '../../../core/evidence/kinds/capacity/request-mix.ts';
import type { Invalidation } from '../../../core/evidence/lock/lock.ts';
import type { DriftSample } from '../../../core/monitoring/samples/drift-sample.ts';
import { seededRandom } from '../../../core/statistics/random.ts';
import { SelfMovingClock } from '../../../testing/fakes/self-moving-clock.ts';
import { MixWatch, type ReleasedMix } from './mix-watch.ts';
import { digestOf } from '../../../core/units/digest.ts';

const seen = { replicas: [] };
const drawn = drawMix(readMixText('rows=choice(1:0.5,8:0.5)'));
const mix: MeasuredMix = {
  source: 'text',
  of: 'rows=choice(1:0.5,8:0.5)',
  requests: drawn.length,
  summary: summarizeMix(drawn),
  surface: [],
};

let clock: SelfMovingClock;
let measured: ReleasedMix | null;
let samples: readonly DriftSample[];
let invalidations: Invalidation[];
let watch: MixWatch;

beforeEach(() => {
  clock = new SelfMovingClock();
  measured = {
    release: 3,
    mix,
    evidence: digestOf('capacity'),
    measuredAtMs: clock.nowMs() - 1_000_000,
    remedy: 'plimsoll capacity --mix captures',
  };
  samples = [];
  invalidations = [];
  watch = new MixWatch({
    source: { measured: async () => measured },
    service: 'digits',
    environment: 'prod',
    store: { driftSamples: async () => samples, invalidations: async () => invalidations },
    clock,
  });
});

/** So many requests of one of two sizes, independent of each other, that came so long ago. */
function captured(count: number, largeShare: number, agoMs = 0, sizes?: RequestSizes): readonly DriftSample[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, (_, at) => ({
    requestId: String(at),
    atMs: clock.nowMs() - agoMs,
    release: 3,
    replicaId: null,
    drawn: null,
    values: {},
    sizes: sizes ?? { rows: random.nextShare() < largeShare ? 8 : 1 },
  }));
}

describe('the watch of the request mix', () => {
  it('invalidates the capacity evidence when live requests left its mix', async () => {
    samples = captured(500, 0.95);
    const [news, ...more] = await watch.look(seen);
    expect(more).toEqual([]);
    expect(news?.invalidation).toMatchObject({
      kind: 'capacity',
      remedy: 'plimsoll capacity --mix captures',
      reason: expect.stringMatching(
        /^live requests left the mix that capacity was measured for: \d+% of the live requests have at most 1 rows, and 50% of the measured ones \(500 requests\)$/,
      ) as string,
    });
    expect(news?.event).toMatchObject({
      kind: 'capacity.mix-left',
      data: { release: 3, requests: 500, costRatio: null },
    });
  });

  it('says nothing while they are inside, few, or older than the evidence', async () => {
    samples = captured(500, 0.5);
    expect(await watch.look(seen)).toEqual([]);
    await clock.sleep(60_000);
    samples = captured(100, 0.95);
    expect(await watch.look(seen)).toEqual([]);
    await clock.sleep(60_000);
    samples = captured(500, 0.95, 2_000_000);
    expect(await watch.look(seen)).toEqual([]);
  });

  it('says it once for a measurement, and looks once a minute', async () => {
    samples = captured(500, 0.95);
    const [news] = await watch.look(seen);
    expect(await watch.look(seen)).toEqual([]);
    invalidations = [news?.invalidation].filter((each) => each !== undefined && each !== null);
    expect(invalidations).toMatchObject([{ evidence: digestOf('capacity') }]);
    await clock.sleep(60_000);
    expect(await watch.look(seen)).toEqual([]);
    invalidations = [];
    await clock.sleep(60_000);
    expect(await watch.look(seen)).toHaveLength(1);
  });

  it('has nothing to compare without a mix, or with samples of an older version', async () => {
    samples = captured(500, 0.95).map(({ sizes: _, ...rest }) => rest);
    expect(await watch.look(seen)).toEqual([]);
    await clock.sleep(60_000);
    measured = null;
    expect(await watch.look(seen)).toEqual([]);
  });
});
