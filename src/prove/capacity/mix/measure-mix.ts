import { rounded } from '../../../core/capacity/measure-load.ts';
import { costMs, fitCostSurface } from '../../../core/capacity/mix/cost-surface.ts';
import { planSurface, type PlannedPoint } from '../../../core/capacity/mix/plan-surface.ts';
import { answeredPerSecond, type ClosedLevel } from '../../../core/evidence/kinds/capacity/capacity-measurements.ts';
import {
  quantileOfMix,
  type MeasuredMix,
  type SurfacePoint,
} from '../../../core/evidence/kinds/capacity/request-mix.ts';
import { kneeOf, rateText } from '../../../core/evidence/kinds/capacity/sustained-rate.ts';
import { asPlimsollError } from '../../../core/units/errors.ts';
import { closedLoop } from '../closed-loop.ts';
import type { SentMix } from '../capacity-requests.ts';
import type { Terminal } from '../../../ports/process/terminal.ts';
import type { ProvingPorts } from '../../ports.ts';

type MixContext = Pick<ProvingPorts, 'clock' | 'signal'> & { readonly terminal: Pick<Terminal, 'note'> };

/** Of the time of a closed loop of the curve: a surface has many points, and needs a mean of each alone. */
const pointShare = 0.5;
const warmUpShare = 0.2;

/** Measures the points of the surface of a mix, alone and at the knee of its closed loops, and returns what evidence stores of the mix. */
export async function measureMix(
  context: MixContext,
  mix: SentMix,
  closed: readonly ClosedLevel[],
  measureMs: number,
): Promise<MeasuredMix> {
  const { source, of, summary, requests } = mix;
  const planned = planSurface(summary, kneeOf(closed)?.concurrency ?? 1);
  const surface: SurfacePoint[] = [];
  for (const point of planned) {
    const measured = await measurePoint(context, mix, point, pointShare * measureMs);
    if (measured === null) continue;
    surface.push(measured);
    context.terminal.note(
      `  ${sizesText(point)}, ${point.concurrency} under way: ${rateText(measured.perSecond)} (${surface.length} of ${planned.length} points)`,
    );
  }
  return { source, of, requests: requests.length, summary, surface };
}

/** Null where requests of this size are refused, or none was answered in time. */
async function measurePoint(
  context: MixContext,
  mix: SentMix,
  { sizes, concurrency }: PlannedPoint,
  measureMs: number,
): Promise<SurfacePoint | null> {
  try {
    const ask = await mix.askOf(sizes);
    await ask(0);
    const loop = { concurrency, warmUpMs: warmUpShare * measureMs, measureMs };
    const { timesMs, durationMs } = await closedLoop(context, ask, loop);
    const requests = timesMs.filter((timeMs) => timeMs < Infinity).length;
    const load = { requests: timesMs.length, failed: timesMs.length - requests, durationMs };
    const perSecond = durationMs > 0 ? rounded(answeredPerSecond({ ...load, meanMs: null, quantiles: {} })) : null;
    return perSecond === null || !(perSecond > 0) ? null : { sizes, concurrency, perSecond, requests };
  } catch (thrown) {
    context.signal.throwIfAborted();
    context.terminal.note(`  requests of ${sizesText({ sizes })} are not answered: ${asPlimsollError(thrown).message}`);
    return null;
  }
}

/** Returns sizes for people: `512 tokens-in, 64 tokens-out`. */
export const sizesText = ({ sizes }: Pick<PlannedPoint, 'sizes'>): string =>
  Object.entries(sizes)
    .map(([name, size]) => `${size.toLocaleString('en-US', { maximumSignificantDigits: 4 })} ${name}`)
    .join(', ');

/** Returns the lines that people read of a measured mix: what was sent, and what a request costs. */
export function describeMix(mix: MeasuredMix): readonly string[] {
  const sizes = Object.entries(mix.summary).map(([name, size]) => {
    const [middle, large] = [0.5, 0.95].map((share) => quantileOfMix(size, share).toLocaleString('en-US'));
    return `${name} mean ${size.mean.toLocaleString('en-US', { maximumSignificantDigits: 4 })}, p50 ${middle}, p95 ${large}`;
  });
  const surface = fitCostSurface(mix.surface);
  if (surface === null) return [`mix: ${sizes.join('; ')} (${mix.of})`];
  const concurrency = Math.max(...mix.surface.map((point) => point.concurrency));
  const ms = (value: number): string => `${Number(value.toPrecision(3))}ms`;
  const units = Object.entries(surface.units).map(
    ([name, { eachMs, sharedMs }]) => `${ms(eachMs + sharedMs / concurrency)} for each of ${name}`,
  );
  const own = ms(costMs(surface, {}, concurrency));
  const error =
    surface.errorShare === null || surface.worstErrorShare === null
      ? 'too few points for an error'
      : `off by ${percent(surface.errorShare)} on average and ${percent(surface.worstErrorShare)} at worst, leaving out one of ${surface.points} points`;
  return [
    `mix: ${sizes.join('; ')} (${mix.of})`,
    `cost of a request with ${concurrency} under way: ${[own, ...units].join(' + ')}`,
    `  ${error}`,
  ];
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(2))}%`;
