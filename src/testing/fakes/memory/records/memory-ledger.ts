import {
  ledgerRecordsAtMost,
  type LedgerEntry,
  type LedgerPlace,
  type LedgerReader,
  type LedgerRecord,
  type LedgerWriter,
} from '../../../../ports/records/ledger-records.ts';

export interface LedgerStates {
  readonly ledgerRecords: readonly LedgerRecord[];
  readonly ledgerEntries: readonly LedgerEntry[];
}

export function memoryLedgerReader(state: () => LedgerStates): LedgerReader {
  return {
    ledgerRecords: async (fromMs, toMs, after, kinds) =>
      structuredClone(
        state()
          .ledgerRecords.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
          .filter(({ kind }) => kinds?.includes(kind) ?? true)
          .filter((record) => after === null || byPlace(record, after) > 0)
          .sort(byPlace)
          .slice(0, ledgerRecordsAtMost),
      ),
    lastLedgerRecord: async (untilMs, kind) =>
      structuredClone(
        state()
          .ledgerRecords.filter((record) => record.atMs <= untilMs && (kind === undefined || record.kind === kind))
          .sort(byPlace)
          .at(-1) ?? null,
      ),
    firstLedgerRecord: async () => structuredClone([...state().ledgerRecords].sort(byPlace)[0] ?? null),
    ledgerEntries: async (fromMs, toMs) =>
      structuredClone(
        state()
          .ledgerEntries.filter(({ hourMs }) => hourMs >= fromMs && hourMs < toMs)
          .sort((a, b) => a.hourMs - b.hourMs || a.entry - b.entry),
      ),
    lastLedgerHour: async () =>
      state().ledgerEntries.reduce<number | null>((last, { hourMs }) => Math.max(last ?? hourMs, hourMs), null),
  };
}

export function memoryLedgerWriter(
  state: () => LedgerStates,
  change: (part: Partial<LedgerStates>) => void,
): LedgerWriter {
  return {
    async appendLedgerRecords(records) {
      const isUsed = (place: LedgerPlace): boolean =>
        state().ledgerRecords.some(
          ({ recorder, sequence }) => recorder === place.recorder && sequence === place.sequence,
        );
      if (records.some(isUsed)) throw new Error('a recorder used a number of a record twice');
      change({ ledgerRecords: [...state().ledgerRecords, ...structuredClone(records)] });
    },
    async appendLedgerEntry(entry) {
      if (state().ledgerEntries.some((each) => each.hourMs === entry.hourMs && each.entry === entry.entry))
        throw new Error('the hour has an entry of this number');
      change({ ledgerEntries: [...state().ledgerEntries, structuredClone(entry)] });
    },
    async forgetLedger(recordsBeforeMs, entriesBeforeMs) {
      change({
        ledgerRecords: state().ledgerRecords.filter(({ atMs }) => atMs >= recordsBeforeMs),
        ledgerEntries: state().ledgerEntries.filter(({ hourMs }) => hourMs >= entriesBeforeMs),
      });
    },
  };
}

const byPlace = (a: LedgerPlace, b: LedgerPlace): number =>
  a.atMs - b.atMs || (a.recorder < b.recorder ? -1 : a.recorder > b.recorder ? 1 : 0) || a.sequence - b.sequence;
