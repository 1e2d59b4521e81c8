import path from 'node:path';
import { makeUndoJournal } from '../../../adapters/files/undo-journal.ts';
import { makeProcessIdentity } from '../../../adapters/processes/process-table/process-identity.ts';
import { restoreOnMachine } from '../../../adapters/system/ablation/restore.ts';
import type { UndoPorts } from '../../../prove/diagnosis/undo-leftovers.ts';

/** What experiments of this state folder have to bring back on this machine, and how. */
export const openUndo = (stateFolder: string): UndoPorts => ({
  journal: makeUndoJournal(path.join(stateFolder, 'diagnosis', 'undo')),
  identity: makeProcessIdentity(),
  restore: restoreOnMachine,
});
