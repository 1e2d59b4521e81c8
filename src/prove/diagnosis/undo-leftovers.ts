import type { Restore } from '../../ports/nodes/ablation.ts';
import type { ListedEntry, UndoJournal } from '../../ports/nodes/undo-journal.ts';
import type { ProcessIdentity } from '../../ports/serving/process-identity.ts';
import type { UndoEntry } from '../../schemas/diagnosis/undo-entry.ts';

export interface UndoPorts {
  readonly journal: UndoJournal;
  readonly identity: ProcessIdentity;
  readonly restore: Restore;
}

/** What became of one experiment that another program left behind. */
export interface UndoneLeftover {
  readonly key: string;
  /** `kept`: it still stands changed, and the next turn tries again. */
  readonly outcome: 'restored' | 'gone' | 'kept';
  /** One sentence, with what to do where something is kept. */
  readonly text: string;
}

/**
 * Brings back what killed experiments left changed on this node, and says what it did.
 *
 * | entry | its program | the node | done |
 * |---|---|---|---|
 * | cannot be read | - | - | kept, said |
 * | readable | runs, or is of another machine | - | left alone, not said |
 * | readable | ended | as before now | restored, entry closed |
 * | readable | ended | process or control group is gone | entry closed, said |
 * | readable | ended | cannot be brought back | kept, said |
 *
 * Never throws: what fails is kept for the next time.
 */
export async function undoLeftovers(ports: UndoPorts): Promise<readonly UndoneLeftover[]> {
  const undone: UndoneLeftover[] = [];
  for (const listed of await ports.journal.list().catch(() => [])) {
    const leftover = await undoOne(ports, listed).catch((thrown: unknown) => ({
      key: listed.key,
      outcome: 'kept' as const,
      text: `${listed.key} was not undone: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    }));
    if (leftover !== null) undone.push(leftover);
  }
  return undone;
}

async function undoOne(ports: UndoPorts, listed: ListedEntry): Promise<UndoneLeftover | null> {
  const { key } = listed;
  if ('reason' in listed) {
    const text = `${key} of the undo journal cannot be read (${listed.reason}): look at the limits of the replica, then remove the file`;
    return { key, outcome: 'kept', text };
  }
  const { entry } = listed;
  if (!(await ports.identity.isDead(entry.owner))) return null;
  const outcome = await restoreEntry(ports, entry);
  if (outcome.kind !== 'failed') await ports.journal.close(key);
  return {
    key,
    outcome: outcome.kind === 'failed' ? 'kept' : outcome.kind,
    text: `the experiment ${entry.experiment} of process ${entry.target.pid} was cut off: ${outcome.how}`,
  };
}

/** Cores belong to the process: of another process with its number nothing is changed. Limits belong to control groups, which may outlive it. */
async function restoreEntry({ identity, restore }: UndoPorts, { target, restoration }: UndoEntry) {
  if (restoration.kind === 'affinity' && (await identity.isDead(target.identity))) {
    return { kind: 'gone' as const, how: 'the process has ended, so that there is nothing to undo' };
  }
  return restore(restoration);
}
