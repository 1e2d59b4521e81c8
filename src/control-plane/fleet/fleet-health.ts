import type { ToldHealth } from '../http/http-parts.ts';

/** The health of one service is told as it is; of several, the problems of all, and no sentence that could stand for them. */
export function makeFleetHealth(
  told: readonly ToldHealth[],
  leaseHeld: boolean,
  more: readonly string[] = [],
): ToldHealth {
  const [only, ...others] = told;
  if (only !== undefined && others.length === 0) return only;
  const ages = told.map(({ lastReconciledAgoMs }) => lastReconciledAgoMs);
  const problems = leaseHeld ? [...told.flatMap((each) => each.problems), ...more] : ['the lease is not held'];
  return {
    // That one service hangs is no reason to start the others' control plane again.
    controlPlane: leaseHeld && (told.length === 0 || told.some(({ controlPlane }) => controlPlane)),
    healthy: leaseHeld && told.every(({ healthy }) => healthy) && more.length === 0,
    leaseHeld,
    lastReconciledAgoMs: ages.includes(null) ? null : Math.max(0, ...ages.map(Number)),
    problems: [...new Set(problems)],
    service: null,
  };
}
