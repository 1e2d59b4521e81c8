import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UndoEntry } from '../../schemas/diagnosis/undo-entry.ts';
import { makeUndoJournal } from './undo-journal.ts';

const entryOf = (pid: number): UndoEntry => ({
  format: 1,
  experiment: 'other-cores',
  owner: 'host:boot:1:1',
  target: { pid, identity: `host:boot:${pid}:1` },
  beganAtMs: 0,
  restoration: { kind: 'affinity', pid, cpus: '0', threads: [{ tid: pid, cpus: '0' }] },
});

describe('the undo journal', () => {
  let folder: string;
  beforeEach(async () => {
    folder = path.join(await mkdtemp(path.join(tmpdir(), 'plimsoll-undo-')), 'diagnosis', 'undo');
  });
  afterEach(() => rm(path.dirname(path.dirname(folder)), { recursive: true, force: true }));

  it('has no entries without a folder, and keeps one until it is closed', async () => {
    const journal = makeUndoJournal(folder);
    expect(await journal.list()).toEqual([]);
    const key = await journal.open(entryOf(7));
    expect(key).toBe('process-7.json');
    expect(await makeUndoJournal(folder).list()).toEqual([{ key, entry: entryOf(7) }]);
    expect((await stat(path.join(folder, 'process-7.json'))).mode & 0o777).toBe(0o600);
    await journal.close(key ?? '');
    await journal.close(key ?? '');
    expect(await journal.list()).toEqual([]);
  });

  it('gives one of many programs the entry of a process, and leaves nothing else behind', async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => makeUndoJournal(folder).open(entryOf(7))));
    expect(opened.filter((key) => key !== null)).toEqual(['process-7.json']);
    expect(await readdir(folder)).toEqual(['process-7.json']);
  });

  it('tells of a file that is no entry', async () => {
    const journal = makeUndoJournal(folder);
    await journal.open(entryOf(7));
    await writeFile(path.join(folder, 'process-8.json'), '{"format":');
    expect(await journal.list()).toContainEqual({ key: 'process-8.json', reason: 'no JSON' });
    expect(await journal.list()).toHaveLength(2);
  });
});
