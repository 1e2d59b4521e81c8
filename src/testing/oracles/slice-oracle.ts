import type { MigBoard, MigProfile } from '../../core/hardware/tables/mig-profiles.ts';
import { countComputeSlices } from '../../core/packing/slices/layouts.ts';
import type { SlicedService } from '../../core/packing/slices/operating-points.ts';

/**
 * What the choice of MIG slices is held against: every way is tried, without bounds, prices or layouts. For few and small
 * services only.
 */

/** Whether instances with these profiles have starts on one GPU where no two overlap. Equal ones are given together. */
export function fitOnOneGpu(
  instances: readonly MigProfile[],
  board: MigBoard,
  taken: ReadonlySet<number> = new Set(),
  after = -1,
): boolean {
  const [first, ...others] = instances;
  if (first === undefined) return true;
  if (first.profile.endsWith('+me') && others.some(({ profile }) => profile.endsWith('+me'))) return false;
  const same = others.filter((other) => other === first).length;
  if (same >= first.maxInstances) return false;
  return first.starts.some((start) => {
    const slices = Array.from({ length: first.size }, (_, at) => start + at);
    if (start <= after || slices.some((slice) => slice >= board.slices || taken.has(slice))) return false;
    // Equal instances are placed from the lowest start on: another order is the same.
    return fitOnOneGpu(others, board, new Set([...taken, ...slices]), others[0] === first ? start : -1);
  });
}

/** The fewest GPUs that hold so many instances of each profile of a board. */
export function countFewestGpus(counts: readonly number[], board: MigBoard): number {
  const instances = counts.flatMap((count, at) => Array.from({ length: count }, () => board.profiles[at]));
  const known = instances.filter((each) => each !== undefined);
  let fewest = known.length;
  const place = (index: number, gpus: readonly (readonly MigProfile[])[]): void => {
    const next = known[index];
    if (gpus.length >= fewest) return;
    if (next === undefined) {
      fewest = gpus.length;
      return;
    }
    gpus.forEach((gpu, at) => {
      const more = [...gpu, next];
      if (fitOnOneGpu(more, board)) place(index + 1, gpus.with(at, more));
    });
    place(index + 1, [...gpus, [next]]);
  };
  place(0, []);
  return fewest;
}

/** Every set of points of a service that carries its rate and would not without one of its instances, as counts of profiles. */
export function listCoverCounts(service: SlicedService, board: MigBoard): readonly (readonly number[])[] {
  const inside = service.points.filter(({ latencyMs }) => latencyMs <= service.latencyMs);
  const found = new Map<string, readonly number[]>();
  const take = (index: number, left: number, counts: readonly number[]): void => {
    if (left <= 1e-7) {
      found.set(counts.join(), counts);
      return;
    }
    const point = inside[index];
    if (point === undefined) return;
    take(index + 1, left, counts);
    const at = board.profiles.findIndex(({ profile }) => profile === point.profile);
    take(index, left - point.throughputPerSecond, counts.with(at, (counts[at] ?? 0) + 1));
  };
  take(
    0,
    service.ratePerSecond,
    board.profiles.map(() => 0),
  );
  return [...found.values()];
}

/** The fewest GPUs that carry all services, and the fewest compute slices on so many. */
export function findFewest(
  services: readonly SlicedService[],
  board: MigBoard,
): { readonly gpus: number; readonly slices: number } {
  let sums = new Map<string, readonly number[]>([['', board.profiles.map(() => 0)]]);
  for (const service of services) {
    const covers = listCoverCounts(service, board);
    const next = new Map<string, readonly number[]>();
    for (const sum of sums.values()) {
      for (const cover of covers) {
        const counts = sum.map((count, at) => count + (cover[at] ?? 0));
        next.set(counts.join(), counts);
      }
    }
    sums = next;
  }
  let best = { gpus: Infinity, slices: Infinity };
  for (const counts of sums.values()) {
    const gpus = countFewestGpus(counts, board);
    const slices = counts.reduce(
      (sum, count, at) => sum + count * (board.profiles[at] ? countComputeSlices(board.profiles[at]) : 0),
      0,
    );
    if (gpus < best.gpus || (gpus === best.gpus && slices < best.slices)) best = { gpus, slices };
  }
  return best;
}
