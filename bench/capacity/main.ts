/**
 * The sustained rate by the decision functions of `plimsoll capacity`, over simulated services whose truth is known.
 *
 *   npm run bench -- capacity [--services N] [--seed N] [--only steady,at-once,...] [--no-truth] [--json]
 *   npm run bench -- capacity --neighbours [--services N] [--seed N] [--json]
 *   npm run bench -- capacity --engine [--minutes N] [--horizon-seconds N] [--json]
 *
 * Stationary services: how often the lower limit is above the truth (at most 5%, its own 95% limit at most 7%), the upper limit
 * below (at most 7%), and how often they are said to slow down (at most 5%). Services that lose 10% or more of their speed
 * while they are measured, in five ways: how often a rate is called sustained (at most 5% in each). `--services` counts those
 * that lost so much; a service that loses its speed before or after the horizons of the limit is not one of them.
 * Exit status 0 when all are met. `--no-truth` leaves the limits out, whose truth takes most of the time.
 *
 * `--neighbours` tells by how much a rate is too low when other programs take a share of the processors.
 *
 * `--engine` measures a generated model on the built-in engine instead, and then holds the lower limit for an hour: exit status 0
 * when at least 80% of these horizons are inside.
 */
import { slowedShare } from '../../src/core/evidence/kinds/capacity/slowing.ts';
import { clopperPearson } from '../../src/core/statistics/distributions/binomial.ts';
import { measureEngine } from './engine.ts';
import { measureSimulated, trueShare, type SimulatedResult } from './measure-simulated.ts';
import { measureNeighbours, neighboursText } from './neighbours.ts';
import { SimulatedReplica } from './simulated-replica.ts';
import { decays, lostBetween, makeWorld, type Decay, type World } from './worlds.ts';

const aims = {
  lowerWrongShare: 0.05,
  lowerWrongAtMostShare: 0.07,
  upperWrongShare: 0.07,
  calledSustainedShare: 0.05,
  saidToSlowShare: 0.05,
};
/** A decay that hits the horizons of the limit in fewer cases is not drawn for longer. */
const drawsOfEach = 60;
const sustainedAt = 0.8;

interface Outcome {
  readonly name: string;
  readonly decay: Decay;
  readonly lowerPerSecond: number | null;
  readonly upperPerSecond: number | null;
  readonly slowing: 'steady' | 'slows' | 'unclear';
  readonly slowingOf: 'run' | 'horizon' | null;
  /** Share of horizons inside, in truth; null without a limit. */
  readonly insideAtLower: number | null;
  readonly insideAtUpper: number | null;
  readonly lostShare: number;
  readonly horizons: number;
}

export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--engine')) return engine(argv);
  if (argv.includes('--neighbours')) return neighbours(argv);
  const services = numberOption(argv, '--services') ?? 500;
  const seed = numberOption(argv, '--seed') ?? 1;
  const startedMs = performance.now();
  const only = textOption(argv, '--only')?.split(',');
  const isAsked = (decay: Decay): boolean => only?.includes(decay) ?? true;
  const isTruthAsked = !argv.includes('--no-truth');
  const steady = isAsked('steady') ? outcomesOf('steady', services, seed, isTruthAsked) : [];
  const slowing = decays.flatMap((decay, at) =>
    isAsked(decay) ? outcomesOf(decay, services, seed + 100_000 * (at + 1), false) : [],
  );
  const report = reportOf(steady, slowing, (performance.now() - startedMs) / 1_000);
  console.log(argv.includes('--json') ? JSON.stringify({ ...report, steady, slowing }, null, 2) : textOf(report));
  return report.met ? 0 : 1;
}

async function engine(argv: readonly string[]): Promise<number> {
  const horizonMs = 1_000 * (numberOption(argv, '--horizon-seconds') ?? 120);
  const report = await measureEngine(numberOption(argv, '--minutes') ?? 60, horizonMs);
  const { lowerPerSecond, upperPerSecond, held, inside } = report;
  const text = `lower ${lowerPerSecond ?? '-'}, upper ${upperPerSecond ?? '-'} requests/s; held at the lower: ${inside} of ${held} horizons inside`;
  console.log(argv.includes('--json') ? JSON.stringify(report, null, 2) : text);
  return lowerPerSecond !== null && held > 0 && inside >= sustainedAt * held ? 0 : 1;
}

function neighbours(argv: readonly string[]): number {
  const rows = measureNeighbours(numberOption(argv, '--services') ?? 20, numberOption(argv, '--seed') ?? 1);
  console.log(argv.includes('--json') ? JSON.stringify(rows, null, 2) : neighboursText(rows));
  return 0;
}

function textOption(argv: readonly string[], name: string): string | undefined {
  const at = argv.indexOf(name);
  return at < 0 ? undefined : argv[at + 1];
}

function numberOption(argv: readonly string[], name: string): number | null {
  const text = textOption(argv, name);
  return text === undefined ? null : Number(text);
}

/**
 * So many services that are inside their objective at least one request at a time, and that lost 10% of their speed where they
 * are to lose it; seeds of others are passed over.
 */
function outcomesOf(decay: Decay, services: number, seed: number, isTruthAsked: boolean): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  for (let at = 0; outcomes.length < services && at < drawsOfEach * services; at += 1) {
    const outcome = outcomeOf(decay, seed + at, isTruthAsked);
    if (outcome !== null && (decay === 'steady' || outcome.lostShare >= slowedShare - 1e-9)) outcomes.push(outcome);
  }
  return outcomes;
}

function outcomeOf(decay: Decay, seed: number, isTruthAsked: boolean): Outcome | null {
  const lost = decay === 'steady' ? 0 : 0.1 + 0.3 * ((seed * 0.618_033_988_7) % 1) ** 2;
  const world = makeWorld(seed, decay, lost);
  const { service, plan, name } = world;
  const result = measureSimulated(new SimulatedReplica(service, seed), plan);
  if (result === null) return null;
  const { lower, upper, slowing } = result.capacity;
  const truth = (perSecond: number | undefined, of: number): number | null =>
    perSecond === undefined || !isTruthAsked
      ? null
      : trueShare(() => new SimulatedReplica(service, seed + of), perSecond, plan.horizonMs, plan.objective);
  return {
    name,
    decay,
    lowerPerSecond: lower?.perSecond ?? null,
    upperPerSecond: upper?.perSecond ?? null,
    slowing: slowing.kind,
    slowingOf: slowing.kind === 'steady' ? null : slowing.of,
    insideAtLower: truth(lower?.perSecond, 1_000_000),
    insideAtUpper: truth(upper?.perSecond, 2_000_000),
    lostShare: lostWhile(world, decay, result),
    horizons: horizonsOf(result),
  };
}

/** Over the horizons that the lower limit rests on, or those of the last candidate. */
function lostWhile(world: World, decay: Decay, { capacity, measured }: SimulatedResult): number {
  const probes = (capacity.lower ?? measured.lower.at(-1))?.probes ?? [];
  return lostBetween(world, decay, probes[0]?.atMs ?? 0, probes.at(-1)?.atMs ?? 0);
}

const horizonsOf = ({ measured: { lower, upper } }: SimulatedResult): number =>
  [...lower, ...upper].reduce((sum, { horizons }) => sum + horizons.length, 0);

interface Count {
  readonly count: number;
  readonly of: number;
  /** Largest share that the count is compatible with, at 95%. */
  readonly atMostShare: number;
}

function countOf<T>(values: readonly T[], is: (value: T) => boolean): Count {
  const count = values.filter(is).length;
  const of = values.length;
  return { count, of, atMostShare: of === 0 ? 1 : clopperPearson(count, of, 0.95).upper };
}

function reportOf(steady: readonly Outcome[], slowing: readonly Outcome[], seconds: number) {
  const withLower = steady.filter(({ lowerPerSecond }) => lowerPerSecond !== null);
  const withBoth = withLower.filter(({ upperPerSecond }) => upperPerSecond !== null);
  const widths = withBoth.map((one) => (one.upperPerSecond ?? 0) / (one.lowerPerSecond ?? 1)).sort((a, b) => a - b);
  const horizons = steady.map((one) => one.horizons).sort((a, b) => a - b);
  const lowerWrong = countOf(steady, ({ insideAtLower }) => insideAtLower !== null && insideAtLower < sustainedAt);
  const upperWrong = countOf(steady, ({ insideAtUpper }) => insideAtUpper !== null && insideAtUpper >= sustainedAt);
  const saidToSlow = countOf(steady, (one) => one.slowing === 'slows');
  const byDecay = decays.map((decay) => {
    const ofDecay = slowing.filter((one) => one.decay === decay);
    return { decay, ...countOf(ofDecay, isCalledSustained) };
  });
  return {
    lowerWrong,
    upperWrong,
    saidToSlow,
    calledSustained: countOf(slowing, isCalledSustained),
    byDecay,
    passed: countOf(steady, isCalledSustained),
    withLower: countOf(steady, ({ lowerPerSecond }) => lowerPerSecond !== null),
    withUpper: countOf(steady, ({ upperPerSecond }) => upperPerSecond !== null),
    unclear: countOf(withLower, (one) => one.slowing === 'unclear'),
    unclearWithin: countOf(withLower, (one) => one.slowing === 'unclear' && one.slowingOf === 'horizon'),
    medianWidth: widths[Math.floor(widths.length / 2)] ?? null,
    medianHorizons: horizons[Math.floor(horizons.length / 2)] ?? null,
    seconds,
    met:
      lowerWrong.count <= aims.lowerWrongShare * lowerWrong.of &&
      (lowerWrong.of === 0 || lowerWrong.atMostShare <= aims.lowerWrongAtMostShare) &&
      upperWrong.count <= aims.upperWrongShare * upperWrong.of &&
      saidToSlow.count <= aims.saidToSlowShare * saidToSlow.of &&
      byDecay.every(({ count, of }) => count <= aims.calledSustainedShare * of),
  };
}

const isCalledSustained = ({ lowerPerSecond, slowing }: Outcome): boolean =>
  lowerPerSecond !== null && slowing === 'steady';

const shareText = ({ count, of, atMostShare }: Count): string =>
  `${count} of ${of} (${((100 * count) / Math.max(1, of)).toFixed(1)}%, at most ${(100 * atMostShare).toFixed(1)}%)`;

function textOf(report: ReturnType<typeof reportOf>): string {
  return [
    `lower limit above the truth    ${shareText(report.lowerWrong)}, aim ${100 * aims.lowerWrongShare}%`,
    `upper limit below the truth    ${shareText(report.upperWrong)}, aim ${100 * aims.upperWrongShare}%`,
    `slowing down, called sustained ${shareText(report.calledSustained)}, aim ${100 * aims.calledSustainedShare}%`,
    ...report.byDecay.map((one) => `  ${one.decay.padEnd(28)} ${shareText(one)}`),
    `steady: passes                 ${shareText(report.passed)}`,
    `steady: has a lower limit      ${shareText(report.withLower)}`,
    `steady: has an upper limit     ${shareText(report.withUpper)}`,
    `steady: said to slow down      ${shareText(report.saidToSlow)}, aim ${100 * aims.saidToSlowShare}%`,
    `steady: too noisy to tell      ${shareText(report.unclear)}`,
    `  within horizons              ${shareText(report.unclearWithin)}`,
    `upper over lower limit         ${report.medianWidth?.toFixed(3) ?? '-'} (median)`,
    `horizons of a measurement      ${report.medianHorizons ?? '-'} (median)`,
    `${report.seconds.toFixed(0)} s; ${report.met ? 'met' : 'not met'}`,
  ].join('\n');
}
