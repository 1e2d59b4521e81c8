import { describe, expect, it } from 'vitest';
import { readUndoEntry, undoEntryText, type UndoEntry } from './undo-entry.ts';

const entry: UndoEntry = {
  format: 1,
  experiment: 'lifted-quota',
  owner: 'host@1:boot:10:1',
  target: { pid: 20, identity: 'host@1:boot:20:2' },
  beganAtMs: 5,
  restoration: { kind: 'limits', files: [{ file: '/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us', content: '20000' }] },
};

const withFile = (file: string, content = '20000'): string =>
  undoEntryText({ ...entry, restoration: { kind: 'limits', files: [{ file, content }] } });

describe('an entry of the undo journal', () => {
  it('reads as it was written', () => {
    expect(readUndoEntry(undoEntryText(entry))).toEqual({ entry });
    const moved: UndoEntry = {
      ...entry,
      experiment: 'other-cores',
      restoration: { kind: 'affinity', pid: 20, cpus: '0-3,8', threads: [{ tid: 21, cpus: '2' }] },
    };
    expect(readUndoEntry(undoEntryText(moved))).toEqual({ entry: moved });
  });

  it.each([
    ['no limit', '/etc/passwd'],
    ['a path that leads up', '/sys/fs/cgroup/../../etc/cpu.max'],
    ['a path that is not whole', 'cpu.max'],
    ['another file of a control group', '/sys/fs/cgroup/cpu/a/cgroup.procs'],
    ['a limit that ends processes', '/sys/fs/cgroup/a/memory.max'],
  ])('is refused with %s', (_, file) => {
    expect(readUndoEntry(withFile(file))).toHaveProperty('reason');
  });

  it('is refused with a content that is no limit, cores that are none, and text that was cut off', () => {
    expect(readUndoEntry(withFile('/sys/fs/cgroup/a/cpu.max', 'max 100000'))).toHaveProperty('entry');
    expect(readUndoEntry(withFile('/sys/fs/cgroup/a/cpu.max', '1; reboot'))).toHaveProperty('reason');
    expect(readUndoEntry(undoEntryText(entry).slice(0, -20))).toEqual({ reason: 'no JSON' });
    expect(readUndoEntry(undoEntryText(entry).replace('"format":1', '"format":2'))).toHaveProperty('reason');
  });
});
