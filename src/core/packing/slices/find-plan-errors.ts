import type { MigBoard } from '../../hardware/tables/mig-profiles.ts';
import { hasMediaEngines } from './layouts.ts';
import { describePoint, type SlicedService } from './operating-points.ts';
import type { PlannedInstance, SlicePlan } from './slice-plan.ts';

/** Throughputs are decimal fractions; a sum that is this close to the rate carries it. */
const closePerSecond = 1e-5;

/**
 * Returns what is wrong with the GPUs of a plan, each as a sentence; an empty list when it holds. Any plan can be asked
 * about, also one of another program.
 *
 * | a plan holds when | |
 * |---|---|
 * | each instance begins at a start of its profile | no two instances of a GPU share a memory slice |
 * | no GPU has more instances of a profile than its table allows | no GPU has two instances with media engines (`+me`) |
 * | each instance runs a point of its service | the point's latency is inside the objective |
 * | the instances of a service carry its rate together | |
 */
export function findPlanErrors(
  services: readonly SlicedService[],
  board: MigBoard,
  gpus: SlicePlan['gpus'],
): readonly string[] {
  const known = new Set(services.map(({ id }) => id));
  const instances = gpus.flatMap((gpu) => gpu.instances);
  return [
    ...gpus.flatMap((gpu, index) => findPlaceErrors(gpu.instances, board).map((error) => `GPU ${index}: ${error}`)),
    ...instances
      .filter(({ service }) => !known.has(service))
      .map(({ service }) => `An instance runs ${service}, which is not one of the services.`),
    ...services.flatMap((service) => findServiceErrors(service, instances)),
  ];
}

function findPlaceErrors(instances: readonly PlannedInstance[], board: MigBoard): readonly string[] {
  const errors: string[] = [];
  const takenBy = new Map<number, string>();
  const counts = new Map<string, number>();
  const withEngines = new Set(
    instances
      .map(({ point }) => point)
      .filter(hasMediaEngines)
      .map(({ profile }) => profile),
  );
  if (withEngines.size > 1) errors.push(`${[...withEngines].join(' and ')} share the media engines.`);
  for (const { point, start } of instances) {
    const profile = board.profiles.find((each) => each.profile === point.profile);
    if (profile === undefined) {
      errors.push(`${board.name} has no profile ${point.profile}.`);
      continue;
    }
    const count = (counts.get(point.profile) ?? 0) + 1;
    counts.set(point.profile, count);
    if (count === profile.maxInstances + 1) {
      errors.push(`It has more than ${profile.maxInstances} instances of ${point.profile}.`);
    }
    if (!profile.starts.includes(start)) errors.push(`${point.profile} cannot begin at ${start}.`);
    for (let slice = start; slice < start + profile.size; slice += 1) {
      const other = takenBy.get(slice);
      if (other !== undefined) errors.push(`${other} and ${point.profile} share the memory slice ${slice}.`);
      takenBy.set(slice, point.profile);
    }
  }
  return errors;
}

function findServiceErrors(
  { id, points, latencyMs, ratePerSecond }: SlicedService,
  instances: readonly PlannedInstance[],
): readonly string[] {
  const own = instances.filter(({ service }) => service === id).map(({ point }) => point);
  const carried = own.reduce((sum, { throughputPerSecond }) => sum + throughputPerSecond, 0);
  const stated = points.map((point) => JSON.stringify(point));
  return [
    ...own
      .filter((point) => !stated.includes(JSON.stringify(point)))
      .map((point) => `${id} has no point ${describePoint(point)} with this throughput and latency.`),
    ...own
      .filter((point) => !(point.latencyMs <= latencyMs))
      .map((point) => `${id}: ${describePoint(point)} takes ${point.latencyMs} ms. The limit is ${latencyMs} ms.`),
    ...(carried + closePerSecond >= ratePerSecond
      ? []
      : [`${id}: ${carried} requests per second are carried. ${ratePerSecond} are needed.`]),
  ];
}
