import type { Cause } from '../../src/core/diagnosis/cause.ts';
import { faults, type Fault } from './faults.ts';

/** Two faults at once. One of both is the right answer: what helps while the other stands may help little. */
export interface Pair extends Fault {
  readonly cause: Cause;
  readonly otherCause: Cause;
}

/** Of different parts of the machine and of the service; no two change the same setting. */
export const pairs: readonly Pair[] = [
  makePair('cpu-quota', 'slow-network'),
  makePair('busy-core', 'tiny-batches'),
  makePair('busy-thread', 'slow-upstream'),
  makePair('slow-disk', 'tiny-batches'),
  makePair('dropped-pages', 'slow-network'),
  makePair('short-memory', 'slow-upstream'),
  makePair('slow-tokenizer', 'slow-network'),
  makePair('long-batch-wait', 'slow-upstream'),
];

function makePair(first: string, second: string): Pair {
  const [one, other] = [findFault(first), findFault(second)];
  return {
    name: `${first} + ${second}`,
    cause: one.cause,
    otherCause: other.cause,
    what: `${one.what}; ${other.what}`,
    inject: async (world) => {
      await one.inject(world);
      await other.inject(world);
    },
  };
}

function findFault(name: string): Fault & { readonly cause: Cause } {
  const found = faults.find((fault) => fault.name === name);
  if (found === undefined || found.cause === null) throw new Error(`no fault is called '${name}'`);
  return { ...found, cause: found.cause };
}
