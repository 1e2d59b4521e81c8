import type { NodeFacts } from './node-facts.ts';

/**
 * How many of each kind the device plugin hands out at most: what the kubelet calls allocatable. It is less than the node
 * holds where devices are unhealthy or kept back, and 0 where the plugin is gone.
 */
export interface HandedOut {
  readonly boards: number;
  /** By profile as its resource writes it (`1g.10gb.me`); null under the strategy `single`, which hands out boards' names. */
  readonly profiles: Readonly<Record<string, number>> | null;
}

const ofProfile = 'nvidia.com/mig-';

/** Null where no device plugin is: DRA and the local platform choose among what is there. */
export function handedOutBy({ source, allocatable }: Pick<NodeFacts, 'source' | 'allocatable'>): HandedOut | null {
  if (source === 'resource-slice') return null;
  const { 'nvidia.com/gpu': whole, 'nvidia.com/gpu.shared': shared } = allocatable;
  const profiles = Object.entries(allocatable).filter(([name]) => name.startsWith(ofProfile));
  if (whole === undefined && shared === undefined && profiles.length === 0) return null;
  return {
    boards: Math.max(whole ?? 0, shared ?? 0),
    profiles:
      profiles.length === 0
        ? null
        : Object.fromEntries(profiles.map(([name, count]) => [name.slice(ofProfile.length), count])),
  };
}

/** Of one profile; null for a whole board. */
export function mostOfKind({ boards, profiles }: HandedOut, profile: string | null): number {
  if (profile === null || profiles === null) return boards;
  return profiles[profile.replaceAll('+', '.')] ?? 0;
}

/** A pod asks for one kind by name, so that the largest of them bounds it. */
export const mostOfAnyKind = ({ boards, profiles }: HandedOut): number =>
  Math.max(boards, ...Object.values(profiles ?? {}));
