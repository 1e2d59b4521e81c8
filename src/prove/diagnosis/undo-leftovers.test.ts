import { describe, expect, it } from 'vitest';
import type { Restore } from '../../ports/nodes/ablation.ts';
import type { ListedEntry, UndoJournal } from '../../ports/nodes/undo-journal.ts';
import type { Restoration, UndoEntry } from '../../schemas/diagnosis/undo-entry.ts';
import { fakeProcessIdentity } from '../../testing/fakes/fake-process-identity.ts';
import { memoryUndoJournal } from '../../testing/fakes/memory/memory-undo-journal.ts';
import { undoLeftovers } from './undo-leftovers.ts';

const affinity: Restoration = { kind: 'affinity', pid: 7, cpus: '0', threads: [{ tid: 7, cpus: '0' }] };
const limits: Restoration = { kind: 'limits', files: [{ file: '/sys/fs/cgroup/a/cpu.max', content: 'max' }] };
const entryOf = (restoration: Restoration): UndoEntry => ({
  format: 1,
  experiment: 'other-cores',
  owner: 'killed',
  target: { pid: 7, identity: 'replica' },
  beganAtMs: 0,
  restoration,
});
const restored: Restore = () => Promise.resolve({ kind: 'restored', how: 'the cores are 0 again' });
const failed: Restore = () => Promise.resolve({ kind: 'failed', how: 'it could not be written (EACCES)' });
const unused: Restore = () => Promise.reject(new Error('nothing is to be restored'));

async function undo(restoration: Restoration, dead: readonly string[], restore: Restore) {
  const journal = memoryUndoJournal();
  await journal.open(entryOf(restoration));
  const undone = await undoLeftovers({ journal, identity: fakeProcessIdentity('self', dead), restore });
  return { undone, left: await journal.list() };
}

describe('what killed experiments left', () => {
  it('is brought back, and the entry is taken out', async () => {
    const { undone, left } = await undo(affinity, ['killed'], restored);
    expect(undone).toEqual([
      {
        key: 'process-7.json',
        outcome: 'restored',
        text: 'the experiment other-cores of process 7 was cut off: the cores are 0 again',
      },
    ]);
    expect(left).toEqual([]);
  });

  it('is left alone while the program that changed it lives', async () => {
    const { undone, left } = await undo(affinity, [], unused);
    expect(undone).toEqual([]);
    expect(left).toHaveLength(1);
  });

  it('is nothing where the process has ended meanwhile, and that is said', async () => {
    const { undone, left } = await undo(affinity, ['killed', 'replica'], unused);
    expect(undone).toMatchObject([{ outcome: 'gone', text: expect.stringContaining('nothing to undo') as string }]);
    expect(left).toEqual([]);
  });

  it('is brought back for a control group whose process has ended: the group may hold others', async () => {
    const { undone } = await undo(limits, ['killed', 'replica'], restored);
    expect(undone).toMatchObject([{ outcome: 'restored' }]);
  });

  it('is kept where it cannot be brought back, and tried again', async () => {
    const { undone, left } = await undo(limits, ['killed'], failed);
    expect(undone).toMatchObject([{ outcome: 'kept' }]);
    expect(left).toHaveLength(1);
  });

  it('is kept and said where the entry cannot be read, and the others are undone all the same', async () => {
    const open: ListedEntry[] = [
      { key: 'process-8.json', reason: 'no JSON' },
      { key: 'process-7.json', entry: entryOf(affinity) },
    ];
    const closed: string[] = [];
    const journal: UndoJournal = {
      open: () => Promise.resolve(null),
      close: (key) => Promise.resolve(void closed.push(key)),
      list: () => Promise.resolve(open),
    };
    const undone = await undoLeftovers({
      journal,
      identity: fakeProcessIdentity('self', ['killed']),
      restore: restored,
    });
    expect(undone.map(({ outcome }) => outcome)).toEqual(['kept', 'restored']);
    expect(closed).toEqual(['process-7.json']);
  });
});
