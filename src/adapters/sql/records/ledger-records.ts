import { setImmediate } from 'node:timers/promises';
import { sql, type Kysely, type Selectable } from 'kysely';
import { adapterSteps } from '../../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import type { LedgerFact } from '../../../core/cost/ledger/fact.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import {
  ledgerRecordsAtMost,
  type LedgerEntry,
  type LedgerReader,
  type LedgerRecord,
  type LedgerWriter,
} from '../../../ports/records/ledger-records.ts';
import { ledgerFactSchema } from '../../../schemas/ledger/ledger-fact.ts';
import { parsed } from '../parsed.ts';
import type { Tables } from '../tables.ts';

/** Rows of one statement; databases bound how many values it may have. */
const recordsAtOnce = 500;
/** Rows of the ledger in one row of the table: about 400 kB of text. */
const rowsOfPart = 1_000;

export function ledgerReader(db: Kysely<Tables>): LedgerReader {
  return {
    async ledgerRecords(fromMs, toMs, after, kinds) {
      let query = db
        .selectFrom('ledger_facts')
        .selectAll()
        .where('at_ms', '>=', fromMs)
        .where('at_ms', '<', toMs)
        .orderBy('at_ms')
        .orderBy('recorder')
        .orderBy('sequence')
        .limit(ledgerRecordsAtMost);
      if (kinds !== undefined) query = query.where('kind', 'in', [...kinds]);
      if (after !== null) {
        const { atMs, recorder, sequence } = after;
        query = query
          .where('at_ms', '>=', atMs)
          .where(sql<boolean>`(at_ms, recorder, sequence) > (${atMs}, ${recorder}, ${sequence})`);
      }
      return (await query.execute()).map(recordOf);
    },
    async lastLedgerRecord(atMs, kind) {
      let query = db.selectFrom('ledger_facts').selectAll().where('at_ms', '<=', atMs);
      if (kind !== undefined) query = query.where('kind', '=', kind);
      const row = await query
        .orderBy('at_ms', 'desc')
        .orderBy('recorder', 'desc')
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? null : recordOf(row);
    },
    async firstLedgerRecord() {
      const ordered = db
        .selectFrom('ledger_facts')
        .selectAll()
        .orderBy('at_ms')
        .orderBy('recorder')
        .orderBy('sequence');
      const row = await ordered.limit(1).executeTakeFirst();
      return row === undefined ? null : recordOf(row);
    },
    async ledgerEntries(fromMs, toMs) {
      const parts = await db
        .selectFrom('ledger_rows')
        .selectAll()
        .where('hour_ms', '>=', fromMs)
        .where('hour_ms', '<', toMs)
        .orderBy('hour_ms')
        .orderBy('entry')
        .orderBy('part')
        .execute();
      return joinParts(parts);
    },
    async lastLedgerHour() {
      const row = await db
        .selectFrom('ledger_rows')
        .select('hour_ms')
        .orderBy('hour_ms', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.hour_ms ?? null;
    },
  };
}

export function ledgerWriter(tx: Kysely<Tables>): LedgerWriter {
  return {
    async appendLedgerRecords(records) {
      const rows = records.map(({ recorder, sequence, atMs, kind, fact }) => ({
        ...{ recorder, sequence, at_ms: atMs, kind },
        fact_json: JSON.stringify(fact),
      }));
      for (let at = 0; at < rows.length; at += recordsAtOnce) {
        // Reads and requests have their turn meanwhile; other transactions wait.
        if (at > 0) await setImmediate();
        await tx
          .insertInto('ledger_facts')
          .values(rows.slice(at, at + recordsAtOnce))
          .execute();
      }
    },
    async appendLedgerEntry({ hourMs, entry, derivedAtMs, rows, newErrors, withdrawnErrors }) {
      const parts = Math.max(1, Math.ceil(rows.length / rowsOfPart));
      for (let part = 0; part < parts; part += 1) {
        if (part > 0) await setImmediate();
        const own: EntryPart = {
          rows: rows.slice(part * rowsOfPart, (part + 1) * rowsOfPart),
          newErrors: part === 0 ? newErrors : [],
          withdrawnErrors: part === 0 ? withdrawnErrors : [],
        };
        const row = { hour_ms: hourMs, entry, part, derived_at_ms: derivedAtMs, rows_json: JSON.stringify(own) };
        await tx.insertInto('ledger_rows').values(row).execute();
      }
    },
    async forgetLedger(recordsBeforeMs, entriesBeforeMs) {
      await tx.deleteFrom('ledger_facts').where('at_ms', '<', recordsBeforeMs).execute();
      await tx.deleteFrom('ledger_rows').where('hour_ms', '<', entriesBeforeMs).execute();
    },
  };
}

type EntryPart = Pick<LedgerEntry, 'rows' | 'newErrors' | 'withdrawnErrors'>;

function joinParts(parts: readonly Selectable<Tables['ledger_rows']>[]): readonly LedgerEntry[] {
  const byEntry = Map.groupBy(parts, ({ hour_ms, entry }) => `${hour_ms}/${entry}`);
  return [...byEntry.values()].flatMap((own): readonly LedgerEntry[] => {
    const [first] = own;
    if (first === undefined) return [];
    const bodies = own.map(({ rows_json }) => parsed<EntryPart>(rows_json));
    return [
      {
        ...{ hourMs: first.hour_ms, entry: first.entry, derivedAtMs: first.derived_at_ms },
        rows: bodies.flatMap(({ rows }) => rows),
        newErrors: bodies.flatMap(({ newErrors }) => newErrors),
        withdrawnErrors: bodies.flatMap(({ withdrawnErrors }) => withdrawnErrors),
      },
    ];
  });
}

function recordOf(row: Selectable<Tables['ledger_facts']>): LedgerRecord {
  const { recorder, sequence, at_ms: atMs, kind } = row;
  const place = { atMs, recorder, sequence };
  if (kind === 'heartbeat' || kind === 'checkpoint') return { ...place, kind, fact: null };
  const fact = readFact(row);
  return { ...place, kind: fact.kind, fact };
}

/** @throws PlimsollError `ledger-fact-unreadable` (corrupt): an account without the fact would be another one. */
function readFact({ recorder, sequence, kind, fact_json }: Selectable<Tables['ledger_facts']>): LedgerFact {
  let problem: string;
  try {
    const read = ledgerFactSchema.safeParse(JSON.parse(fact_json));
    if (read.success && read.data.kind === kind) return read.data;
    const [issue] = read.success ? [] : read.error.issues;
    problem = issue === undefined ? `it says that it is ${read.data?.kind}` : describeIssue(issue);
  } catch {
    problem = 'it is no JSON';
  }
  throw new PlimsollError({
    code: 'ledger-fact-unreadable',
    category: 'corrupt',
    message: `the fact ${sequence} of the recorder ${recorder} (${kind}) in the store cannot be read: ${problem}`,
    next: nextStep(adapterSteps, 'ledger-fact-unreadable'),
    details: { recorder, sequence, kind },
  });
}

const describeIssue = ({
  path,
  message,
}: {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}): string => `${path.map(String).join('.')}: ${message}`;
