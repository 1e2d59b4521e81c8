import type { LocalPlatform } from '../../adapters/processes/local-platform.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { ReplicaOwner } from '../../ports/serving/platform.ts';

const pollMs = 100;
const boundMs = 60_000;

/**
 * Drains every replica of a state folder, whoever it belongs to, and ends every spare; with `forced` each gets no time. Resolves with how many
 * there were. To be called when no control plane runs: it would start them again.
 */
export async function stopReplicas(platform: LocalPlatform, clock: Clock, forced: AbortSignal): Promise<number> {
  await stopSpares(platform, clock);
  const owners = await platform.owners();
  return await stopOwners(
    platform,
    owners.map(({ owner }) => owner),
    clock,
    forced,
  );
}

/** Ends spares that no replica was made of, before replicas that start take one of them. */
async function stopSpares(platform: LocalPlatform, clock: Clock): Promise<void> {
  const never = new AbortController().signal;
  const giveUpMs = clock.monotonicMs() + boundMs;
  await platform.spares.keep([], never);
  while (platform.spares.ending > 0 && clock.monotonicMs() < giveUpMs) await clock.sleep(pollMs);
}

/**
 * Drains what a command left behind that was killed while it measured something: replicas of environments that nobody
 * will come back to (`isOver`), kept by a process that is dead.
 */
export async function stopAbandoned(
  platform: LocalPlatform,
  isOver: (environment: string) => boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const abandoned = (await platform.owners()).filter(({ owner, kept }) => !kept && isOver(owner.environment));
  return await stopOwners(
    platform,
    abandoned.map(({ owner }) => owner),
    clock,
    signal,
  );
}

async function stopOwners(
  platform: LocalPlatform,
  owners: readonly ReplicaOwner[],
  clock: Clock,
  forced: AbortSignal,
): Promise<number> {
  const never = new AbortController().signal;
  let count = 0;
  for (const owner of owners) {
    count += (await platform.observe(owner, never)).filter((replica) => replica.pid !== null).length;
    await platform.apply(owner, [], never);
  }
  const giveUpMs = clock.monotonicMs() + boundMs;
  for (const owner of owners) {
    while ((await platform.observe(owner, never)).length > 0 && clock.monotonicMs() < giveUpMs) {
      if (forced.aborted) platform.killDraining();
      await clock.sleep(pollMs);
    }
  }
  return count;
}
