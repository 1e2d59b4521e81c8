import type { Gate } from '../../contract/contract.ts';
import type { Judgement } from '../../units/verdict.ts';
import type { SliceKey } from '../measure/measurements.ts';

/** What a gate says: each of its rules alone, the slices, and all of it together. */
export interface GateVerdict extends Judgement {
  readonly gate: Gate;
  readonly rules: readonly RuleVerdict[];
  /** Slices of a comparison, worst first; empty where the gate compares with no version. */
  readonly slices: readonly SliceVerdict[];
}

export interface RuleVerdict extends Judgement {
  readonly rule: 'atLeast' | 'atMost' | 'noWorseThan';
  /** The metric, or for `noWorseThan` candidate less baseline; null where it was not measured or is not defined. */
  readonly estimate: number | null;
  /** One-sided limits of the estimate at the gate's confidence. */
  readonly lower: number | null;
  readonly upper: number | null;
  /** What the limit is compared with: the value, or for `noWorseThan` the margin with the sign that it has as a difference. */
  readonly threshold: number;
  /** Which method gave the limits. */
  readonly method: string;
  readonly rows: number;
  /** Only where inconclusive; null where no number of rows can be told. */
  readonly rowsNeeded: RowsNeeded | null;
}

/** How many rows would decide, if what was observed is how things are. Never a promise. */
export interface RowsNeeded {
  /** In all, and beyond those there are. */
  readonly rows: number;
  readonly moreRows: number;
  /** What such a number of rows would show with a probability of `powerShare`. */
  readonly towards: 'pass' | 'fail';
  readonly powerShare: number;
  /** For `noWorseThan`: rows that would decide if the two versions were equally good. */
  readonly rowsIfEqual: number | null;
}

export interface SliceVerdict extends Judgement {
  readonly slice: SliceKey;
  readonly rows: number;
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Of the hypothesis that the slice is no worse than the margin, before and after Holm's correction; null where none is. */
  readonly pValue: number | null;
  readonly adjustedPValue: number | null;
}
