import type { UndoJournal } from '../../../ports/nodes/undo-journal.ts';
import type { UndoEntry } from '../../../schemas/diagnosis/undo-entry.ts';

/** An undo journal that ends with the test. */
export function memoryUndoJournal(): UndoJournal {
  const entries = new Map<string, UndoEntry>();
  return {
    open(entry) {
      const key = `process-${entry.target.pid}.json`;
      if (entries.has(key)) return Promise.resolve(null);
      entries.set(key, entry);
      return Promise.resolve(key);
    },
    close(key) {
      entries.delete(key);
      return Promise.resolve();
    },
    list: () => Promise.resolve([...entries].map(([key, entry]) => ({ key, entry }))),
  };
}
