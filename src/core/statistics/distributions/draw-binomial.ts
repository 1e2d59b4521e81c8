import { lnFactorial } from './binomial.ts';
import type { Random } from '../random.ts';

/**
 * A binomial number of `trials` with this share, exact in distribution: by inversion where few hits (or misses) are expected,
 * else by transformed rejection (algorithm BTRS of Hörmann 1993), whose time does not grow with the trials.
 */
export function drawBinomial(random: Random, trials: number, share: number): number {
  if (share > 0.5) return trials - drawBinomial(random, trials, 1 - share);
  if (trials <= 0 || share <= 0) return 0;
  return trials * share < 10 ? byInversion(random, trials, share) : byRejection(random, trials, share);
}

function byInversion(random: Random, trials: number, share: number): number {
  const odds = share / (1 - share);
  let mass = Math.exp(trials * Math.log1p(-share));
  let left = random.nextShare();
  let hits = 0;
  while (left > mass && hits < trials) {
    left -= mass;
    hits += 1;
    mass *= (odds * (trials - hits + 1)) / hits;
  }
  return hits;
}

function byRejection(random: Random, trials: number, share: number): number {
  const deviation = Math.sqrt(trials * share * (1 - share));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * share;
  const c = trials * share + 0.5;
  const vr = 0.92 - 4.2 / b;
  const mode = Math.floor((trials + 1) * share);
  const lnOdds = Math.log(share / (1 - share));
  for (;;) {
    const u = random.nextShare() - 0.5;
    const v = random.nextShare();
    const us = 0.5 - Math.abs(u);
    const hits = Math.floor(((2 * a) / us + b) * u + c);
    if (us >= 0.07 && v <= vr) return hits;
    if (hits < 0 || hits > trials) continue;
    const bound =
      lnFactorial(mode) +
      lnFactorial(trials - mode) -
      lnFactorial(hits) -
      lnFactorial(trials - hits) +
      (hits - mode) * lnOdds;
    if (Math.log((v * (2.83 + 5.1 / b) * deviation) / (a / (us * us) + b)) <= bound) return hits;
  }
}
