import { beginShares, logWorse, observeShares } from '../../src/core/rollout/judge/canary-shares.ts';
import type { Random } from '../../src/core/statistics/random.ts';
import { kayentaHigh, zTestWorse } from './rivals.ts';

export interface ErrorsWorld {
  readonly requests: number;
  readonly share: number;
  readonly live: number;
  readonly canary: number;
  readonly margin: number;
  /** First requests of the canary that fail with this probability, and whether they are counted. */
  readonly cold?: { readonly units: number; readonly errors: number; readonly counted: boolean };
}

/** Requests after which each method first called the canary worse; 0 for never. */
export type Stops = Readonly<Record<'judge' | 'zEach' | 'zDaily' | 'kayenta', number>>;

const threshold = Math.log(20);
export const requestsPerSecond = 100;
const msPerRequest = 1000 / requestsPerSecond;
const pointOf = 1_000;

/**
 * One run, looked at after each request. The judge's evidence moves only when a block is complete, which is after the first
 * request at which both arms have a unit; it is added to here in place, by the judge's own function.
 */
export function runErrors(world: ErrorsWorld, random: Random): Stops {
  const stops = { judge: 0, zEach: 0, zDaily: 0, kayenta: 0 };
  const past = arms();
  const recent = arms();
  const block = arms();
  let [whole, lately, blockMs] = [0, 0, 0];
  const point = { live: 0, liveErrors: 0, canary: 0, canaryErrors: 0 };
  const points = {
    live: new Float64Array(world.requests / pointOf),
    canary: new Float64Array(world.requests / pointOf),
    count: 0,
  };
  let cold = world.cold?.units ?? 0;
  const daily = Math.floor(world.requests / 30);
  for (let request = 1; request <= world.requests; request += 1) {
    const isCanary = random.nextUint32() < world.share * 4294967296;
    const isCold = isCanary && cold > 0;
    if (isCold) cold -= 1;
    blockMs += msPerRequest;
    const chance = isCold ? (world.cold?.errors ?? 0) : isCanary ? world.canary : world.live;
    const hit = random.nextUint32() < chance * 4294967296 ? 1 : 0;
    if (!isCold || world.cold?.counted === true) {
      const arm = isCanary ? block.canary : block.live;
      arm.units += 1;
      arm.hits += hit;
      if (isCanary) {
        point.canary += 1;
        point.canaryErrors += hit;
      } else {
        point.live += 1;
        point.liveErrors += hit;
      }
    }
    if (block.live.units > 0 && block.canary.units > 0) {
      if (stops.judge === 0) {
        whole += logWorse(past, block, world.margin);
        lately += logWorse(recent, block, world.margin);
        if (Math.log((Math.exp(whole) + Math.exp(lately)) / 2) >= threshold) stops.judge = request;
      }
      const factor = 0.5 ** (blockMs / 120_000);
      for (const side of ['live', 'canary'] as const) {
        past[side].units += block[side].units;
        past[side].hits += block[side].hits;
        recent[side].units = recent[side].units * factor + block[side].units;
        recent[side].hits = recent[side].hits * factor + block[side].hits;
        block[side].units = 0;
        block[side].hits = 0;
      }
      blockMs = 0;
    }
    if (stops.zEach === 0 || (stops.zDaily === 0 && request % daily === 0)) {
      const worse = zTestWorse(
        past.live.units + block.live.units,
        past.live.hits + block.live.hits,
        past.canary.units + block.canary.units,
        past.canary.hits + block.canary.hits,
      );
      if (worse && stops.zEach === 0) stops.zEach = request;
      if (worse && request % daily === 0) stops.zDaily = request;
    }
    if (request % pointOf === 0 && stops.kayenta === 0) {
      points.live[points.count] = (100 * point.liveErrors) / Math.max(1, point.live);
      points.canary[points.count] = (100 * point.canaryErrors) / Math.max(1, point.canary);
      points.count += 1;
      point.live = point.liveErrors = point.canary = point.canaryErrors = 0;
      if (
        points.count >= 10 &&
        points.count % 5 === 0 &&
        kayentaHigh(points.canary.subarray(0, points.count), points.live.subarray(0, points.count))
      )
        stops.kayenta = request;
    }
  }
  return stops;
}

/** The same run by the judge as it is, one interval a request: what `runErrors` does in place has to stop at the same one. */
export function runErrorsByJudge(world: ErrorsWorld, random: Random): number {
  let judge = beginShares(world.margin);
  for (let request = 1; request <= world.requests; request += 1) {
    const isCanary = random.nextUint32() < world.share * 4294967296;
    const hits = random.nextUint32() < (isCanary ? world.canary : world.live) * 4294967296 ? 1 : 0;
    const [none, one] = [
      { units: 0, hits: 0 },
      { units: 1, hits },
    ];
    judge = observeShares(judge, isCanary ? { live: none, canary: one } : { live: one, canary: none }, msPerRequest);
    if (judge.worsePeak >= threshold) return request;
  }
  return 0;
}

function arms() {
  return { live: { units: 0, hits: 0 }, canary: { units: 0, hits: 0 } };
}
