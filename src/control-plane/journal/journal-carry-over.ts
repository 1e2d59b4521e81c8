import { withJournaled, type NewEvent } from '../../core/records/event.ts';
import { makeRollbackRelease } from '../../core/rollout/rollback-release.ts';
import { chooseRollback } from '../../core/rollout/rollback-target.ts';
import type { JournalEntry } from '../../ports/records/journal.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import { recordRelease } from '../operations/begin-release.ts';

export type CarryOver = 'applied' | 'rejected' | 'already';

/**
 * Brings one journaled rollback into the records, in the caller's transaction: once, whatever is tried again; and only
 * into the world that it was decided for. Where that has moved it becomes an event, and the next routing table is made
 * newer than the journaled one, so that the gateways that had followed it follow again.
 */
export async function carryOver(tx: StoreWriter, entry: JournalEntry, nowMs: number): Promise<CarryOver> {
  const { service, environment, axis } = entry;
  if (!(await tx.addJournaled(entry.id, nowMs))) return 'already';
  const moved = await whyMoved(tx, entry);
  if (typeof moved === 'string') {
    await reject(tx, entry, moved, nowMs);
    return 'rejected';
  }
  await apply(tx, entry, moved);
  await tx.appendEvent({
    service,
    environment,
    kind: 'rollback.carried-over',
    summary: `The rollback of the ${axis} to release ${entry.to}, journaled while the store was away, is recorded as release ${entry.release}`,
    by: 'control-plane',
    atMs: nowMs,
    data: { journaled: entry.id, journaledAtMs: entry.atMs, release: entry.release, emergency: entry.emergency },
  });
  return 'applied';
}

type Found = NonNullable<Awaited<ReturnType<typeof found>>>;

async function found(tx: StoreWriter, entry: JournalEntry) {
  const { service, environment } = entry;
  const deployment = await tx.deployment(service, environment);
  const releases = await tx.releases(service, environment);
  const chosen = chooseRollback(
    {
      releases,
      deployment,
      outcomes: await tx.releaseOutcomes(service, environment),
      bars: await tx.bars(service, environment),
    },
    entry.axis,
    entry.to,
  );
  return { deployment, releases, chosen };
}

/** In words why it cannot be applied any more; else what it is applied to. */
async function whyMoved(tx: StoreWriter, entry: JournalEntry): Promise<string | Found> {
  const world = await found(tx, entry);
  const revision = world.deployment?.revision ?? null;
  if (revision !== entry.baseRevision) {
    return `the deployment is at revision ${revision}, and it was decided at ${entry.baseRevision}: somebody else moved it`;
  }
  if ('refusal' in world.chosen) return world.chosen.refusal.message;
  if (world.chosen.choice.pair !== entry.pair || world.chosen.choice.from.number !== entry.from) {
    return 'it would bring back another pair now';
  }
  const number = (world.releases.at(-1)?.number ?? 0) + 1;
  return number === entry.release ? world : `release ${entry.release} is another one now`;
}

async function apply(tx: StoreWriter, entry: JournalEntry, { deployment, chosen }: Found): Promise<void> {
  if ('refusal' in chosen || deployment === null) return;
  const { service, environment, by, atMs } = entry;
  // Each event at its own time, with where it comes from.
  const note = (event: NewEvent): NewEvent => withJournaled(event, entry.id);
  await recordRelease(tx, makeRollbackRelease(entry, chosen.choice, by, atMs), { left: chosen.choice.from }, note);
  await tx.setDeployment(entry.deployment, deployment.revision + 1);
  const present = await tx.routing(service, environment);
  const generation = Math.max(entry.routing.generation, (present?.generation ?? 0) + 1);
  await tx.setRouting({ ...entry.routing, generation });
  for (const decision of entry.decisions) {
    await tx.appendEvent(note({ service, environment, by: 'control-plane', atMs, ...decision }));
  }
}

async function reject(tx: StoreWriter, entry: JournalEntry, why: string, nowMs: number): Promise<void> {
  const { service, environment, axis } = entry;
  const present = await tx.routing(service, environment);
  if (present !== null && present.generation <= entry.routing.generation) {
    await tx.setRouting({ ...present, generation: entry.routing.generation + 1, issuedAtMs: nowMs });
  }
  await tx.appendEvent({
    service,
    environment,
    kind: 'rollback.not-carried-over',
    summary: `The rollback of the ${axis} to release ${entry.to} that ${entry.by} asked for while the store was away is not applied: ${why}`,
    by: 'control-plane',
    atMs: nowMs,
    data: { journaled: entry.id, journaledAtMs: entry.atMs, axis, to: entry.to, reason: entry.reason, why },
  });
}
