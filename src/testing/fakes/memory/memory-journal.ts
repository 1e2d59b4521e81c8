import type { Journal, JournalEntry } from '../../../ports/records/journal.ts';

/** A journal that outlives a control plane and not the test. */
export function memoryJournal(): Journal {
  let entries: readonly JournalEntry[] = [];
  return {
    async append(entry) {
      entries = [...entries, structuredClone(entry)];
    },
    read: async () => ({ entries, damaged: [] }),
    async settle({ done, aside }) {
      entries = entries.filter(({ id }) => !done.has(id) && !aside.has(id));
    },
  };
}
