/**
 * MIG slices chosen from ParvaGPU's operating points, against its published deployments.
 *
 * For each row of the SLO files: the GPUs of the plan, of the published deployment where the folder has one, the proven
 * bound, and for each service whether the profiles say that the objective holds. It holds when every instance of a plan and
 * the rate of every service do (`find-plan-errors.ts`), and the plan has no more GPUs than the deployment.
 *
 * Data: MunQ-Lee/ParvaGPU_SC24 on GitHub, commit 32d4890 (MIT), or any files of that form (`parvagpu-files.ts`).
 */
import { existsSync } from 'node:fs';
import { migBoards, type MigBoard } from '../../src/core/hardware/tables/mig-profiles.ts';
import { findBoundError, sumShares } from '../../src/core/packing/slices/bound/slice-bound.ts';
import { chooseSlices } from '../../src/core/packing/slices/choose-slices.ts';
import { findPlanErrors } from '../../src/core/packing/slices/find-plan-errors.ts';
import { countComputeSlices } from '../../src/core/packing/slices/layouts.ts';
import { describeSliceProblem } from '../../src/core/packing/slices/operating-points.ts';
import type { SlicePlan } from '../../src/core/packing/slices/slice-plan.ts';
import {
  readParvagpuDeployment,
  readParvagpuProfiles,
  readParvagpuServices,
  type ParvagpuProfiles,
  type ParvagpuService,
} from './parvagpu-files.ts';
import { roundToMillionths } from '../../src/prove/packing/parvagpu-point.ts';
import { placeSizes } from './place-sizes.ts';

export interface ParvagpuOptions {
  /** Where the profiles, SLO files and deployments are. */
  readonly folder: string;
  /** Rows of the SLO files, from 1. */
  readonly rows: readonly number[];
  readonly json: boolean;
  /** Takes what would be printed. */
  readonly print: (text: string) => void;
}

/** One service in a plan: what it needs, and what the profiles say that it gets. */
interface ServiceResult {
  readonly service: string;
  readonly ratePerSecond: number;
  readonly carriedPerSecond: number;
  readonly objectiveMs: number;
  /** The latency of a point has to be below this for the objective to hold. */
  readonly belowMs: number;
  readonly latencyMs: number;
  readonly instances: string;
  readonly holds: boolean;
}

interface PlanResult {
  readonly gpus: number;
  readonly slices: number;
  readonly errors: readonly string[];
  readonly services: readonly ServiceResult[];
}

interface RowResult {
  readonly row: number;
  readonly ours:
    | (PlanResult & {
        readonly gpusProof: SlicePlan['gpusProof'];
        readonly slicesAtLeast: number;
        readonly boundGpus: number;
        /** What all services cost at least at the prices, in GPUs. */
        readonly costAtLeast: string;
        readonly prices: Readonly<Record<string, string>>;
        readonly boundError: string | null;
        readonly tookMs: number;
      })
    | null;
  /** Why there is no plan. */
  readonly problems: readonly string[];
  readonly published: (PlanResult & { readonly startsThatOverlap: readonly string[] }) | null;
  readonly holds: boolean;
}

/** Prints the rows and returns the exit status: 0 when every row holds, 1 when one does not, 3 when the folder is missing. */
export function runParvagpu({ folder, rows, json, print }: ParvagpuOptions): number {
  const board = migBoards.find(({ name }) => name.startsWith('A100-80'));
  if (board === undefined || !existsSync(folder)) {
    print(`There is no folder ${folder}. ParvaGPU's profiles are at github.com/MunQ-Lee/ParvaGPU_SC24.`);
    return 3;
  }
  const profiles = readParvagpuProfiles(folder, board);
  const results = rows.map((row) => measureRow(folder, row, profiles, board));
  const holds = results.every((result) => result.holds);
  print(
    json
      ? JSON.stringify({ bench: 'pack', profiles: folder, board: board.name, results, holds }, null, 2)
      : [
          ...results.flatMap(describeRow),
          `No more GPUs than published, and the objective held: ${holds ? 'yes' : 'no'}`,
        ].join('\n'),
  );
  return holds ? 0 : 1;
}

function measureRow(folder: string, row: number, profiles: ParvagpuProfiles, board: MigBoard): RowResult {
  const services = readParvagpuServices(folder, row, profiles);
  const deployed = readParvagpuDeployment(folder, row, profiles, board);
  const published = deployed === null ? null : measureDeployment(services, board, deployed);
  const startedMs = performance.now();
  const answer = chooseSlices(services, board);
  const tookMs = performance.now() - startedMs;
  if (answer.answer === 'not-possible') {
    return { row, ours: null, problems: answer.problems.map(describeSliceProblem), published, holds: false };
  }
  const { plan } = answer;
  const { bound } = plan;
  const over = (numerator: bigint): string => `${numerator}/${bound.denominator}`;
  const ours = {
    ...measurePlan(services, board, plan.gpus),
    gpusProof: plan.gpusProof,
    slicesAtLeast: plan.slicesAtLeast,
    boundGpus: bound.gpus,
    costAtLeast: over(sumShares(bound.shares)),
    prices: Object.fromEntries(bound.prices.map(({ profile, numerator }) => [profile, over(numerator)])),
    boundError: findBoundError(services, board, bound),
    tookMs,
  };
  const holds =
    ours.errors.length === 0 && ours.boundError === null && (published === null || ours.gpus <= published.gpus);
  return { row, ours, problems: [], published, holds };
}

/** The file's starts may overlap. ParvaGPU hands sizes to the driver only, so the sizes are placed again. */
function measureDeployment(
  services: readonly ParvagpuService[],
  board: MigBoard,
  gpus: SlicePlan['gpus'],
): RowResult['published'] {
  const overlapping = gpus.flatMap((gpu, index) =>
    findPlanErrors([], board, [gpu])
      .filter((error) => error.startsWith('GPU'))
      .map((error) => error.replace('GPU 0', `GPU ${index}`)),
  );
  const placed = gpus.map((gpu) => ({ instances: placeSizes(gpu.instances, board) ?? gpu.instances }));
  return { ...measurePlan(services, board, placed), startsThatOverlap: overlapping };
}

function measurePlan(services: readonly ParvagpuService[], board: MigBoard, gpus: SlicePlan['gpus']): PlanResult {
  const instances = gpus.flatMap((gpu) => gpu.instances);
  return {
    gpus: gpus.length,
    slices: instances.reduce((sum, { point }) => sum + countComputeSlices(point), 0),
    errors: findPlanErrors(services, board, gpus),
    services: services.map((service) => {
      const points = instances.filter((instance) => instance.service === service.id).map(({ point }) => point);
      const carriedPerSecond = roundToMillionths(
        points.reduce((sum, { throughputPerSecond }) => sum + throughputPerSecond, 0),
      );
      const latencyMs = Math.max(0, ...points.map((point) => point.latencyMs));
      return {
        service: service.id,
        ratePerSecond: service.ratePerSecond,
        carriedPerSecond,
        objectiveMs: service.objectiveMs,
        belowMs: service.belowMs,
        latencyMs,
        instances: points
          .map(({ profile, batch, processes }) => `${profile} ${batch}x${processes}`)
          .sort()
          .join(', '),
        holds: carriedPerSecond >= service.ratePerSecond && latencyMs < service.belowMs,
      };
    }),
  };
}

function describeRow({ row, ours, problems, published }: RowResult): readonly string[] {
  const head = `SLO row ${row}`;
  if (ours === null) return [`${head}: no plan`, ...problems.map((problem) => `  ${problem}`)];
  const prices = Object.entries(ours.prices).map(([profile, price]) => `${profile} ${price}`);
  return [
    `${head}: ${ours.services.length} services`,
    `  Plimsoll   ${countOf(ours)}, ${describeProof(ours.gpusProof)} (${ours.tookMs.toFixed(0)} ms)`,
    `  published  ${published === null ? 'no deployment in this folder' : countOf(published)}`,
    `  bound      ${countGpus(ours.boundGpus)}: the services cost at least ${ours.costAtLeast} of a GPU; ${ours.boundError ?? 'checked'}`,
    `  slices     at least ${ours.slicesAtLeast} on ${countGpus(ours.gpus)}`,
    `  prices     ${prices.join(', ')}`,
    ...ours.services.map((service) => describeService(service, 'Plimsoll ')),
    ...(published?.services ?? []).map((service) => describeService(service, 'published')),
    ...ours.errors.map((error) => `  plan does not hold: ${error}`),
    ...(published?.errors ?? []).map((error) => `  published deployment does not hold: ${error}`),
    ...(published?.startsThatOverlap ?? []).map((error) => `  starts of the published file: ${error}`),
    '',
  ];
}

const countGpus = (gpus: number): string => (gpus === 1 ? '1 GPU' : `${gpus} GPUs`);
const countOf = ({ gpus, slices }: PlanResult): string => `${countGpus(gpus)}, ${slices} compute slices`;

function describeProof(proof: SlicePlan['gpusProof']): string {
  switch (proof) {
    case 'prices':
      return 'the fewest by the bound';
    case 'search':
      return 'the fewest by search';
    case 'none':
      return 'not proven to be the fewest';
  }
}

function describeService(result: ServiceResult, whose: string): string {
  const { service, ratePerSecond, carriedPerSecond, latencyMs, belowMs, objectiveMs, instances, holds } = result;
  return (
    `  ${whose}  ${service.padEnd(12)} ${holds ? 'holds' : 'FAILS'}  ` +
    `${carriedPerSecond.toFixed(1)} of ${ratePerSecond} requests/s, ` +
    `${latencyMs} ms, below ${belowMs} ms (objective ${objectiveMs} ms): ${instances}`
  );
}
