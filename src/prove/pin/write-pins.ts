import type { Contract } from '../../core/contract/contract.ts';
import type { Lock, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { pinDifferences, type PinDifference } from '../../core/evidence/lock/pin-differences.ts';
import type { Project } from '../../ports/project/project.ts';
import type { Pins } from './pin-environment.ts';

/** By environment. */
export type PinnedEnvironments = Readonly<Record<string, Pins>>;

export type PinMove = PinDifference & { readonly environment: string };

/** What pinning would change in a lock, environment by environment; all of it where there is no lock. */
export function pinMoves(lock: Lock | null, pinned: PinnedEnvironments): readonly PinMove[] {
  return Object.entries(pinned).flatMap(([environment, pins]) =>
    pinDifferences(lock?.environments[environment], { ...pins, evidence: {} }).map((difference) => ({
      environment,
      ...difference,
    })),
  );
}

/**
 * Writes pins into the lock as it is now, and returns what moved by them. Evidence stays, also what was recorded while the
 * pins were resolved; environments that the contract no longer has go.
 * @param replaceUnreadable starts a new lock where the old one cannot be read.
 */
export async function writePins(
  project: Project,
  contract: Contract,
  pinned: PinnedEnvironments,
  replaceUnreadable: boolean,
): Promise<readonly PinMove[]> {
  let moves: readonly PinMove[] = [];
  await project.changeLock(
    (lock) => {
      moves = pinMoves(lock, pinned);
      const environments = { ...keptEnvironments(lock, contract), ...withEvidence(lock, pinned) };
      return { lockVersion: 1, service: contract.service, environments };
    },
    { replaceUnreadable },
  );
  return moves;
}

/** Environments that the contract still has; those that are pinned now replace their own. */
function keptEnvironments(lock: Lock | null, contract: Contract): Lock['environments'] {
  const entries = Object.entries(lock?.environments ?? {});
  return Object.fromEntries(entries.filter(([name]) => Object.hasOwn(contract.environments, name)));
}

function withEvidence(lock: Lock | null, pinned: PinnedEnvironments): Readonly<Record<string, LockedEnvironment>> {
  const entries = Object.entries(pinned).map(
    ([name, pins]) => [name, { ...pins, evidence: lock?.environments[name]?.evidence ?? {} }] as const,
  );
  return Object.fromEntries(entries);
}
