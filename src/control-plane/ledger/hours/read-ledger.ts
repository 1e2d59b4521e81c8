import type { DerivedLedger } from '../../../core/cost/ledger/derive-rows.ts';
import type { LedgerFact } from '../../../core/cost/ledger/fact.ts';
import { hourMs, hourOf } from '../../../core/cost/ledger/row.ts';
import type { LedgerReader } from '../../../ports/records/ledger-records.ts';
import { addEntries } from './close-hours.ts';
import { deriveApart } from './derive-apart.ts';
import { readFacts } from './read-facts.ts';
import { StandingFacts } from '../record/standing-facts.ts';

export interface ReadLedger extends DerivedLedger {
  /** Up to when everything is recorded; the beginning where nothing is. */
  readonly toMs: number;
  /** Hours from here on were derived now; null where all are recorded. */
  readonly openFromMs: number | null;
}

/**
 * Returns the account of all devices from an hour on: what is recorded of hours that are over, and what the facts say of those
 * that are not closed yet, up to the last heartbeat.
 */
export async function readLedger(reader: LedgerReader, fromMs: number, nowMs: number): Promise<ReadLedger> {
  const toMs = await lastBeat(reader, nowMs);
  if (toMs === null || toMs <= fromMs) return { rows: [], errors: [], toMs: fromMs, openFromMs: null };
  const entries = await reader.ledgerEntries(fromMs, hourOf(toMs) + hourMs);
  const byHour = Map.groupBy(entries, (entry) => entry.hourMs);
  const recorded = Array.from(byHour.values(), addEntries);
  const last = await reader.lastLedgerHour();
  const openFromMs = Math.max(fromMs, last === null ? 0 : last + hourMs);
  const open = openFromMs < toMs ? await deriveOpenHours(reader, openFromMs, toMs) : null;
  const all = open === null ? recorded : [...recorded, open];
  return {
    rows: all.flatMap(({ rows }) => rows),
    errors: all.flatMap(({ errors }) => errors),
    toMs,
    openFromMs: open === null ? null : openFromMs,
  };
}

async function lastBeat(reader: LedgerReader, nowMs: number): Promise<number | null> {
  const [beat, checkpoint] = [
    await reader.lastLedgerRecord(nowMs, 'heartbeat'),
    await reader.lastLedgerRecord(nowMs, 'checkpoint'),
  ];
  if (beat === null || checkpoint === null) return (beat ?? checkpoint)?.atMs ?? null;
  return Math.max(beat.atMs, checkpoint.atMs);
}

/**
 * Returns what the facts say of hours of which the last one is not over: the devices are taken away at `toMs`, so that no time
 * after it is accounted. Claims go on, so that none counts as ended.
 */
async function deriveOpenHours(reader: LedgerReader, fromMs: number, toMs: number): Promise<DerivedLedger> {
  const first = await reader.firstLedgerRecord();
  const beginMs = Math.max(fromMs, hourOf(first?.atMs ?? fromMs));
  const endMs = hourOf(toMs - 1) + hourMs;
  const facts = (await readFacts(reader, beginMs, endMs)).filter(({ at }) => at.wallMs <= toMs);
  const standing = new StandingFacts();
  for (const fact of facts) standing.apply(fact);
  const at = { recorder: 'reader', monotonicMs: toMs, wallMs: toMs };
  const gone = [...standing.devices.values()].map(({ appeared: { device, pool } }): LedgerFact => ({
    kind: 'device-gone',
    id: `reader/${device}`,
    device,
    pool,
    at,
  }));
  const { rows, errors } = await deriveApart([...facts, ...gone], { fromMs: beginMs, toMs: endMs });
  const isOfTheFuture = ({ kind, shareMs }: DerivedLedger['errors'][number]): boolean =>
    kind === 'claim-without-device' && shareMs === endMs - toMs;
  return { rows, errors: errors.filter((error) => !isOfTheFuture(error)) };
}
