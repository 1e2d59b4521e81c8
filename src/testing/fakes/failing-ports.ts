import { PlimsollError } from '../../core/units/errors.ts';
import type { Journal } from '../../ports/records/journal.ts';
import type { Store } from '../../ports/records/store.ts';

/** How the store fails: it answers nothing, or it reads and cannot write. */
export type StoreFailure = 'unreachable' | 'full' | null;

export interface Faults {
  store: StoreFailure;
  /** Calls that are still answered before the process is dead; null: it lives. */
  callsLeft: number | null;
}

/** A store and a journal whose calls fail as `faults` says, and whose process may die before or after any one of them. */
export function failingPorts(store: Store, journal: Journal, faults: Faults): { store: Store; journal: Journal } {
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    step(faults);
    const result = await work();
    step(faults);
    return result;
  };
  const guarded = <T extends object>(port: T, failure: () => PlimsollError | null): T =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (name === 'leases') return guarded(member as object, writing);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) =>
          call(async () => {
            const failed = name === 'transaction' ? writing() : failure();
            if (failed !== null) throw failed;
            return (member as (...given: unknown[]) => Promise<unknown>).apply(target, args);
          });
      },
    });
  const reading = (): PlimsollError | null => (faults.store === 'unreachable' ? away('store-unreachable') : null);
  const writing = (): PlimsollError | null =>
    faults.store === null ? null : away(faults.store === 'full' ? 'storage-full' : 'store-unreachable');
  return { store: guarded(store, reading), journal: guarded(journal, () => null) };
}

function step(faults: Faults): void {
  if (faults.callsLeft === null) return;
  if (faults.callsLeft <= 0) throw new PlimsollError({ code: 'process-dead', category: 'bug', message: 'killed' });
  faults.callsLeft -= 1;
}

function away(code: string): PlimsollError {
  return new PlimsollError({ code, category: 'unavailable', message: `the store of the test is away (${code})` });
}
