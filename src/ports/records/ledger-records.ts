import type { LedgerFact } from '../../core/cost/ledger/fact.ts';
import type { LedgerError, LedgerRow } from '../../core/cost/ledger/row.ts';

/**
 * One record of a recorder: a fact, or a mark of the recorder itself. Records are added and never edited.
 *
 * | kind | says |
 * |---|---|
 * | that of a fact | what happened, as `core/cost/ledger/fact.ts` has it |
 * | `heartbeat` | the recorder was there: whoever comes after it knows since when nothing was seen |
 * | `checkpoint` | every fact that still stands follows, under the id that it had. Reading may begin here |
 */
export type LedgerRecord = LedgerPlace & RecordedBody;

/** Where a record stands. Records are in order of time, then of recorder, then of number. */
export interface LedgerPlace {
  /** Wall milliseconds by the clock of the recorder: when the fact was true, or when it was said again. */
  readonly atMs: number;
  /** One run of one process. */
  readonly recorder: string;
  /** From 1, growing. */
  readonly sequence: number;
}

type RecordedBody =
  | { readonly kind: 'heartbeat' | 'checkpoint'; readonly fact: null }
  | { readonly kind: LedgerFact['kind']; readonly fact: LedgerFact };

/** Rows that were appended for one hour: the first entry of the hour has all of its rows, later ones what they correct. */
export interface LedgerEntry {
  /** Start of the hour, milliseconds since 1970. */
  readonly hourMs: number;
  /** From 1 in each hour. */
  readonly entry: number;
  readonly derivedAtMs: number;
  readonly rows: readonly LedgerRow[];
  readonly newErrors: readonly LedgerError[];
  /** Errors of earlier entries that the facts do not show any more. */
  readonly withdrawnErrors: readonly LedgerError[];
}

const dayMs = 86_400_000;

/** Facts are kept for 8 days: a week can be derived again. They take about 0.7 MB a device and day. */
export const ledgerFactsKeptMs = 8 * dayMs;
/** Rows are kept for 400 days: a month can be held against that of the year before. They take about 30 kB a device and day. */
export const ledgerRowsKeptMs = 400 * dayMs;
/** Records that one read returns at most: reading them takes a few milliseconds, in which nothing else runs. */
export const ledgerRecordsAtMost = 1_000;

export interface LedgerReader {
  /**
   * Records from `fromMs` up to `toMs` in order, `ledgerRecordsAtMost` at most.
   * @param after only those behind this place: the last one of the page before.
   * @param kinds only those of these kinds; of all where it is left out.
   */
  ledgerRecords(
    fromMs: number,
    toMs: number,
    after: LedgerPlace | null,
    kinds?: readonly LedgerRecord['kind'][],
  ): Promise<readonly LedgerRecord[]>;
  /** The newest record at or before `atMs`, of all kinds or of one; null where there is none. */
  lastLedgerRecord(atMs: number, kind?: LedgerRecord['kind']): Promise<LedgerRecord | null>;
  /** Null where nothing is recorded. */
  firstLedgerRecord(): Promise<LedgerRecord | null>;
  /** Entries of the hours from `fromMs` up to `toMs`, in order of hour and number. */
  ledgerEntries(fromMs: number, toMs: number): Promise<readonly LedgerEntry[]>;
  /** The newest hour that has an entry; null before the first. */
  lastLedgerHour(): Promise<number | null>;
}

export interface LedgerWriter {
  /** @throws where a recorder used a number before: the transaction then changes nothing. */
  appendLedgerRecords(records: readonly LedgerRecord[]): Promise<void>;
  /** @throws where the hour has an entry of this number: the transaction then changes nothing. */
  appendLedgerEntry(entry: LedgerEntry): Promise<void>;
  /** Forgets records from before one time, and entries of hours from before another. */
  forgetLedger(recordsBeforeMs: number, entriesBeforeMs: number): Promise<void>;
}
