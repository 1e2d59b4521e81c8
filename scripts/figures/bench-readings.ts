import * as z from 'zod';
import type { Measured } from './figure.ts';
import { measured, reading } from './reading.ts';

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const ratio = (value: number): string => value.toFixed(2);
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 2 : 0)}%`;

const cliForm = z.object({
  rows: z.array(z.object({ name: z.string(), ratioToNode: z.number(), aim: z.number().nullable() })),
});

export const readCliStart = reading(cliForm, ({ rows }) => {
  const of = (name: string) => rowOf(rows, name);
  const [help, check] = [of('plimsoll --help'), of('plimsoll check')];
  return measured(
    `${ratio(help.ratioToNode)} times, ${ratio(check.ratioToNode)} times`,
    { helpRatio: help.ratioToNode, checkRatio: check.ratioToNode },
    { '`--help`': help.ratioToNode <= (help.aim ?? 0), '`check`': check.ratioToNode <= (check.aim ?? 0) },
  );
});

const gatewayForm = z.object({
  ratioToProxy: z.number(),
  rows: z.array(z.object({ name: z.string(), requestsPerSecond: z.number() })),
  openLoop: z.object({ addedP99Ms: z.number() }),
  aims: z.object({ ratioToProxy: z.number(), addedP99Ms: z.number() }),
});

export const readGatewaySpeed = reading(gatewayForm, ({ ratioToProxy, rows, aims }) => {
  const of = (name: string): number => rowOf(rows, name).requestsPerSecond;
  const others = rows.filter(({ name }) => name !== 'plimsoll' && name !== 'proxy');
  const beside = others.map(({ name, requestsPerSecond }) => `${name} ${count(requestsPerSecond)}`).join(', ');
  return measured(
    `${ratio(ratioToProxy)} (${count(of('plimsoll'))} to ${count(of('proxy'))}; ${beside})`,
    { ratioToProxy, requestsPerSecond: of('plimsoll'), proxyRequestsPerSecond: of('proxy') },
    { it: ratioToProxy >= aims.ratioToProxy },
  );
});

export const readGatewayLatency = reading(gatewayForm, ({ openLoop, aims }) =>
  measured(
    `${openLoop.addedP99Ms.toFixed(2)} ms`,
    { addedP99Ms: openLoop.addedP99Ms },
    { it: openLoop.addedP99Ms < aims.addedP99Ms },
  ),
);

const memoryForm = z.object({
  rows: z.array(
    z.object({
      name: z.string(),
      largestBytes: z.number(),
      growthShare: z.number(),
      underLimit: z.boolean(),
      flat: z.boolean(),
    }),
  ),
});

export const readMemory = reading(memoryForm, ({ rows }) => {
  const [gateway, plane] = [rowOf(rows, 'gateway'), rowOf(rows, 'control-plane')];
  const growth = [gateway, plane].map(({ growthShare }) => `${(100 * growthShare).toFixed(1)}%`);
  return measured(
    `at most ${megabytes(gateway.largestBytes)} MB and ${megabytes(plane.largestBytes)} MB, ${growth.join(' and ')} more in the last quarter`,
    {
      gatewayLargestBytes: gateway.largestBytes,
      controlPlaneLargestBytes: plane.largestBytes,
      gatewayGrowthShare: gateway.growthShare,
      controlPlaneGrowthShare: plane.growthShare,
    },
    {
      'the gateway': gateway.underLimit && gateway.flat,
      'the control plane': plane.underLimit && plane.flat,
    },
  );
});

const ratioForm = z.object({ value: z.number().nullable(), aim: z.number(), met: z.boolean().nullable() });
const modelServerForm = z.object({
  ratios: z.object({
    toMinimal1: ratioForm,
    toMinimal64: ratioForm,
    toMlServer1: ratioForm,
    toMlServer64: ratioForm,
    toLoop: ratioForm,
  }),
});

type Ratios = z.output<typeof modelServerForm>['ratios'];

function twoSizes(one: Ratios['toLoop'], many: Ratios['toLoop'], digits: number): Measured {
  if (one.value === null || many.value === null) throw new Error('there was nothing to compare with');
  return measured(
    `${one.value.toFixed(digits)} and ${many.value.toFixed(digits)}`,
    { oneRowRatio: one.value, rows64Ratio: many.value },
    { 'one row': one.met === true, '64 rows': many.met === true },
  );
}

export const readToMinimal = reading(modelServerForm, ({ ratios }) =>
  twoSizes(ratios.toMinimal1, ratios.toMinimal64, 2),
);
export const readToMlServer = reading(modelServerForm, ({ ratios }) =>
  twoSizes(ratios.toMlServer1, ratios.toMlServer64, 1),
);
export const readToLoop = reading(modelServerForm, ({ ratios: { toLoop } }) =>
  measured(ratio(toLoop.value ?? 0), { ratio: toLoop.value ?? 0 }, { it: toLoop.met === true }),
);

const gateForm = z.object({
  simulations: z.number(),
  tooLax: z.number(),
  pairs: z.array(
    z.object({
      difference: z.number(),
      simulations: z.number(),
      passes: z.object({ exact: z.number(), wald: z.number(), mcnemar: z.number() }),
    }),
  ),
});

export const readGate = reading(gateForm, ({ simulations, tooLax, pairs }) => {
  const cells = pairs.filter(({ difference }) => difference !== 0);
  const most = (method: 'exact' | 'wald' | 'mcnemar'): number =>
    Math.max(...cells.map(({ passes, simulations: runs }) => passes[method] / runs));
  return measured(
    `at most ${percent(most('exact'))} in ${cells.length} cells of ${count(simulations)} (Wald ${percent(most('wald'))}, McNemar ${percent(most('mcnemar'))})`,
    { exactMostShare: most('exact'), waldMostShare: most('wald'), mcnemarMostShare: most('mcnemar') },
    { it: tooLax === 0 },
  );
});

const methodForm = z.object({ share: z.number() });
const canaryForm = z.object({
  kept: z.boolean(),
  measured: z.array(
    z.object({ kind: z.string(), runs: z.number(), results: z.object({ judge: methodForm, zEach: methodForm }) }),
  ),
});

export const readCanary = reading(canaryForm, ({ kept, measured: rows }) => {
  const equal = rows.filter(({ kind }) => kind === 'null');
  const most = (method: 'judge' | 'zEach'): number => Math.max(...equal.map(({ results }) => results[method].share));
  const runs = Math.min(...equal.map((row) => row.runs));
  return measured(
    `at most ${percent(most('judge'))} in ${equal.length} rows of ${count(runs)} runs or more (z-test at each look up to ${percent(most('zEach'))})`,
    { judgeMostShare: most('judge'), zTestMostShare: most('zEach') },
    { it: kept },
  );
});

const driftPeersForm = z.object({
  delays: z.array(z.object({ change: z.string(), median: z.record(z.string(), z.number()), best: z.number() })),
  ranks: z.record(z.string(), z.number()),
});
const mostOfBest = 1.25;

export const readDriftPeers = reading(driftPeersForm, ({ delays, ranks }) => {
  const own = delays.map(({ change, median, best }) => ({ change, ours: median['plimsoll'] ?? Infinity, best }));
  const lost = own.filter(({ ours, best }) => ours > mostOfBest * best);
  const losses = lost.map(({ change, ours, best }) => `, ${change} ${ours} to ${best}`);
  const first = own.filter(({ ours, best }) => ours <= best).length;
  const { plimsoll: rank = Infinity, ...others } = ranks;
  const next = Math.min(...Object.values(others));
  return {
    text: `the soonest in ${first} of ${own.length} changes${losses.join('')}; mean rank ${ratio(rank)} (next ${ratio(next)})`,
    values: { meanRank: rank, nextMeanRank: Number(ratio(next)), lostCount: lost.length },
    met: lost.length === 0 && rank <= next,
    missed: lost.length > 0 ? `missed by ${lost.length} of ${own.length}` : rank > next ? 'missed' : undefined,
  };
});

const scalingForm = z.object({
  aim: z.number(),
  rows: z.array(
    z.object({
      workload: z.string(),
      startSeconds: z.number(),
      predictable: z.boolean(),
      overPlan: z.number().nullable(),
      attains: z.boolean(),
      dominatedBy: z.array(z.string()),
    }),
  ),
});

export const readScaling = reading(scalingForm, ({ aim, rows }) => {
  const foreseen = rows.filter(({ predictable }) => predictable);
  const beyond = foreseen.filter(({ overPlan, attains }) => !attains || (overPlan ?? Infinity) > aim);
  const over = foreseen.flatMap(({ overPlan }) => overPlan ?? []);
  const within = over.filter((value) => value <= aim);
  const worse = beyond.map(
    ({ workload, startSeconds, overPlan }) =>
      `${overPlan?.toFixed(2) ?? 'no plan'} on ${workload} with ${startSeconds} s`,
  );
  const range =
    within.length === 0 ? [] : [`${ratio(Math.min(...within))} to ${ratio(Math.max(...within))} of the plan`];
  const dominated = rows.filter(({ dominatedBy }) => dominatedBy.length > 0).length;
  return {
    text: [...range, ...worse].join('; '),
    values: { mostOfPlanRatio: Math.max(...over), missedCount: beyond.length, dominatedCount: dominated },
    met: beyond.length === 0 && dominated === 0,
    missed: beyond.length + dominated === 0 ? undefined : `missed by ${beyond.length + dominated} of ${rows.length}`,
  };
});

const scalingSpeedForm = z.object({
  met: z.boolean(),
  cells: z.array(
    z.object({
      requests: z.number(),
      plainSeconds: z.number(),
      simulated: z.array(z.object({ name: z.string(), seconds: z.number() })),
    }),
  ),
});

export const readScalingSpeed = reading(scalingSpeedForm, ({ met, cells }) => {
  const cell = cells.find(({ requests }) => requests === 1_000_000);
  if (cell === undefined) throw new Error('a million requests were not simulated');
  const seconds = cell.simulated.map((each) => each.seconds);
  const [least, most] = [Math.min(...seconds), Math.max(...seconds)];
  return measured(
    `${least.toFixed(2)} to ${most.toFixed(2)} s of processor time, ${(least / cell.plainSeconds).toFixed(0)} to ${(most / cell.plainSeconds).toFixed(0)} times a plain queue`,
    { leastSeconds: least, mostSeconds: most, plainSeconds: cell.plainSeconds },
    { it: met },
  );
});

const evaluateForm = z.object({
  ratio: z.number(),
  evaluateRowsPerSecond: z.number(),
  minimalRowsPerSecond: z.number(),
  met: z.boolean(),
});

export const readEvaluate = reading(evaluateForm, (report) =>
  measured(
    `${ratio(report.ratio)} (${count(report.evaluateRowsPerSecond)} to ${count(report.minimalRowsPerSecond)}), rows read from JSON lines and sent 64 a request`,
    { ratio: report.ratio, rowsPerSecond: report.evaluateRowsPerSecond },
    { it: report.met },
  ),
);

const verifyForm = z.object({
  aimMs: z.number(),
  aimMib: z.number(),
  measured: z.array(
    z.object({ variety: z.string(), nodes: z.number(), devices: z.number(), medianMs: z.number(), rssMib: z.number() }),
  ),
});

export const readVerify = reading(verifyForm, ({ aimMs, aimMib, measured: sizes }) => {
  const whole = sizes.filter(({ nodes, variety }) => nodes === 10_000 && variety !== 'all-distinct-in-every-fact');
  const [few, many] = [whole.find(({ variety }) => variety === 'forty-classes'), whole.at(-1)];
  if (few === undefined || many === undefined) throw new Error('10,000 nodes were not judged');
  const said = ({ medianMs, rssMib }: typeof few): string =>
    `${(medianMs / 1000).toFixed(2)} s and ${(rssMib * 1.048576).toFixed(0)} MB`;
  const within = ({ medianMs, rssMib }: typeof few): boolean => medianMs < aimMs && rssMib < aimMib;
  return measured(
    `${said(few)} with 40 device classes, ${said(many)} with ${count(many.devices)}`,
    { fewMs: few.medianMs, fewMib: few.rssMib, manyMs: many.medianMs, manyMib: many.rssMib },
    { '40 classes': within(few), 'all distinct': within(many) },
  );
});

const inspectForm = z.object({ ratio: z.number(), residentBytes: z.number(), met: z.boolean() });

export const readInspect = reading(inspectForm, (report) =>
  measured(
    `${ratio(report.ratio)} of their time with digests verified, ${(report.residentBytes / 1e6).toFixed(0)} MB`,
    { ratio: report.ratio, residentBytes: report.residentBytes },
    { it: report.met },
  ),
);

function rowOf<T extends { readonly name: string }>(rows: readonly T[], name: string): T {
  const row = rows.find((each) => each.name === name);
  if (row === undefined) throw new Error(`the measurement says nothing of ${name}`);
  return row;
}
