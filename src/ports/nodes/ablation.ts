import type { Experiment } from '../../core/diagnosis/cause.ts';
import type { Restoration } from '../../schemas/diagnosis/undo-entry.ts';

/** Takes one suspected cause away, and brings it back. Both may be called again, in any order. */
export interface Ablation {
  /** What undoing brings back, written before the first `apply`. Null: nothing outside this program is changed. */
  readonly restoration: Restoration | null;
  /** After a change, before a measurement counts, milliseconds. */
  readonly settleMs: number;
  apply(signal: AbortSignal): Promise<void>;
  /** Not ended by a signal. Rejects where something could not be brought back. */
  undo(): Promise<void>;
  /** After the last `undo`: what is better for the service than what was there before, and changes nothing else. */
  leave?(): Promise<void>;
}

/** Looks at the replica and prepares an experiment without changing anything; says why where it cannot be run here. */
export type PrepareAblation = (
  experiment: Experiment,
  signal: AbortSignal,
) => Promise<Ablation | { readonly refused: string }>;

/**
 * Brings back what an experiment changed.
 *
 * | outcome | means |
 * |---|---|
 * | `restored` | read back: it is as before |
 * | `gone` | what was changed no longer exists |
 * | `failed` | it still stands changed |
 */
export type Restore = (restoration: Restoration) => Promise<RestoreOutcome>;

export interface RestoreOutcome {
  readonly kind: 'restored' | 'gone' | 'failed';
  /** One sentence with names and values. */
  readonly how: string;
}
