/**
 * The sustained rate by the decision functions of `plimsoll capacity`, over simulated services whose truth is known.
 *
 *   npm run bench -- capacity [--services N] [--seed N] [--json]
 *   npm run bench -- capacity --engine [--minutes N] [--horizon-seconds N] [--json]
 *
 * Stationary services: how often the lower limit is above the truth (at most 5%), and the upper limit below (at most 7%).
 * Services that lose 10% or more of their speed while they are measured: how often a rate is called sustained (at most 5%).
 * Exit status 0 when all three are met.
 *
 * `--engine` measures a generated model on the built-in engine instead, and then holds the lower limit for an hour: exit status 0
 * when at least 80% of these horizons are inside.
 */
import { clopperPearson } from '../../src/core/statistics/binomial.ts';
import { measureEngine } from './engine.ts';
import { measureSimulated, trueShare, type SimulatedResult } from './measure-simulated.ts';
import { SimulatedReplica } from './simulated-replica.ts';
import { lostBetween, makeWorld, type Decay, type World } from './worlds.ts';

const aims = { lowerWrongShare: 0.05, upperWrongShare: 0.07, calledSustainedShare: 0.05 };
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
  const services = numberOption(argv, '--services') ?? 500;
  const seed = numberOption(argv, '--seed') ?? 1;
  const startedMs = performance.now();
  const steady = outcomesOf('steady', services, seed);
  const slowing = (['slowly', 'at-once', 'each-horizon'] as const).flatMap((decay, at) =>
    outcomesOf(decay, services, seed + 10_000 * (at + 1)),
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

function numberOption(argv: readonly string[], name: string): number | null {
  const at = argv.indexOf(name);
  return at < 0 ? null : Number(argv[at + 1]);
}

/** So many services that are inside their objective at least one request at a time; seeds of others are passed over. */
function outcomesOf(decay: Decay, services: number, seed: number): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  for (let at = 0; outcomes.length < services; at += 1) {
    const outcome = outcomeOf(decay, seed + at);
    if (outcome !== null) outcomes.push(outcome);
  }
  return outcomes;
}

function outcomeOf(decay: Decay, seed: number): Outcome | null {
  const lost = decay === 'steady' ? 0 : 0.1 + 0.3 * ((seed * 0.618_033_988_7) % 1) ** 2;
  const world = makeWorld(seed, decay, lost);
  const { service, plan, name } = world;
  const result = measureSimulated(new SimulatedReplica(service, seed), plan);
  if (result === null) return null;
  const { lower, upper, slowing } = result.capacity;
  const truth = (perSecond: number | undefined, of: number): number | null =>
    perSecond === undefined || decay !== 'steady'
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
  const lost = slowing.filter(({ lostShare }) => lostShare >= 0.1 - 1e-9);
  const lowerWrong = countOf(steady, ({ insideAtLower }) => insideAtLower !== null && insideAtLower < sustainedAt);
  const upperWrong = countOf(steady, ({ insideAtUpper }) => insideAtUpper !== null && insideAtUpper >= sustainedAt);
  const calledSustained = countOf(lost, isCalledSustained);
  const byDecay = (['slowly', 'at-once', 'each-horizon'] as const).map((decay) => ({
    decay,
    ...countOf(
      lost.filter((one) => one.decay === decay),
      isCalledSustained,
    ),
  }));
  return {
    lowerWrong,
    upperWrong,
    calledSustained,
    byDecay,
    passed: countOf(steady, isCalledSustained),
    withLower: countOf(steady, ({ lowerPerSecond }) => lowerPerSecond !== null),
    withUpper: countOf(steady, ({ upperPerSecond }) => upperPerSecond !== null),
    saidToSlow: countOf(steady, (one) => one.slowing === 'slows'),
    unclear: countOf(steady, (one) => one.slowing === 'unclear'),
    medianWidth: widths[Math.floor(widths.length / 2)] ?? null,
    medianHorizons: horizons[Math.floor(horizons.length / 2)] ?? null,
    seconds,
    met:
      lowerWrong.count <= aims.lowerWrongShare * lowerWrong.of &&
      upperWrong.count <= aims.upperWrongShare * upperWrong.of &&
      calledSustained.count <= aims.calledSustainedShare * calledSustained.of,
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
    `steady: said to slow down      ${shareText(report.saidToSlow)}`,
    `steady: too noisy to tell      ${shareText(report.unclear)}`,
    `upper over lower limit         ${report.medianWidth?.toFixed(3) ?? '-'} (median)`,
    `horizons of a measurement      ${report.medianHorizons ?? '-'} (median)`,
    `${report.seconds.toFixed(0)} s; ${report.met ? 'met' : 'not met'}`,
  ].join('\n');
}
