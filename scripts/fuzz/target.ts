import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { PlimsollError } from '../../src/core/units/errors.ts';
import type { SeededRandom } from './random.ts';

/** One parser as the fuzzer sees it. */
export interface FuzzTarget {
  readonly parser: string;
  /** Parses the bytes. Anything thrown but a PlimsollError (of another category than `bug`) is a finding. */
  run(bytes: Uint8Array): Promise<unknown>;
  /** Words that the format is made of. */
  readonly dictionary: readonly (string | readonly number[])[];
  /** Sound inputs to begin with, besides the corpus. */
  seeds(): Promise<readonly Uint8Array[]>;
  /** Makes lengths and checksums right again after a mutation, without which nothing behind them is reached. */
  repair?(bytes: Uint8Array): Uint8Array;
  /** Changes that keep the form of the whole, used for half of the inputs. */
  mutate?(bytes: Uint8Array, random: SeededRandom): Uint8Array;
  readonly bytesAtMost: number;
  /** Ends what `run` has left running. */
  stop?(): Promise<void>;
}

const formats = path.join(import.meta.dirname, '../../src/formats');

/** Files of the formats' own tests. */
export const seedsOf =
  (...names: readonly string[]) =>
  (): Promise<readonly Uint8Array[]> =>
    Promise.resolve(names.map((name) => Uint8Array.from(readFileSync(path.join(formats, name)))));

export const dictionaryBytes = ({ dictionary }: FuzzTarget): readonly Uint8Array[] =>
  dictionary.map((word) => (typeof word === 'string' ? new TextEncoder().encode(word) : Uint8Array.from(word)));

/** What a parser broke by throwing; null for one of our own errors. By name, because a test may load the class twice. */
export function brokenBy(thrown: unknown): string | null {
  if (!(thrown instanceof Error)) return `threw ${String(thrown)}, which is no error`;
  if (thrown.name !== 'PlimsollError') return `${thrown.name}: ${thrown.message}`;
  const { category, message } = thrown as PlimsollError;
  return category === 'bug' ? `a bug: ${message}` : null;
}
