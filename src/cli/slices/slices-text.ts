import type { MigBoard } from '../../core/hardware/tables/mig-profiles.ts';
import { sumShares } from '../../core/packing/slices/bound/slice-bound.ts';
import type { SlicedService } from '../../core/packing/slices/operating-points.ts';
import type { PlannedInstance, SlicePlan } from '../../core/packing/slices/slice-plan.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';
import type { DeviceFile } from './device-files.ts';

export interface ShownSlices {
  readonly board: MigBoard;
  readonly services: readonly SlicedService[];
  readonly plan: SlicePlan;
  readonly files: readonly DeviceFile[];
  /** The folder that the files were written to; null where they were not. */
  readonly folder: string | null;
}

/** Returns the plan for people: GPUs and their bound, what each service gets, each GPU, and the files. */
export function slicesText({ board, services, plan, files, folder }: ShownSlices): string {
  return [
    textOfLines([
      `${countOf(services.length, 'service')} on ${countOf(plan.gpus.length, 'GPU')} of ${board.name}, ${countOf(plan.slices, 'compute slice')}`,
      describeBound(plan),
      '',
      ...alignedTable([
        ['SERVICE', 'REQUESTS/S', 'LATENCY', 'INSTANCES'],
        ...services.map((each) => rowOf(each, plan)),
      ]),
      '',
      ...alignedTable([
        ['GPU', 'INSTANCES'],
        ...plan.gpus.map(({ instances }, at) => [String(at), instances.map(describePlace).join(', ')]),
      ]),
    ]),
    ...(folder === null ? files.map(({ name, text }) => `\n# ${name}\n${text.trimEnd()}`) : []),
    ...(folder === null ? [] : [`\nwritten to ${folder}: ${files.map(({ name }) => name).join(', ')}`]),
    ...(files.length === 0
      ? ['\nnext: --emit mig-parted, dra or device-plugin with --nodes makes the files of a cluster']
      : []),
  ].join('\n');
}

function describeBound({ bound, gpusProof, gpus }: SlicePlan): string {
  const share = (Number(sumShares(bound.shares)) / Number(bound.denominator)).toFixed(2);
  const needed = `by the prices of instances the services need at least ${share} of a GPU`;
  switch (gpusProof) {
    case 'prices':
      return `${needed}: no plan has fewer GPUs`;
    case 'search':
      return `${needed}; every plan with fewer than ${countOf(gpus.length, 'GPU')} was ruled out`;
    case 'none':
      return `${needed}; the search was cut short, and a plan with fewer GPUs may exist`;
  }
}

function rowOf({ id, ratePerSecond, latencyMs }: SlicedService, { gpus }: SlicePlan): readonly string[] {
  const own = gpus.flatMap(({ instances }) => instances).filter(({ service }) => service === id);
  const carried = own.reduce((sum, { point }) => sum + point.throughputPerSecond, 0);
  const slowestMs = Math.max(...own.map(({ point }) => point.latencyMs));
  const groups = Map.groupBy(
    own,
    ({ point: { profile, batch, processes } }) => `${profile} (batch ${batch}, processes ${processes})`,
  );
  return [
    id,
    `${carried.toFixed(1)} of ${ratePerSecond}`,
    `${slowestMs} of ${latencyMs} ms`,
    [...groups].map(([name, group]) => (group.length === 1 ? name : `${group.length} x ${name}`)).join(', '),
  ];
}

const describePlace = ({ service, point, start }: PlannedInstance): string => `${service} ${point.profile} at ${start}`;
const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
