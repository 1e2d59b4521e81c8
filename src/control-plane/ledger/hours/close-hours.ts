import { setImmediate } from 'node:timers/promises';
import { correctLedgerRows } from '../../../core/cost/ledger/correct-rows.ts';
import type { DerivedLedger } from '../../../core/cost/ledger/derive-rows.ts';
import { mergeRows } from '../../../core/cost/ledger/merge-rows.ts';
import { hourMs, hourOf, type LedgerError } from '../../../core/cost/ledger/row.ts';
import type { LedgerEntry, LedgerReader } from '../../../ports/records/ledger-records.ts';
import { deriveApart } from './derive-apart.ts';
import { lateAtMostMs, readFacts } from './read-facts.ts';

/** Clocks of control planes that follow each other may differ by this much. */
const clocksMs = 30_000;
/** Hours that are closed after each other, before anything else is done. */
const hoursAtOnce = 24;
/** Closed hours that are derived again each hour, in case that facts came late. */
const lookedBackHours = 2;

/** Returns the hours that are over and have no entry, oldest first, 24 at most. */
export async function findOpenHours(
  reader: Pick<LedgerReader, 'lastLedgerHour' | 'firstLedgerRecord'>,
  nowMs: number,
): Promise<readonly number[]> {
  const last = await reader.lastLedgerHour();
  const first = last === null ? await reader.firstLedgerRecord() : null;
  const fromMs = last === null ? (first === null ? null : hourOf(first.atMs)) : last + hourMs;
  if (fromMs === null) return [];
  const hours: number[] = [];
  for (
    let hour = fromMs;
    hour + hourMs + lateAtMostMs + clocksMs <= nowMs && hours.length < hoursAtOnce;
    hour += hourMs
  )
    hours.push(hour);
  return hours;
}

/** Returns what the facts say of one hour. */
export async function deriveHour(
  reader: Pick<LedgerReader, 'ledgerRecords' | 'lastLedgerRecord'>,
  hour: number,
): Promise<DerivedLedger> {
  return deriveApart(await readFacts(reader, hour, hour + hourMs), { fromMs: hour, toMs: hour + hourMs });
}

/** Returns the first entry of an hour. */
export async function closeHour(reader: LedgerReader, hour: number, derivedAtMs: number): Promise<LedgerEntry> {
  const { rows, errors } = await deriveHour(reader, hour);
  return { hourMs: hour, entry: 1, derivedAtMs, rows, newErrors: errors, withdrawnErrors: [] };
}

/** Returns the entries that correct the hours before one, where facts came late; none where nothing changed. */
export async function correctHours(
  reader: LedgerReader,
  beforeMs: number,
  derivedAtMs: number,
): Promise<readonly LedgerEntry[]> {
  const corrections: LedgerEntry[] = [];
  for (let hour = beforeMs - lookedBackHours * hourMs; hour < beforeMs; hour += hourMs) {
    const entries = await reader.ledgerEntries(hour, hour + hourMs);
    const last = entries.at(-1);
    if (last === undefined) continue;
    const recorded = addEntries(entries);
    await setImmediate();
    const derived = await deriveHour(reader, hour);
    await setImmediate();
    const { rows, newErrors, withdrawnErrors } = correctLedgerRows(recorded, derived);
    await setImmediate();
    if (rows.length + newErrors.length + withdrawnErrors.length === 0) continue;
    corrections.push({ hourMs: hour, entry: last.entry + 1, derivedAtMs, rows, newErrors, withdrawnErrors });
  }
  return corrections;
}

/** Returns what entries of some hours add up to. */
export function addEntries(entries: readonly LedgerEntry[]): DerivedLedger {
  const withdrawn = new Map<string, number>();
  for (const error of entries.flatMap(({ withdrawnErrors }) => withdrawnErrors)) {
    const key = JSON.stringify(error);
    withdrawn.set(key, 1 + (withdrawn.get(key) ?? 0));
  }
  const stands = (error: LedgerError): boolean => {
    const key = JSON.stringify(error);
    const left = withdrawn.get(key) ?? 0;
    if (left > 0) withdrawn.set(key, left - 1);
    return left === 0;
  };
  const [first, ...more] = entries;
  return {
    // Entries are in order already where nothing was corrected.
    rows: first !== undefined && more.length === 0 ? first.rows : mergeRows(entries.flatMap(({ rows }) => rows)),
    errors: entries.flatMap(({ newErrors }) => newErrors).filter(stands),
  };
}
