import path from 'node:path';
import type { Command } from 'commander';
import { meanReadyTimeMs } from '../../core/coldstart/start-times.ts';
import { asksFor } from '../../core/evidence/asked-for.ts';
import { judgeScaling, judgeAttainment, provenPolicy } from '../../core/evidence/kinds/scaling/scaling-evidence.ts';
import { scalingRecord, type ScalingMeasurements } from '../../core/evidence/kinds/scaling/scaling-measurements.ts';
import { cheapestKeepAlive, idleGaps, keepAliveCurve } from '../../core/scaling/idle-gaps.ts';
import { scalingPrices } from '../../core/cost/prices/scaling-prices.ts';
import type { ScalingReport, SimulatedGround } from '../../core/scaling/simulation/score/scaling-report.ts';
import { countHeld } from '../../core/scaling/simulation/score/timeline.ts';
import type { Arrivals } from '../../core/scaling/simulation/world.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { Judgement } from '../../core/units/verdict.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { addSigningOption } from '../signing-option.ts';
import type { CliContext } from '../context.ts';
import { exitStatusOfVerdict } from '../exit-status.ts';
import { scalingHtml } from './scaling-html.ts';
import { recordEvidence } from '../../prove/evidence/record-evidence.ts';
import { readSimulatedArrivals, type ReadyArrivals } from '../../prove/simulate/scale-simulate-arrivals.ts';
import {
  groundOfSimulation,
  simulatedProject,
  type SimulatedProject,
} from '../../prove/simulate/scale-simulate-ground.ts';
import { calendarNotes } from '../../prove/simulate/scale-simulate-calendar.ts';
import { optionInvalid } from '../../prove/simulate/option-text.ts';
import {
  defaultPolicies,
  readSimulateOptions,
  type SimulateOptions,
} from '../../prove/simulate/scale-simulate-options.ts';
import { Simulations, type ScoredRuns } from '../../prove/simulate/scale-simulate-runs.ts';
import { makeSimulatedWorld } from '../../prove/simulate/simulated-world.ts';
import { findRecord } from '../find-record.ts';
import { countText, simulateText } from './scale-simulate-text.ts';

export function configureScaleSimulate(scale: Command): void {
  addSigningOption(scale.command('simulate'))
    .description('what policies of scaling would have done with these arrivals, and what is possible')
    .option('--trace <file>', 'arrivals of a file: Azure LLM inference, Mooncake or `time,work` rows')
    .option('--generate <spec>', 'arrivals of a text, as diurnal:rate=20/s,amplitude=80%,for=1d')
    .option('--tokens <work>', 'what a request of a trace with tokens takes: fixed, each input, each output token')
    .option('--curve <spec>', 'what a replica carries: slots:4,200ms or batch:5ms,6ms,8ms (else capacity evidence)')
    .option('--start <spec>', 'how long a start takes: 40s (p95), fixed:40s, with ,fail=1% (else cold-start evidence)')
    .option('--told-curve <spec>', 'what policies are told instead: a curve as --curve, or 2x the real rate')
    .option('--told-start <spec>', 'what policies are told instead: a start as --start, or 0.5x the real time')
    .option('--sweep <factors>', 'told over real, tried in turn: 0.5,0.9,1.1,2, or none (else 0.25 to 4)')
    .option('--begins <time>', 'when the arrivals begin, as 2026-11-02T00:00: the policies are told the calendar')
    .option('--schedule <entries>', 'demand that is known before: Fri 09:00-11:00=200/s; ... (else scaling.schedule)')
    .option('--seasons', 'policies are told the seasons of what arrived before; with --begins')
    .option('--latency <time@quantile>', 'what is promised: 5s@p99 (else objective.latency)')
    .option('--min <n>', 'replicas at least (else scaling.replicas, else 1)')
    .option('--max <n>', 'replicas at most (else scaling.replicas, else 100)')
    .option('--to-zero', 'the last replica may stop')
    .option('--sleep <spec>', 'replicas that may sleep in place of being stopped: 2,wake=3s,price=10% (a what-if)')
    .option('--policies <names>', 'which, with commas; static-4 is four replicas', defaultPolicies)
    .option('--seeds <n>', 'draws of the starts; intervals are over them', '20')
    .option('--score-from <time>', 'what arrives before is served and not scored', '10%')
    .option('--pareto', "also a few choices of each policy's own knobs")
    .option('--html <file>', 'also one page with timelines, decisions and the table')
    .option('--record', 'write scaling evidence into plimsoll.lock');
}

/** Exit by the verdict on Plimsoll's own policy: 0 the objective is held, 1 it is missed, 3 that is not decided. */
export async function runScaleSimulate(
  context: CliContext,
  { options: given, json }: CommandInput,
): Promise<CommandResult> {
  const options = readSimulateOptions(given);
  const of = await simulatedProject(context, options, (environment) => findRecord(context, environment));
  const ground = await groundOfSimulation(options, of);
  const folder = of?.project.folder ?? context.cwd;
  const arrivals = await readSimulatedArrivals(context, options, ground.capacity.curve, folder);
  const report = await simulated(context, options, of, ground, arrivals);
  if (options.html !== undefined)
    await writePage(context, path.resolve(context.cwd, options.html), scalingHtml(report));
  const text = json ? '' : simulateText(report, context.terminal.colour);
  return { exit: exitStatusOfVerdict(report.verdict), json: withoutTimelines(report), text };
}

async function simulated(
  context: CliContext,
  options: SimulateOptions,
  of: SimulatedProject | null,
  given: Omit<SimulatedGround, 'scoreFromMs' | 'endMs'>,
  arrivals: ReadyArrivals,
): Promise<ScalingReport> {
  const ground = { ...given, ...scoredTime(options, arrivals) };
  const { about } = arrivals;
  const simulations = new Simulations(context, makeSimulatedWorld(ground, arrivals), about.requests, options);
  const clairvoyant = await simulations.clairvoyant();
  const scored: ScoredRuns[] = [];
  for (const name of options.policies) scored.push(await simulations.scored(name, clairvoyant));
  if (scored.every(({ policy }) => policy.requests === 0)) throw nothingScored(ground.scoreFromMs);
  const own = scored.find(({ policy }) => policy.label === provenPolicy);
  const withoutZero = ground.terms.toZero && own !== undefined ? await simulations.withoutZero(clairvoyant) : null;
  const withoutSleep =
    ground.terms.sleep !== undefined && own !== undefined ? await simulations.withoutSleep(clairvoyant) : null;
  const sweep = await simulations.sweep(options);
  const pareto = options.pareto ? await simulations.pareto(options.policies) : null;
  const idle = idleOf(ground, arrivals);
  const measured = own === undefined ? null : measurementsOf(ground, arrivals, { own, withoutZero, idle });
  const { verdict, reasons } = judged(options, of, ground, measured, own);
  const recorded = options.record && of !== null && measured !== null;
  if (recorded) await record(context, of, measured);
  return {
    service: of?.contract.service ?? null,
    environment: of?.environment ?? null,
    verdict,
    reasons,
    arrivals: about,
    ground,
    seeds: options.seeds,
    policies: scored.map(({ policy }) => policy),
    withoutZero: withoutZero?.policy ?? null,
    withoutSleep: withoutSleep?.policy ?? null,
    clairvoyant,
    sweep,
    idle,
    pareto,
    notes: [
      ...arrivals.notes,
      ...notesOf(ground, arrivals, scored),
      ...sleepNotes(own, withoutSleep),
      ...calendarNotes(ground.calendar, of?.contract ?? null),
      ...recordNotes(of, recorded),
    ],
    next: recorded && verdict === 'pass' ? 'git add plimsoll.lock' : nextOf(options, of, verdict),
  };
}

function scoredTime({ scoreFrom }: SimulateOptions, { endMs }: ReadyArrivals) {
  const scoreFromMs = 'ms' in scoreFrom ? scoreFrom.ms : scoreFrom.share * endMs;
  if (scoreFromMs < endMs) return { scoreFromMs, endMs };
  throw optionInvalid(
    `--score-from ${formatElapsed(scoreFromMs)} is beyond the last arrival, at ${formatElapsed(endMs)}`,
    'give an earlier time, or a share as 10%',
  );
}

function idleOf({ starts, capacity, terms }: SimulatedGround, { arrivals }: ReadyArrivals): ScalingReport['idle'] {
  const { latencyMs, attainmentShare, acceleratorSecondPrice, lateRequestPrice } = terms;
  const estimated = scalingPrices({ acceleratorSecond: acceleratorSecondPrice, attainmentShare, capacity });
  const lateRequest = lateRequestPrice > 0 ? lateRequestPrice : estimated.lateRequest;
  const gaps = idleGaps(timesOf(arrivals), Math.max(1_000, meanReadyTimeMs(starts) / 10));
  const curve = keepAliveCurve(gaps, starts, latencyMs, { ...estimated, lateRequest });
  const longestGapMs = gaps.gapsMs.reduce((most, gapMs) => Math.max(most, gapMs), 0);
  return { gaps: gaps.gapsMs.length, longestGapMs, curve, cheapest: cheapestKeepAlive(curve) };
}

function* timesOf(arrivals: Arrivals): Generator<number> {
  const all = arrivals();
  for (let next = all.next(); next.done !== true; next = all.next()) yield next.value.atMs;
}

function measurementsOf(
  { terms, starts, capacity, scoreFromMs, endMs, prices }: SimulatedGround,
  { about }: ReadyArrivals,
  found: {
    readonly own: ScoredRuns;
    readonly withoutZero: ScoredRuns | null;
    readonly idle: ScalingReport['idle'];
  },
): ScalingMeasurements {
  const { cheapest, gaps } = found.idle;
  return {
    scalingVersion: 1,
    policy: provenPolicy,
    arrivals: about,
    scoreFromMs,
    endMs,
    latencyMs: terms.latencyMs,
    replicas: { min: terms.minReplicas, max: terms.maxReplicas },
    warmPool: terms.warmPool,
    ...(terms.sleep === undefined ? {} : { sleep: terms.sleep }),
    starts: starts.starts,
    ratePerSecond: capacity.ratePerSecond,
    ...peakOf(found.own.policy),
    prices,
    runs: found.own.runs,
    withoutZero: found.withoutZero?.runs ?? null,
    keepAlive:
      cheapest === null || found.withoutZero === null
        ? null
        : {
            keepAliveMs: Number.isFinite(cheapest.keepAliveMs) ? cheapest.keepAliveMs : null,
            gaps,
            idleSeconds: cheapest.idleSeconds,
            loadingSeconds: cheapest.loadingSeconds,
            coldRequests: cheapest.coldRequests,
          },
  };
}

/** Left out where no replica was there at any time. */
function peakOf({ timeline }: ScoredRuns['policy']): Pick<ScalingMeasurements, 'peakReplicas'> {
  const peakReplicas = Math.max(0, ...timeline.points.map(countHeld));
  return peakReplicas === 0 ? {} : { peakReplicas };
}

/** With `--record` as the evidence will be judged; else the objective alone. */
function judged(
  options: SimulateOptions,
  of: SimulatedProject | null,
  { terms }: SimulatedGround,
  measured: ScalingMeasurements | null,
  own: ScoredRuns | undefined,
): Judgement {
  if (own === undefined || measured === null) {
    return { verdict: 'unknown', reasons: ['plimsoll is not among the policies, and only it is judged'] };
  }
  if (options.record && of !== null) return judgeScaling(scalingRecord(measured), of.contract);
  return judgeAttainment(own.runs, terms.attainmentShare, terms.latencyMs);
}

async function record(context: CliContext, of: SimulatedProject, measured: ScalingMeasurements): Promise<void> {
  if (of.measuring === null) throw new Error('evidence that was read came out of a lock');
  await recordEvidence(context, of.measuring, {
    kind: 'scaling',
    measurements: scalingRecord(measured),
    known: {
      arrivals: measured.arrivals.digest,
      ...(measured.prices === null || measured.prices === undefined ? {} : { prices: measured.prices.digest }),
    },
  });
}

/** What a curve says that was stated for other requests than these. */
const otherWorkShare = 0.2;

function notesOf(
  { starts, capacity, terms }: SimulatedGround,
  { meanWork }: ReadyArrivals,
  scored: readonly ScoredRuns[],
): readonly string[] {
  const { curve } = capacity;
  const known = curve.kind === 'slots' ? curve.meanWorkMs : 1;
  const unit = (work: number): string => (curve.kind === 'slots' ? formatElapsed(work) : work.toFixed(2));
  const off = Math.abs(meanWork - known) > otherWorkShare * known;
  const always = starts.timesMs.length === 1 && starts.failureShare === 0;
  const fixed = scored.filter(({ policy }) => policy.label.startsWith('static'));
  return [
    ...(off
      ? [`a request takes ${unit(meanWork)} on average, and the policies are told ${unit(known)} of the curve`]
      : []),
    ...(always
      ? ['every start takes the same time, so that the seeds do not differ and the intervals have no width']
      : []),
    ...fixed.flatMap(({ policy }) =>
      policy.attainment.mean < terms.attainmentShare && policy.label === `static ${terms.maxReplicas}`
        ? [`not even ${terms.maxReplicas} replicas all the time attain`]
        : [],
    ),
  ];
}

/** Whether sleep pays: with it and without it, by the own policy. */
function sleepNotes(own: ScoredRuns | undefined, without: ScoredRuns | null): readonly string[] {
  if (own === undefined || without === null) return [];
  const [slept, awake] = [own.policy.acceleratorSeconds.mean, without.policy.acceleratorSeconds.mean];
  const shares = [own, without].map(({ policy }) => `${(100 * policy.attainment.mean).toFixed(2)}%`);
  const change = `${Math.abs(100 * (slept / awake - 1)).toFixed(1)}% ${slept < awake ? 'less' : 'more'}`;
  return [
    `sleep: ${countText(slept)} accelerator-seconds with it (${shares[0]} in time), ${countText(awake)} without (${shares[1]}): ${change}`,
  ];
}

function recordNotes(of: SimulatedProject | null, recorded: boolean): readonly string[] {
  if (!recorded || of === null) return [];
  const unasked = asksFor(of.contract, 'scaling') ? '' : ', which the contract does not ask for (`scaling`)';
  return [`recorded as scaling evidence in plimsoll.lock${unasked}`];
}

function nextOf(
  { record: recorded }: SimulateOptions,
  of: SimulatedProject | null,
  verdict: Judgement['verdict'],
): string {
  if (verdict === 'inconclusive') return 'more --seeds, or a longer trace';
  if (verdict === 'fail') return 'raise --max or --min, or make starts faster: plimsoll coldstart';
  if (verdict === 'unknown') return 'add plimsoll to --policies';
  return of === null || recorded
    ? 'plimsoll init, and measure: plimsoll coldstart, plimsoll capacity'
    : 'the same with --record';
}

/** Infinite times are null in JSON by themselves. */
function withoutTimelines(report: ScalingReport): object {
  const bare = ({ timeline: _, ...policy }: ScalingReport['policies'][number]) => policy;
  return {
    ...report,
    policies: report.policies.map(bare),
    withoutZero: report.withoutZero === null ? null : bare(report.withoutZero),
    withoutSleep: report.withoutSleep === null ? null : bare(report.withoutSleep),
  };
}

async function writePage({ writeDurably }: CliContext, file: string, page: string): Promise<void> {
  try {
    await writeDurably(file, page, { doing: 'writing the page', folderMustExist: true });
  } catch (cause) {
    throw new PlimsollError({
      code: 'report-unwritable',
      category: 'input',
      message: `the page cannot be written to ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: 'name a file in a folder that can be written to in --html',
      cause,
    });
  }
}

function nothingScored(scoreFromMs: number): PlimsollError {
  return new PlimsollError({
    code: 'arrivals-empty',
    category: 'input',
    message: `no request arrives after ${formatElapsed(scoreFromMs)}, from which on is scored`,
    next: 'give an earlier --score-from',
  });
}
