import type { HistoryPoint } from '../../src/core/health/history.ts';
import type { SignalSample } from '../../src/schemas/view/view.ts';

/** Numbers between 0 and 1, the same each time: Park-Miller, https://doi.org/10.1145/63039.63042. */
export class FakeRandom {
  #seed = 7;

  next(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }
}

/** A second in which no gateway reported. */
export function silentSample(atMs: number): SignalSample {
  return {
    atMs,
    requestsPerSecond: null,
    errorsPerSecond: null,
    queueDepth: null,
    inFlight: null,
    latencyP50Ms: null,
    latencyP99Ms: null,
    batchFillShare: null,
  };
}

/** A gentle load that breathes, with a burst now and then. */
export function makeSample(atMs: number, random: FakeRandom): SignalSample {
  const wave = Math.sin(atMs / 41_000) * 5 + Math.sin(atMs / 7_300) * 2;
  const noise = random.next();
  const burst = noise > 0.97 ? 3 : 1;
  return {
    atMs,
    requestsPerSecond: Math.max(0, 24 + wave + (noise - 0.5) * 4),
    errorsPerSecond: noise > 0.985 ? 1 : 0,
    queueDepth: noise > 0.85 ? Math.round(noise * 3 * burst) : 0,
    inFlight: Math.round(1 + noise * 2 * burst),
    latencyP50Ms: 2.4 + noise * 0.6,
    latencyP99Ms: 5.5 + noise * 3 * burst,
    batchFillShare: 0.16 + wave / 60 + noise * 0.1,
  };
}

/** A day that rises and falls, with an hour of which nothing is known. */
export function pastDay(nowMs: number): readonly HistoryPoint[] {
  const random = new FakeRandom();
  const minuteMs = 60_000;
  const toMs = Math.floor(nowMs / minuteMs) * minuteMs;
  const points: HistoryPoint[] = [];
  for (let agoMinutes = 1440; agoMinutes >= 0; agoMinutes -= agoMinutes > 120 ? 10 : 1) {
    if (agoMinutes > 900 && agoMinutes <= 960) continue;
    const atMs = toMs - agoMinutes * minuteMs;
    const day = 1 + Math.sin((atMs / 86_400_000) * 2 * Math.PI) / 2;
    const sample = makeSample(atMs, random);
    const requestsPerSecond = (sample.requestsPerSecond ?? 0) * day;
    const spanMs = (agoMinutes >= 120 ? 10 : 1) * minuteMs;
    points.push({ ...sample, atMs, spanMs, requestsPerSecond, errorsPerSecond: (sample.errorsPerSecond ?? 0) / 60 });
  }
  return points;
}
