import type { Cause, Experiment } from '../cause.ts';
import { isRead, type Reading } from '../readings/reading.ts';
import { readingTable, type ReadingName, type WindowReadings } from '../readings/window-readings.ts';

/** One line that a reading is held against. */
export interface Line {
  readonly reading: ReadingName;
  readonly is: 'at-least' | 'below';
  readonly line: number;
  /** From here on the suspicion is as strong as it gets. */
  readonly full: number;
}

/** One question of the diagnosis. */
export interface OrderRow {
  readonly cause: Cause;
  readonly lines: readonly Line[];
  /** `any` line crossed suspects the cause; or the `first-read` alone decides, because the others tell the same less well. */
  readonly decides: 'any' | 'first-read';
  /** All of these must hold too. Empty: the lines alone decide. */
  readonly beside: readonly Line[];
  /** Any of these, where it is known to be crossed, explains the same signs by another cause, which is suspected instead. */
  readonly unless: readonly Line[];
  /**
   * What a busy engine says of it.
   *
   * | value | where the engine is busy |
   * |---|---|
   * | `clears` | it is not starved, so that this cause is not |
   * | `clears-on-accelerator` | the same for an accelerator; a processor is itself held up by it |
   * | `nothing` | the question stands |
   */
  readonly busyEngine: 'clears' | 'clears-on-accelerator' | 'nothing';
  readonly experiment: Experiment | null;
  /** Where the line comes from, with its date. */
  readonly source: string;
}

export const atLeast = (reading: ReadingName, line: number, full: number): Line => ({
  ...{ reading, is: 'at-least', line, full },
});
export const below = (reading: ReadingName, line: number, full: number): Line => ({
  ...{ reading, is: 'below', line, full },
});

export type LineAnswer =
  | { readonly kind: 'crossed'; readonly strength: number; readonly text: string }
  | { readonly kind: 'not-crossed'; readonly text: string }
  | { readonly kind: 'unknown'; readonly reading: ReadingName; readonly reason: string };

/** Holds one reading against its line. An unknown reading answers nothing. */
export function holdAgainst({ reading, is, line, full }: Line, { values }: WindowReadings): LineAnswer {
  const read = values[reading];
  if (!isRead(read)) return { kind: 'unknown', reading, reason: read.unknown };
  const isCrossed = is === 'at-least' ? read.value >= line : read.value < line;
  const text = `${readingTable[reading].label}: ${formatReading(reading, read)} (line: ${is === 'at-least' ? 'at least' : 'below'} ${formatReading(reading, { value: line })})`;
  if (!isCrossed) return { kind: 'not-crossed', text };
  const strength = full === line ? 1 : (read.value - line) / (full - line);
  return { kind: 'crossed', strength: Math.min(1, Math.max(0, strength)), text };
}

/** `12%`, `3.4 ms`, `250 MB/s`; `unknown` where it is. */
export function formatReading(name: ReadingName, reading: Reading): string {
  if (!isRead(reading)) return 'unknown';
  const { value } = reading;
  switch (readingTable[name].unit) {
    case 'share':
      return `${round(value * 100)}%`;
    case 'milliseconds':
      return `${round(value)} ms`;
    case 'each-second':
      return `${round(value)}/s`;
    case 'bytes-each-second':
      return `${round(value / 1e6)} MB/s`;
    case 'count':
      return round(value);
  }
}

const round = (value: number): string => String(Number(value.toFixed(Math.abs(value) >= 100 ? 0 : 1)));
