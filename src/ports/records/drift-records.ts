import type { DriftSample } from '../../core/monitoring/samples/drift-sample.ts';
import type { DriftState } from '../../core/monitoring/watch/drift-state.ts';
import type { DriftWindow } from '../../core/monitoring/watch/windows/windows.ts';

/** What the watch of a service remembers, with how far the captures of each gateway are in it. */
export interface DriftRecord {
  readonly state: DriftState;
  /** By spool: the sequence of the last segment that is in the state. */
  readonly cursors: Readonly<Record<string, number>>;
  /** Grows by 1 with each write. */
  readonly revision: number;
}

/** Windows of a service that are kept, and of each slice: the newest ones. */
export const driftWindowsAtMost = 2_000;

export interface DriftReader {
  /** Null before the first captured request. */
  driftRecord(service: string, environment: string): Promise<DriftRecord | null>;
  /** In order of their numbers, which begin at `from` or later: of all rows, or of the slice in a slot. */
  driftWindows(service: string, environment: string, from: number, slot?: number): Promise<readonly DriftWindow[]>;
  /** Of those of all rows from one number to another (both with) the multiples of `every`, and the last; in order. */
  driftWindowsEvery(
    service: string,
    environment: string,
    asked: { readonly from: number; readonly to: number; readonly every: number },
  ): Promise<readonly DriftWindow[]>;
  /** When the oldest sample that is kept came; null where none is. */
  oldestDriftSample(service: string, environment: string): Promise<number | null>;
  /** The newest, oldest first. */
  driftSamples(service: string, environment: string, last: number): Promise<readonly DriftSample[]>;
}

export interface DriftWriter {
  /** Compare-and-swap on `revision` (`expected` null: no record yet). @throws PlimsollError `drift-moved` (conflict). */
  setDriftRecord(
    service: string,
    environment: string,
    record: Omit<DriftRecord, 'revision'>,
    expected: number | null,
  ): Promise<DriftRecord>;
  /** Takes the place of a window of the same number and slot. */
  addDriftWindow(service: string, environment: string, window: DriftWindow): Promise<void>;
  /** Those that came before `keptFromMs` go. */
  addDriftSamples(
    service: string,
    environment: string,
    samples: readonly DriftSample[],
    keptFromMs: number,
  ): Promise<void>;
}
