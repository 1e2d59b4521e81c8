import {
  beginLatency,
  latencyBlockMs,
  logSlower,
  marginShifts,
  observeLatency,
} from '../../src/core/rollout/judge/canary-latency.ts';
import { latencyBinOf, latencyBins, latencyBinUpperMs } from '../../src/core/rollout/judge/latency-bins.ts';
import type { Random } from '../../src/core/statistics/random.ts';
import { requestsPerSecond, type Stops } from './errors-run.ts';
import { kayentaHigh, zTestWorse } from './rivals.ts';

export interface LatencyWorld {
  readonly requests: number;
  readonly share: number;
  /** The canary's latency over the live one's. */
  readonly slower: number;
  /** Time constant of each replica's own drift in log-latency (AR(1), standard deviation 0.15); 0 for none. */
  readonly driftSeconds: number;
  /** A pause of each replica, 300 ms long, once in so many seconds on average: 150 ms more; 0 for none. */
  readonly pauseEverySeconds: number;
  readonly cold?: { readonly units: number; readonly slower: number; readonly counted: boolean };
}

const replicas = 20;
const tickMs = 100;
const perTick = (requestsPerSecond * tickMs) / 1000;
const ticksPerBlock = latencyBlockMs / tickMs;
const threshold = Math.log(20);
const logMedianMs = Math.log(20);
const spread = 0.5;
const driftSpread = 0.15;

/** Normal quantiles at 65,536 equal steps: one 16-bit number gives one draw. */
const normals = Float64Array.from({ length: 65_536 }, (_, index) => normalQuantile((index + 0.5) / 65_536));

/** One run, looked at whenever a block ends: between two ends nothing that the judge says can move. */
export function runLatency(world: LatencyWorld, random: Random): Stops {
  const stops = { judge: 0, zEach: 0, zDaily: 0, kayenta: 0 };
  let judge = beginLatency(0.99, 0.1);
  const { worse } = marginShifts(0.1);
  const ofCanary = Math.max(1, Math.round(world.share * replicas));
  const offsets = Float64Array.from({ length: replicas }, () =>
    world.driftSeconds > 0 ? driftSpread * normal(random) : 0,
  );
  const pausedUntil = new Float64Array(replicas);
  const keep = world.driftSeconds > 0 ? Math.exp(-tickMs / 1000 / world.driftSeconds) : 0;
  const shock = driftSpread * Math.sqrt(1 - keep * keep);
  const totals = { live: new Float64Array(latencyBins.count), canary: new Float64Array(latencyBins.count) };
  const blockCounts = { live: new Float64Array(latencyBins.count), canary: new Float64Array(latencyBins.count) };
  const pointCounts = { live: new Float64Array(latencyBins.count), canary: new Float64Array(latencyBins.count) };
  const ticks = world.requests / perTick;
  const points = { live: new Float64Array(ticks), canary: new Float64Array(ticks), count: 0 };
  let cold = world.cold?.units ?? 0;
  let looks = 0;
  const daily = Math.max(1, Math.floor(ticks / ticksPerBlock / 30));
  const logSlowerBy = Math.log(world.slower);
  for (let tick = 0; tick < ticks; tick += 1) {
    for (let replica = 0; replica < replicas; replica += 1) {
      if (world.driftSeconds > 0) offsets[replica] = keep * (offsets[replica] ?? 0) + shock * normal(random);
      if (world.pauseEverySeconds > 0 && random.nextShare() < tickMs / 1000 / world.pauseEverySeconds)
        pausedUntil[replica] = tick + 3;
    }
    for (let request = 0; request < perTick; request += 1) {
      const isCanary = random.nextShare() < world.share;
      const replica = isCanary ? random.nextBelow(ofCanary) : ofCanary + random.nextBelow(replicas - ofCanary);
      const isCold = isCanary && cold > 0;
      if (isCold) cold -= 1;
      if (isCold && world.cold?.counted !== true) continue;
      const more = (isCanary ? logSlowerBy : 0) + (isCold ? Math.log(world.cold?.slower ?? 1) : 0);
      const served = Math.exp(logMedianMs + spread * normal(random) + (offsets[replica] ?? 0) + more);
      const bin = latencyBinOf(served + (tick < (pausedUntil[replica] ?? 0) ? 150 : 0));
      const counts = isCanary ? blockCounts.canary : blockCounts.live;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    if ((tick + 1) % ticksPerBlock !== 0) continue;
    const requests = (tick + 1) * perTick;
    looks += 1;
    if (stops.judge === 0) {
      judge = observeLatency(
        judge,
        { live: sparse(blockCounts.live), canary: sparse(blockCounts.canary) },
        latencyBlockMs,
      );
      if (logSlower(judge, worse) >= threshold) stops.judge = requests;
    }
    for (const side of ['live', 'canary'] as const) {
      addInto(totals[side], blockCounts[side]);
      addInto(pointCounts[side], blockCounts[side]);
      blockCounts[side].fill(0);
    }
    const edge = quantileOf(totals.live);
    const slow = { live: above(totals.live, edge), canary: above(totals.canary, edge) };
    const worseNow = zTestWorse(slow.live.units, slow.live.hits, slow.canary.units, slow.canary.hits);
    if (worseNow && stops.zEach === 0) stops.zEach = requests;
    if (worseNow && stops.zDaily === 0 && looks % daily === 0) stops.zDaily = requests;
    if (looks % 2 === 0) {
      points.live[points.count] = latencyBinUpperMs(quantileOf(pointCounts.live));
      points.canary[points.count] = latencyBinUpperMs(quantileOf(pointCounts.canary));
      points.count += 1;
      pointCounts.live.fill(0);
      pointCounts.canary.fill(0);
      const due = stops.kayenta === 0 && points.count >= 10 && points.count % 5 === 0;
      if (due && kayentaHigh(points.canary.subarray(0, points.count), points.live.subarray(0, points.count)))
        stops.kayenta = requests;
    }
    if (world.slower > 1 && Object.values(stops).every((stop) => stop > 0)) break;
  }
  return stops;
}

function normal(random: Random): number {
  return normals[random.nextUint32() >>> 16] ?? 0;
}

function addInto(sum: Float64Array, counts: Float64Array): void {
  for (let bin = 0; bin < sum.length; bin += 1) sum[bin] = (sum[bin] ?? 0) + (counts[bin] ?? 0);
}

function sparse(counts: Float64Array): Record<number, number> {
  const found: Record<number, number> = {};
  for (let bin = 0; bin < counts.length; bin += 1) if ((counts[bin] ?? 0) > 0) found[bin] = counts[bin] ?? 0;
  return found;
}

/** Bin of the 99th percentile; 0 of nothing. */
function quantileOf(counts: Float64Array): number {
  let total = 0;
  for (const count of counts) total += count;
  let slower = 0;
  for (let bin = counts.length - 1; bin > 0; bin -= 1) {
    slower += counts[bin] ?? 0;
    if (slower > 0.01 * total) return bin;
  }
  return 0;
}

function above(counts: Float64Array, edge: number): { readonly units: number; readonly hits: number } {
  let [units, hits] = [0, 0];
  for (let bin = 0; bin < counts.length; bin += 1) {
    units += counts[bin] ?? 0;
    if (bin > edge) hits += counts[bin] ?? 0;
  }
  return { units, hits };
}

/** Acklam's rational approximation, relative error 1.2e-9: enough to draw from. */
function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return (
      (((((-7.784894002430293e-3 * q - 0.3223964580411365) * q - 2.400758277161838) * q - 2.549732539343734) * q +
        4.374664141464968) *
        q +
        2.938163982698783) /
      ((((7.784695709041462e-3 * q + 0.3224671290700398) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1)
    );
  }
  const q = p - 0.5;
  const r = q * q;
  return (
    ((((((-39.69683028665376 * r + 220.9460984245205) * r - 275.9285104469687) * r + 138.357751867269) * r -
      30.66479806614716) *
      r +
      2.506628277459239) *
      q) /
    (((((-54.47609879822406 * r + 161.5858368580409) * r - 155.6989798598866) * r + 66.80131188771972) * r -
      13.28068155288572) *
      r +
      1)
  );
}
