import type { SliceBound } from './bound/slice-bound.ts';
import type { OperatingPoint, SliceProblem } from './operating-points.ts';

/** One MIG instance of a plan: which service it runs, at which point, and where it begins on the memory axis. */
export interface PlannedInstance {
  readonly service: string;
  readonly point: OperatingPoint;
  readonly start: number;
}

/** Instances of each GPU, with what is proven about their number. */
export interface SlicePlan {
  readonly gpus: readonly { readonly instances: readonly PlannedInstance[] }[];
  /** Compute slices of all instances: a 3g has 3. */
  readonly slices: number;
  readonly bound: SliceBound;
  /**
   * | proof | what it says |
   * |---|---|
   * | `prices` | the bound is as many GPUs as the plan has |
   * | `search` | the bound is lower; every plan with fewer GPUs was ruled out |
   * | `none` | the search was cut short: fewer GPUs may be possible |
   */
  readonly gpusProof: 'prices' | 'search' | 'none';
  /** No plan with as many GPUs has fewer compute slices than this. */
  readonly slicesAtLeast: number;
}

export type SliceAnswer =
  | { readonly answer: 'plan'; readonly plan: SlicePlan }
  | { readonly answer: 'not-possible'; readonly problems: readonly SliceProblem[] };
