import type { MigBoard } from '../../src/core/hardware/tables/mig-profiles.ts';
import { listLayouts } from '../../src/core/packing/slices/layouts.ts';
import type { PlannedInstance } from '../../src/core/packing/slices/slice-plan.ts';

/**
 * Returns the instances of one GPU at starts where they fit; null when they fit nowhere. The driver chooses the starts of a
 * deployment that hands it sizes only.
 */
export function placeSizes(instances: readonly PlannedInstance[], board: MigBoard): readonly PlannedInstance[] | null {
  for (const layout of listLayouts(board, board.profiles)) {
    const free = layout.instances.map(({ profile, start }) => ({ profile: board.profiles[profile]?.profile, start }));
    const placed = instances.map((instance) => {
      const at = free.findIndex(({ profile }) => profile === instance.point.profile);
      const [place] = at < 0 ? [] : free.splice(at, 1);
      return place === undefined ? null : { ...instance, start: place.start };
    });
    const whole = placed.filter((instance) => instance !== null);
    if (whole.length === instances.length) return whole;
  }
  return null;
}
