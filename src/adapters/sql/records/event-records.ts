import type { Kysely } from 'kysely';
import type { AuditEntry } from '../../../core/records/audit/verify-chain.ts';
import { chainStart, sealOf, type ChainHead, type SealedEvent } from '../../../core/records/audit/event-chain.ts';
import type { Digest } from '../../../core/units/digest.ts';
import { outcomeOf } from '../../../core/rollout/outcome.ts';
import type { StoreReader, StoreWriter } from '../../../ports/records/store.ts';
import { setOutcome } from '../release-outcomes.ts';
import { eventOf, type Row } from '../rows.ts';
import { nextOf } from '../series.ts';
import type { Tables } from '../tables.ts';

/** Rows that one statement takes, three parameters each. */
const sealsAtOnce = 300;

export function auditReader(db: Kysely<Tables>): Pick<StoreReader, 'auditEntries' | 'chainHead'> {
  return {
    chainHead: () => readHead(db),
    async auditEntries({ afterSeq, limit }) {
      const events = await db
        .selectFrom('events')
        .selectAll()
        .where('seq', '>', afterSeq)
        .orderBy('seq')
        .limit(limit)
        .execute();
      const seals = await db
        .selectFrom('event_chain')
        .selectAll()
        .where('seq', '>', afterSeq)
        .orderBy('seq')
        .limit(limit)
        .execute();
      // Where one of the two was cut off, nobody knows yet what it has of the numbers beyond.
      const cut = [events, seals].flatMap((rows) => (rows.length < limit ? [] : [rows.at(-1)?.seq ?? 0]));
      const upTo = Math.min(...cut, Infinity);
      const eventOfSeq = new Map(events.map((row) => [row.seq, sealedEvent(row)]));
      const sealOfSeq = new Map(seals.map((row) => [row.seq, row]));
      const numbers = [...new Set([...eventOfSeq.keys(), ...sealOfSeq.keys()])].filter((seq) => seq <= upTo);
      return numbers
        .sort((a, b) => a - b)
        .map((seq): AuditEntry => {
          const seal = sealOfSeq.get(seq);
          return {
            seq,
            event: eventOfSeq.get(seq) ?? null,
            seal: seal === undefined ? null : { seq, hash: seal.hash as Digest, late: seal.late === 1 },
          };
        });
    },
  };
}

export function eventWriter(tx: Kysely<Tables>): Pick<StoreWriter, 'appendEvent'> {
  return {
    async appendEvent(event) {
      const row = {
        seq: await nextOf(tx, 'events'),
        service: event.service,
        environment: event.environment,
        kind: event.kind,
        summary: event.summary,
        event_by: event.by,
        at_ms: event.atMs,
        data_json: JSON.stringify(event.data),
      };
      await tx.insertInto('events').values(row).execute();
      await seal(tx, row);
      const decided = outcomeOf(event);
      if (decided !== null) await setOutcome(tx, event, decided, row.seq);
      return eventOf(row);
    },
  };
}

/**
 * Seals an event in the transaction that records it. Whoever records one holds the counter of events, so that nobody
 * else seals meanwhile. Events since the newest seal are sealed first, and marked.
 */
async function seal(tx: Kysely<Tables>, row: Row<'events'>): Promise<void> {
  const head = await readHead(tx);
  let previous = head?.hash ?? chainStart;
  if (head !== null && head.seq < row.seq - 1) previous = await sealLate(tx, head, row.seq);
  const hash = sealOf(previous, sealedEvent(row));
  await tx.insertInto('event_chain').values({ seq: row.seq, hash, late: 0 }).execute();
}

async function sealLate(tx: Kysely<Tables>, head: ChainHead, beforeSeq: number): Promise<Digest> {
  let { seq: after, hash: previous } = head;
  for (;;) {
    const rows = await tx
      .selectFrom('events')
      .selectAll()
      .where('seq', '>', after)
      .where('seq', '<', beforeSeq)
      .orderBy('seq')
      .limit(sealsAtOnce)
      .execute();
    if (rows.length === 0) return previous;
    const seals = rows.map((each) => {
      previous = sealOf(previous, sealedEvent(each));
      return { seq: each.seq, hash: previous, late: 1 };
    });
    await tx.insertInto('event_chain').values(seals).execute();
    after = rows.at(-1)?.seq ?? after;
  }
}

async function readHead(db: Kysely<Tables>): Promise<ChainHead | null> {
  const row = await db.selectFrom('event_chain').selectAll().orderBy('seq', 'desc').limit(1).executeTakeFirst();
  return row === undefined ? null : { seq: row.seq, hash: row.hash as Digest };
}

function sealedEvent(row: Row<'events'>): SealedEvent {
  return {
    seq: row.seq,
    service: row.service,
    environment: row.environment,
    kind: row.kind,
    summary: row.summary,
    by: row.event_by,
    atMs: row.at_ms,
    dataText: row.data_json,
  };
}
