import type { MigBoard } from '../../core/hardware/tables/mig-profiles.ts';
import type { PlannedInstance } from '../../core/packing/slices/slice-plan.ts';

/** How many instances of each profile, the largest profile first. Profiles without an instance are left out. */
export type ProfileCounts = readonly (readonly [profile: string, count: number])[];

/** Returns how many instances of each profile there are, in the reverse order of the board's table. */
export function countProfiles(instances: readonly PlannedInstance[], board: MigBoard): ProfileCounts {
  return board.profiles
    .map(({ profile }) => [profile, instances.filter(({ point }) => point.profile === profile).length] as const)
    .filter(([, count]) => count > 0)
    .reverse();
}

/** Returns the counts as one text, equal for equal counts: `3g.40gb:1 1g.10gb:4`. */
export function describeCounts(counts: ProfileCounts): string {
  return counts.map(([profile, count]) => `${profile}:${count}`).join(' ');
}
