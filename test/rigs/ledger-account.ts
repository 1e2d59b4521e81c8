import { DatabaseSync } from 'node:sqlite';
import { openSqliteStore } from '../../src/adapters/sql/sqlite/sqlite-store.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { readFacts } from '../../src/control-plane/ledger/hours/read-facts.ts';
import { rebuildLedger } from '../../src/control-plane/ledger/hours/rebuild-ledger.ts';
import { StandingFacts } from '../../src/control-plane/ledger/record/standing-facts.ts';
import { deriveLedgerRows } from '../../src/core/cost/ledger/derive-rows.ts';
import type { LedgerFact } from '../../src/core/cost/ledger/fact.ts';
import { hourMs, hourOf, type LedgerRow } from '../../src/core/cost/ledger/row.ts';
import type { RebuiltLedger } from '../../src/schemas/http/cost/http-cost.ts';

/** Texts of facts as SQLite has them, by recorder and number. */
export type RecordedFacts = ReadonlyMap<string, string>;

/** Reads all recorded facts beside whoever writes them. @param file of the store. */
export function readRecorded(file: string): RecordedFacts {
  const rows = query(file, 'select recorder, sequence, fact_json from ledger_facts');
  return new Map(
    rows.map((row) => [`${String(row['recorder'])}/${String(row['sequence'])}`, String(row['fact_json'])] as const),
  );
}

/** Returns how many facts of before are not there any more, or are others. */
export const countLost = (before: RecordedFacts, now: RecordedFacts): number =>
  [...before].filter(([key, text]) => now.get(key) !== text).length;

/** Returns up to when the work of replicas is accounted; null before the first account. */
export function lastAccountMs(file: string): number | null {
  const [row] = query(file, "select max(at_ms) as at from ledger_facts where kind = 'work-account'");
  const at = row?.['at'];
  return typeof at === 'number' ? at : null;
}

export interface MeasuredAccount {
  readonly rows: readonly LedgerRow[];
  /** Closed hours, derived again. */
  readonly rebuilt: RebuiltLedger;
}

/** Returns what the facts say of a time: the devices are there from its beginning to its end alone. */
export async function readAccount(file: string, fromMs: number, toMs: number): Promise<MeasuredAccount> {
  const store = await openSqliteStore({ file, clock: systemClock });
  try {
    const window = { fromMs: hourOf(fromMs), toMs: hourOf(toMs) + hourMs };
    const facts = await readFacts(store, window.fromMs, window.toMs);
    const rebuilt = await rebuildLedger(store, window.fromMs, window.toMs);
    return { rows: deriveLedgerRows(cutDevices(facts, fromMs, toMs), window).rows, rebuilt };
  } finally {
    await store.close();
  }
}

function cutDevices(facts: readonly LedgerFact[], fromMs: number, toMs: number): readonly LedgerFact[] {
  const standing = new StandingFacts();
  for (const fact of facts) standing.apply(fact);
  const clock = (wallMs: number) => ({ recorder: 'reader', monotonicMs: wallMs, wallMs });
  const devices = [...standing.devices.values()].flatMap(({ appeared }, index): readonly LedgerFact[] => [
    { ...appeared, id: `reader/${index}/from`, at: clock(fromMs) },
    { kind: 'device-gone', id: `reader/${index}/to`, device: appeared.device, pool: appeared.pool, at: clock(toMs) },
  ]);
  return [...facts.filter(({ kind }) => !/^(device|layout)-/.test(kind)), ...devices];
}

function query(file: string, sql: string): readonly Record<string, unknown>[] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}
