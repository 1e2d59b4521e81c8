/**
 * Placement of replicas on the nodes of Alibaba's openb trace: the own rule beside BestFit, GpuPacking and FGD on the same
 * arrivals, and a plan of all pods at once with its proof.
 *
 *   npm run bench -- pack [--nodes FILE --pods FILE] [--seeds N] [--load 1.0,1.3] [--json]
 *   npm run bench -- pack --parvagpu FOLDER [--slo 1,2,3] [--json]
 *
 * A seed gives one order of arrivals: the list shuffled, then pods drawn from it until the largest load has arrived. No pod is
 * moved, and a pod that fits nowhere is lost. The own rule knows how often each pod type comes, as FGD does, and nothing else.
 * Then all pods that arrive until load 1 are planned at once, as they are and with MIG profiles and limits on a node that a
 * seed draws (`ruled-task.ts`), and 10,000 made-up replicas on 2,000 devices.
 *
 * The files are not part of the repository: github.com/alibaba/clusterdata, cluster-trace-gpu-v2023. Without --nodes and --pods
 * they are looked for in ../shared/data/packing/openb.
 */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { loadHighsSolver } from '../../src/adapters/highs/highs-solver.ts';
import { replayArrivals } from '../../src/core/packing/online/replay-arrivals.ts';
import { makeRoomRule } from '../../src/core/packing/online/room-rule.ts';
import { tuneRoomValue } from '../../src/core/packing/online/tune-room-value.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { drawArrivals, groupTypes } from './arrivals.ts';
import { makeFleetTask } from './fleet.ts';
import { judgePlan, makeArrivedTask, type JudgedPlan } from './judge-plan.ts';
import { readNodes, readPods } from './openb.ts';
import { runParvagpu } from './parvagpu.ts';
import { makeBestFit, makeFragmentation, makeGpuPacking } from './peers.ts';
import { publishedPercents } from './published.ts';
import { makeRuledTask } from './ruled-task.ts';

/** Seeds of FGD's artifact: 42 and on. The tuning of the own rule draws from another one. */
const firstSeed = 42;
const tuningSeed = 7;
const gapAtMostShare = 0.01;
const ruledGapAtMostShare = 0.03;
const fleetAtMostMs = 30_000;
const nearPublishedPoints = 0.3;
const aims = { gapShare: gapAtMostShare, ruledGapShare: ruledGapAtMostShare, fleetMs: fleetAtMostMs };
/** Beside the checkout, where somebody has put the lists there. */
const openb = path.join(import.meta.dirname, '../../../shared/data/packing/openb');
const own = 'Plimsoll';

interface RuleResult {
  readonly rule: string;
  /** By load. */
  readonly percents: readonly { readonly mean: number; readonly standardError: number }[];
  /** Published percents of this list, by load; null where there is none. */
  readonly published: readonly (number | null)[];
}

interface PackResult {
  readonly pods: string;
  readonly loads: readonly number[];
  readonly seeds: number;
  readonly rules: readonly RuleResult[];
  /** Own rule less FGD, in points, of the same arrivals. */
  readonly overFgd: readonly { readonly mean: number; readonly standardError: number }[];
  readonly prices: string;
  /** All pods of load 1 at once. */
  readonly plan: JudgedPlan;
  /** The same with MIG profiles and limits on a node; see `makeRuledTask`. */
  readonly ruledPlan: JudgedPlan;
  /** 10,000 made-up replicas on as few of 250 nodes as possible. */
  readonly fleetPlan: JudgedPlan;
}

export async function main(argv: readonly string[]): Promise<number> {
  const option = (name: string): string | undefined =>
    argv.includes(name) ? (argv[argv.indexOf(name) + 1] ?? '') : undefined;
  const isDefault = option('--nodes') === undefined && option('--pods') === undefined;
  const [nodeFile, podFile] = isDefault
    ? [path.join(openb, 'openb_node_list_gpu_node.csv'), path.join(openb, 'openb_pod_list_default.csv')]
    : [option('--nodes'), option('--pods')];
  const profiles = option('--parvagpu');
  if (profiles !== undefined) {
    const rows = (option('--slo') ?? '1,2,3').split(',').map(Number);
    return runParvagpu({ folder: profiles, rows, json: argv.includes('--json'), print: (text) => console.log(text) });
  }
  const seeds = Number(option('--seeds') ?? 10);
  const loads = (option('--load') ?? '1.0,1.3').split(',').map(Number);
  if (nodeFile === undefined || podFile === undefined || !isUse(seeds, loads)) {
    console.error('usage: npm run bench -- pack [--nodes FILE --pods FILE] [--seeds N] [--load 1.0,1.3] [--json]');
    console.error('   or: npm run bench -- pack --parvagpu FOLDER [--slo 1,2,3] [--json]');
    return 2;
  }
  const missing = [nodeFile, podFile].filter((file) => !existsSync(file));
  if (missing.length > 0) {
    console.error(
      `${missing.join(' and ')} not found: get the lists of cluster-trace-gpu-v2023 from github.com/alibaba/clusterdata`,
    );
    return 3;
  }
  const result = await compareRules(nodeFile, podFile, seeds, loads);
  if (argv.includes('--json')) {
    console.log(
      JSON.stringify({ bench: 'pack', node: process.version, processor: cpus()[0]?.model, aims, ...result }, null, 2),
    );
  } else print(result);
  return holds(result) ? 0 : 1;
}

function isUse(seeds: number, loads: readonly number[]): boolean {
  const ascending = loads.every((load, at) => load > 0 && load > (loads[at - 1] ?? 0));
  return Number.isInteger(seeds) && seeds > 0 && loads.length > 0 && ascending;
}

async function compareRules(
  nodeFile: string,
  podFile: string,
  seeds: number,
  loads: readonly number[],
): Promise<PackResult> {
  const solver = await loadHighsSolver();
  const nodes = readNodes(nodeFile);
  const pods = groupTypes(readPods(podFile));
  const nodeTypes = groupTypes(nodes);
  const nodeClasses = nodeTypes.types.map((shape, at) => ({ shape, count: nodeTypes.counts[at] ?? 0 }));
  const expected = { types: pods.types, weights: pods.counts };
  const tuned = tuneRoomValue(expected, nodeClasses, solver, seededRandom(tuningSeed));
  const ownRule = { ...makeRoomRule(pods.types, tuned.value), name: own };
  const rules = [makeBestFit(pods.types), makeGpuPacking(pods.types), makeFragmentation(pods), ownRule];
  const most = loads.at(-1) ?? 1;
  const arrivals = Array.from({ length: seeds }, (_, seed) =>
    drawArrivals(pods, nodes, most, seededRandom(firstSeed + seed)),
  );
  const byRule = rules.map((rule) => ({
    rule: rule.name,
    runs: arrivals.map((each) => replayArrivals(rule, pods.types, nodes, each, loads).map((share) => 100 * share)),
  }));
  const runsOf = (name: string) => byRule.find(({ rule }) => rule === name)?.runs ?? [];
  const overFgd = loads.map((_, at) =>
    summarise(runsOf(own).map((run, seed) => (run[at] ?? 0) - (runsOf('FGD')[seed]?.[at] ?? 0))),
  );
  const arrived = makeArrivedTask(pods, nodes, nodeClasses, firstSeed);
  return {
    pods: path.basename(podFile),
    loads,
    seeds,
    rules: byRule.map(({ rule, runs }) => ({
      rule,
      percents: loads.map((_, at) => summarise(runs.map((run) => run[at] ?? 0))),
      published: loads.map((load) => publishedPercents(path.basename(podFile), rule, load)),
    })),
    overFgd,
    prices: tuned.source,
    plan: judgePlan(arrived, solver),
    ruledPlan: judgePlan(makeRuledTask(arrived), solver),
    fleetPlan: judgePlan(makeFleetTask('fewest-nodes'), solver),
  };
}

function summarise(values: readonly number[]): { readonly mean: number; readonly standardError: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1);
  return { mean, standardError: Math.sqrt(variance / values.length) };
}

/** More than FGD at each load, by two standard errors; plans proven to be within their gaps; 10,000 replicas in time. */
function holds({ overFgd, plan, ruledPlan, fleetPlan }: PackResult): boolean {
  return (
    overFgd.every(({ mean, standardError }) => mean - 2 * standardError > 0) &&
    plan.proven &&
    plan.gapShare <= gapAtMostShare &&
    ruledPlan.proven &&
    ruledPlan.gapShare <= ruledGapAtMostShare &&
    fleetPlan.proven &&
    fleetPlan.processorMs <= fleetAtMostMs
  );
}

function print(result: PackResult): void {
  const { pods, loads, seeds, rules, overFgd, prices, plan, ruledPlan, fleetPlan } = result;
  console.log(`${pods}: percent of all devices held once a load has arrived, ${seeds} seeds\n`);
  console.log(`| rule | ${loads.map((load) => `load ${load} | published`).join(' | ')} |`);
  console.log(`|---|${loads.map(() => '---|---|').join('')}`);
  for (const { rule, percents, published } of rules) {
    const cells = percents.flatMap(({ mean, standardError }, at) => {
      const known = published[at] ?? null;
      const far = known !== null && Math.abs(known - mean) > nearPublishedPoints ? ' (differs)' : '';
      return [`${mean.toFixed(2)} ±${standardError.toFixed(2)}`, known === null ? '-' : `${known.toFixed(2)}${far}`];
    });
    console.log(`| ${rule} | ${cells.join(' | ')} |`);
  }
  for (const [at, { mean, standardError }] of overFgd.entries()) {
    console.log(`\n${own} less FGD at load ${loads[at] ?? 0}: ${mean.toFixed(2)} ±${standardError.toFixed(2)} points`);
  }
  console.log(`\nprices of the own rule: ${prices}`);
  console.log(`plan of load 1 at once, most devices: ${toText(plan, 'devices')}`);
  console.log(`the same with MIG and at most so many of a type on a node: ${toText(ruledPlan, 'devices')}`);
  console.log(`plan of a fleet of 2,000 devices, fewest nodes: ${toText(fleetPlan, 'nodes')}`);
  console.log(
    `\naim: above FGD by two standard errors at each load, plans proven within ${gapAtMostShare * 100}% and ${ruledGapAtMostShare * 100}%, the fleet in ${fleetAtMostMs / 1_000} s: ${holds(result) ? 'met' : 'MISSED'}`,
  );
}

function toText({ replicas, devices, bound, gapShare, proven, processorMs }: JudgedPlan, unit: string): string {
  const gap = `${(100 * gapShare).toFixed(2)}%`;
  const proof = proven ? 'proven' : 'NOT PROVEN';
  return `${replicas} replicas, ${devices.toFixed(1)} ${unit}, bound ${bound.toFixed(1)}, gap ${gap}, ${proof}, ${(processorMs / 1_000).toFixed(1)} s of processor time`;
}
