import type { Kysely } from 'kysely';
import { readEvent, type EventForm } from '../../core/records/event.ts';
import { outcomeKinds, outcomeOf, type DecidedOutcome, type ReleaseOutcome } from '../../core/rollout/outcome.ts';
import { parsed } from './parsed.ts';
import type { Tables } from './tables.ts';

type OutcomeRow = Tables['release_outcomes'];

const eventsAtOnce = 1_000;

export async function readOutcomes(
  db: Kysely<Tables>,
  service: string,
  environment: string,
): Promise<ReadonlyMap<number, ReleaseOutcome>> {
  const rows = await db
    .selectFrom('release_outcomes')
    .select(['release', 'outcome'])
    .where('service', '=', service)
    .where('environment', '=', environment)
    .orderBy('release')
    .execute();
  return new Map(rows.map(({ release, outcome }) => [release, outcome as ReleaseOutcome]));
}

/** @param seq of the event that decides it. */
export async function setOutcome(
  tx: Kysely<Tables>,
  { service, environment }: { readonly service: string; readonly environment: string },
  { release, outcome }: DecidedOutcome,
  seq: number,
): Promise<void> {
  await tx
    .insertInto('release_outcomes')
    .values({ service, environment, release, outcome, seq })
    .onConflict((conflict) => conflict.columns(['service', 'environment', 'release']).doUpdateSet({ outcome, seq }))
    .execute();
}

/** The outcomes as the events decide them, from the first event on: what `release_outcomes` is to hold. */
export async function replayOutcomes(db: Kysely<Tables>): Promise<readonly OutcomeRow[]> {
  const outcomes = new Map<string, OutcomeRow>();
  for (let afterSeq = 0; ;) {
    const rows = await db
      .selectFrom('events')
      .select(['seq', 'service', 'environment', 'kind', 'data_json'])
      .where('kind', 'in', outcomeKinds)
      .where('seq', '>', afterSeq)
      .orderBy('seq')
      .limit(eventsAtOnce)
      .execute();
    for (const { seq, service, environment, kind, data_json } of rows) {
      afterSeq = seq;
      const decided = outcomeOf(readEvent({ kind, data: parsed<EventForm['data']>(data_json) }));
      if (decided === null) continue;
      outcomes.set(keyOf({ service, environment, ...decided }), { service, environment, ...decided, seq });
    }
    if (rows.length < eventsAtOnce) return [...outcomes.values()];
  }
}

/**
 * In words where the recorded outcomes are not those of the events. An outcome that is recorded while this reads is of a
 * later event, and no problem.
 */
export async function outcomeProblems(db: Kysely<Tables>): Promise<readonly string[]> {
  const newest = await db
    .selectFrom('events')
    .select((select) => select.fn.max('seq').as('seq'))
    .executeTakeFirst();
  const replayed = await replayOutcomes(db);
  const recorded = await db.selectFrom('release_outcomes').selectAll().execute();
  const byKey = new Map(recorded.map((row) => [keyOf(row), row]));
  const decided = new Set(replayed.map(keyOf));
  const lastSeq = Number(newest?.seq ?? 0);
  return [
    ...replayed.flatMap((row) => {
      const found = byKey.get(keyOf(row));
      if (found !== undefined && (found.seq > row.seq || isSame(found, row))) return [];
      return [
        `release_outcomes: ${nameOf(row)} is ${found?.outcome ?? 'undecided'}, and event ${row.seq} says ${row.outcome}`,
      ];
    }),
    ...recorded
      .filter((row) => row.seq <= lastSeq && !decided.has(keyOf(row)))
      .map((row) => `release_outcomes: ${nameOf(row)} is ${row.outcome}, and no event says so`),
  ];
}

function isSame(a: OutcomeRow, b: OutcomeRow): boolean {
  return a.seq === b.seq && a.outcome === b.outcome;
}

function keyOf({ service, environment, release }: Pick<OutcomeRow, 'service' | 'environment' | 'release'>): string {
  return JSON.stringify([service, environment, release]);
}

function nameOf({ service, environment, release }: OutcomeRow): string {
  return `release ${release} of ${service} in ${environment}`;
}
