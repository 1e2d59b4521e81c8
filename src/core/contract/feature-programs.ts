import { digestOf, type Digest } from '../units/digest.ts';
import type { FeatureProgram } from './contract.ts';

/** What computes the features: the programs as the contract names them, and the content of their files by path. */
export function digestOfPrograms(programs: readonly FeatureProgram[], files: Readonly<Record<string, Digest>>): Digest {
  return digestOf({ programs: programs.map(({ timeoutMs: _, ...program }) => program), files });
}
