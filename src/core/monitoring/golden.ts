import type { Digest } from '../units/digest.ts';

/** A tensor in the open inference protocol's JSON form: row-major flat data. Non-finite floats are the strings "NaN", "Infinity", "-Infinity"; 64-bit integers are strings. */
export interface GoldenTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}

export interface GoldenCase {
  readonly id: string;
  readonly inputs: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
}

/**
 * How far an output may be from the pinned one: |actual - expected| <= absolute + relative * |expected|, and for class
 * scores the arg-max along the last axis must not flip where the pinned margin exceeds the band.
 */
export interface GoldenTolerance {
  readonly absolute: number;
  readonly relative: number;
  readonly argMax: boolean;
}

/** Inputs with pinned outputs and bands, for one model on one runtime. Stored as canonical JSON; its digest is its name. */
export interface GoldenSet {
  readonly goldenVersion: 1;
  readonly dataName: string;
  readonly dataDigest: Digest;
  readonly modelName: string;
  readonly modelDigest: Digest;
  readonly runtime: Readonly<Record<string, string>>;
  readonly tolerance: GoldenTolerance;
  readonly cases: readonly GoldenCase[];
}
