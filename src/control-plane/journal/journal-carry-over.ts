import { withJournaled, type NewEvent } from '../../core/records/event.ts';
import type { Release } from '../../core/rollout/release.ts';
import { makeRollbackRelease } from '../../core/rollout/rollback-release.ts';
import { chooseRollback } from '../../core/rollout/rollback-target.ts';
import type { DamagedLine, JournalEntry } from '../../ports/records/journal.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import { recordRelease } from '../operations/release/begin-release.ts';

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

/** What an entry is applied to. */
interface Found {
  readonly made: Omit<Release, 'number'>;
  readonly left: Release;
  readonly revision: number;
}

/** In words why it cannot be applied any more; else what it is applied to. */
async function whyMoved(tx: StoreWriter, entry: JournalEntry): Promise<string | Found> {
  const { service, environment } = entry;
  const deployment = await tx.deployment(service, environment);
  const revision = deployment?.revision ?? null;
  if (revision === null || revision !== entry.baseRevision) {
    return `the deployment is at revision ${revision}, and it was decided at ${entry.baseRevision}: somebody else moved it`;
  }
  const releases = await tx.releases(service, environment);
  const number = (releases.at(-1)?.number ?? 0) + 1;
  if (number !== entry.release) return `release ${entry.release} is another one now`;
  const pair = entry.made === undefined ? await choosePair(tx, entry) : await checkMade(tx, entry, entry.made);
  return typeof pair === 'string' ? pair : { ...pair, revision };
}

type Pair = Pick<Found, 'made' | 'left'>;

/** The entry says all of the release: the store only has to agree. */
async function checkMade(
  tx: StoreWriter,
  entry: JournalEntry,
  { number: _number, ...made }: Release,
): Promise<string | Pair> {
  const { service, environment, axis, from } = entry;
  const left = await tx.release(service, environment, from);
  if (left === null) return `there is no release ${from} that it could leave`;
  const bars = await tx.bars(service, environment);
  const bar = bars.find((each) => each.axis === axis && each.digest === made[axis].digest);
  if (bar !== undefined) return `the ${axis} that it would bring back is barred: ${bar.reason}`;
  return { made, left };
}

/** An entry of version 1 names releases, of which the new one is made again. */
async function choosePair(tx: StoreWriter, entry: JournalEntry): Promise<string | Pair> {
  const { service, environment, axis, by, atMs } = entry;
  const state = {
    releases: await tx.releases(service, environment),
    deployment: await tx.deployment(service, environment),
    outcomes: await tx.releaseOutcomes(service, environment),
    bars: await tx.bars(service, environment),
  };
  const chosen = chooseRollback(state, axis, entry.to);
  if ('refusal' in chosen) return chosen.refusal.message;
  const { choice } = chosen;
  if (choice.pair !== entry.pair || choice.from.number !== entry.from) return 'it would bring back another pair now';
  return { made: makeRollbackRelease(entry, choice, by, atMs), left: choice.from };
}

async function apply(tx: StoreWriter, entry: JournalEntry, { made, left, revision }: Found): Promise<void> {
  const { service, environment, atMs } = entry;
  // Each event at its own time, with where it comes from.
  const note = (event: NewEvent): NewEvent => withJournaled(event, entry.id);
  await recordRelease(tx, made, { left }, note);
  await tx.setDeployment(entry.deployment, revision + 1);
  const present = await tx.routing(service, environment);
  const generation = Math.max(entry.routing.generation, (present?.generation ?? 0) + 1);
  await tx.setRouting({ ...entry.routing, generation });
  for (const decision of entry.decisions) {
    await tx.appendEvent(note({ service, environment, by: 'control-plane', atMs, ...decision }));
  }
}

/** Records why an entry is not applied, once. */
export async function setAsideEntry(tx: StoreWriter, entry: JournalEntry, why: string, nowMs: number): Promise<void> {
  if (await tx.addJournaled(entry.id, nowMs)) await reject(tx, entry, why, nowMs);
}

/** Records a line that cannot be read, once. */
export async function setAsideLine(
  tx: StoreWriter,
  scope: { readonly service: string; readonly environment: string },
  { key, what }: DamagedLine,
  nowMs: number,
): Promise<void> {
  const { service, environment } = scope;
  // Two services may find the same line.
  if (!(await tx.addJournaled(`${service} ${environment} ${key}`, nowMs))) return;
  await tx.appendEvent({
    service,
    environment,
    kind: 'journal.damaged',
    summary: `The journal held what could not be read: ${what}`,
    by: 'control-plane',
    atMs: nowMs,
    data: { what },
  });
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
