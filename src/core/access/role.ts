/**
 * What a credential lets its holder do. The first four form a ladder; each step holds the ones before it.
 *
 * | role | may |
 * |---|---|
 * | view | read releases, events, evidence, signals |
 * | measure | also send labels and single trial requests |
 * | release | also add models and data, move aliases, release |
 * | operate | also roll back, waive, lift bars, steer a rollout; for a whole environment: change its record |
 * | gateway | follow the routing table and report; nothing else, no reading either |
 */
export const roles = ['view', 'measure', 'release', 'operate', 'gateway'] as const;
export type Role = (typeof roles)[number];

const ladder: readonly Role[] = ['view', 'measure', 'release', 'operate'];

/** Whether the holder of one role may do what another role is needed for. */
export function includesRole(held: Role, needed: Role): boolean {
  if (held === needed) return true;
  const [heldStep, neededStep] = [ladder.indexOf(held), ladder.indexOf(needed)];
  return neededStep >= 0 && heldStep >= neededStep;
}
