import type { ServiceView } from '../../../src/schemas/view/view.ts';

/** What the lock of this example pins. */
export interface Pinned {
  readonly codeDigest: string;
  readonly modelDigest: string;
}

/**
 * | state folder | a start does |
 * |---|---|
 * | no release yet | `both`: version 1 first, then what the lock pins, so that there is something to roll back to |
 * | what the lock pins is live or on its way in | `keep` |
 * | what the lock pins is barred: somebody rolled it back | `keep`: a bar is for people to lift |
 * | anything else: another code or model is pinned now | `current`: release what the lock pins |
 */
export type ReleasePlan =
  { readonly kind: 'both' | 'current' } | { readonly kind: 'keep'; readonly release: number; readonly reason: string };

export function planReleases(view: ServiceView, pinned: Pinned): ReleasePlan {
  const present = view.deployment?.incoming ?? view.deployment?.live ?? null;
  const release = view.releases.find(({ number }) => number === present);
  if (release === undefined) return { kind: view.releases.length === 0 ? 'both' : 'current' };
  if (release.model.digest === pinned.modelDigest && release.code.digest === pinned.codeDigest) {
    return { kind: 'keep', release: release.number, reason: `release ${release.number} is there from before` };
  }
  const bar = view.bars.find(
    ({ axis, digest }) => digest === (axis === 'model' ? pinned.modelDigest : pinned.codeDigest),
  );
  if (bar === undefined) return { kind: 'current' };
  const reason = `release ${release.number} stays: the ${bar.axis} that the lock pins was rolled back and is barred (${bar.reason})`;
  return { kind: 'keep', release: release.number, reason };
}
