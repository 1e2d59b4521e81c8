import type { RoutingTable } from '../../core/rollout/routing/routing.ts';

export type Acceptance =
  | { readonly verdict: 'apply' }
  /** Already applied; acknowledging it again is harmless. */
  | { readonly verdict: 'known' }
  | { readonly verdict: 'refuse'; readonly reason: string };

/** A gateway serves one service in one environment and never goes back to a lower generation. */
export function acceptTable(
  offered: RoutingTable,
  present: RoutingTable | null,
  owner: { readonly service: string; readonly environment: string },
): Acceptance {
  if (offered.service !== owner.service || offered.environment !== owner.environment) {
    const theirs = `${offered.service}/${offered.environment}`;
    return { verdict: 'refuse', reason: `a table of ${theirs} was offered to ${owner.service}/${owner.environment}` };
  }
  if (present === null || offered.generation > present.generation) return { verdict: 'apply' };
  if (offered.generation === present.generation) return { verdict: 'known' };
  return { verdict: 'refuse', reason: `generation ${offered.generation} is older than ${present.generation}` };
}
