import { PlimsollError } from '../../core/units/errors.ts';
import type { BoundedParser } from '../../ports/process/bounded-parser.ts';
import { readBundle } from '../../schemas/bundle/bundle-manifest.ts';
import { readContract } from '../../schemas/contract/contract.ts';
import { readJsonText } from '../../schemas/source/json-text.ts';
import { readLock } from '../../schemas/lock/lock.ts';

export interface FakeBoundedParser extends BoundedParser {
  /** Names of what was parsed, in order. */
  readonly parsed: readonly string[];
  /** The next text of this name takes more than the limits. */
  overrun(file: string): void;
}

/** Parses in place; an overrun happens where a test asks for one. */
export function makeFakeBoundedParser(): FakeBoundedParser {
  const parsed: string[] = [];
  const overruns = new Set<string>();
  const run = async <T>(file: string, parse: () => T): Promise<T> => {
    parsed.push(file);
    if (overruns.delete(file)) throw overrunOf(file);
    return Promise.resolve(parse());
  };
  return {
    parsed,
    overrun: (file) => void overruns.add(file),
    contract: (bytes, file, shownAs) => run(file, () => readContract(bytes, file, shownAs)),
    lock: (bytes, file) => run(file, () => readLock(bytes, file)),
    bundle: (bytes) => run('the manifest', () => readBundle(bytes)),
    json: (bytes, what) => run(what, () => readJsonText(bytes, what)),
    close: () => Promise.resolve(),
  };
}

const overrunOf = (file: string): PlimsollError =>
  new PlimsollError({
    code: 'parse-overrun',
    category: 'input',
    message: `${file} takes more than 10 s to read`,
    next: 'send a shorter file, or read it by itself: plimsoll check',
    details: { limit: 'time' },
  });
