import type { LocalPlatform } from '../../adapters/processes/local-platform.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { waitProgress } from '../../prove/progress.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { ReplicaOwner } from '../../ports/serving/platform.ts';

const pollMs = 100;
const boundMs = 60_000;

type Note = (text: string) => void;

/**
 * Drains every replica of a state folder, whoever it belongs to, and ends every spare; with `forced` each gets no time. Resolves with how many
 * stopped; those that have not after 60 s are named. To be called when no control plane runs: it would start them again.
 */
export async function stopReplicas(
  platform: LocalPlatform,
  clock: Clock,
  forced: AbortSignal,
  note: Note,
): Promise<number> {
  await stopSpares(platform, clock, note);
  const owners = (await platform.owners()).map(({ owner }) => owner);
  return await stopOwners(platform, owners, clock, forced, note);
}

/** Ends spares that no replica was made of, before replicas that start take one of them. */
async function stopSpares(platform: LocalPlatform, clock: Clock, note: Note): Promise<void> {
  const never = new AbortController().signal;
  const beganMs = clock.monotonicMs();
  const tell = waitProgress({ terminal: { note } }, 'spares are ended:', boundMs);
  await platform.spares.keep([], never);
  for (let lastedMs = 0; platform.spares.ending > 0 && lastedMs < boundMs; lastedMs = clock.monotonicMs() - beganMs) {
    tell(`${platform.spares.ending} left`, lastedMs);
    await clock.sleep(pollMs);
  }
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
  note: Note,
): Promise<number> {
  const abandoned = (await platform.owners()).filter(({ owner, kept }) => !kept && isOver(owner.environment));
  return await stopOwners(
    platform,
    abandoned.map(({ owner }) => owner),
    clock,
    signal,
    note,
  );
}

async function stopOwners(
  platform: LocalPlatform,
  owners: readonly ReplicaOwner[],
  clock: Clock,
  forced: AbortSignal,
  note: Note,
): Promise<number> {
  const never = new AbortController().signal;
  let count = 0;
  for (const owner of owners) {
    count += (await platform.observe(owner, never)).filter((replica) => replica.pid !== null).length;
    await platform.apply(owner, [], never);
  }
  const beganMs = clock.monotonicMs();
  const tell = waitProgress({ terminal: { note } }, 'replicas are stopped:', boundMs);
  for (;;) {
    const left = (await Promise.all(owners.map((owner) => platform.observe(owner, never)))).flat();
    const [first] = left;
    if (first === undefined) return count;
    const lastedMs = clock.monotonicMs() - beganMs;
    const state = `${left.length} left, ${first.replicaId} is ${first.state}: ${first.reason}`;
    if (lastedMs >= boundMs) {
      note(`not every replica stopped within ${formatElapsed(boundMs)}: ${state}; next: plimsoll up --stop`);
      return Math.max(0, count - left.length);
    }
    tell(state, lastedMs);
    if (forced.aborted) platform.killDraining();
    await clock.sleep(pollMs);
  }
}
