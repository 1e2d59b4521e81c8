import { mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../ports/records/journal.ts';
import { openFileJournal } from './journal.ts';

describe('the journal of a state folder', () => {
  let folder = '';
  let file = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-journal-'));
    file = path.join(folder, 'state', 'journal');
  });
  afterEach(() => rm(folder, { recursive: true }));
  const entry = (id: string, reason = 'because'): JournalEntry =>
    ({ journalVersion: 2, id, reason }) as unknown as JournalEntry;
  const ids = async (): Promise<readonly string[]> =>
    (await (await openFileJournal(file)).read()).entries.map(({ id }) => id);

  it('gives back what was written, in order, to whoever opens it next', async () => {
    const journal = await openFileJournal(file);
    expect(await journal.read()).toEqual({ entries: [], damaged: [] });
    await journal.append(entry('a', 'line\nbreak \u{1F6A2}'));
    await (await openFileJournal(file)).append(entry('b'));
    expect(await ids()).toEqual(['a', 'b']);
    expect((await journal.read()).entries[0]).toEqual(entry('a', 'line\nbreak \u{1F6A2}'));
  });

  it('takes no more space to write to than it has from the beginning', async () => {
    const journal = await openFileJournal(file);
    const before = await stat(file);
    await journal.append(entry('a'));
    const after = await stat(file);
    expect([after.size, after.blocks, after.ino]).toEqual([before.size, before.blocks, before.ino]);
  });

  it('drops a line that was cut off, tells of it, and goes on after it', async () => {
    const journal = await openFileJournal(file);
    await journal.append(entry('a'));
    await journal.append(entry('b'));
    const text = (await readFile(file)).toString();
    const torn = text.trimEnd().length - 5;
    const handle = await open(file, 'r+');
    await handle.write(Buffer.alloc(5, '\n'), 0, 5, torn);
    await handle.close();
    expect(await ids()).toEqual(['a']);
    const found = await journal.read();
    expect(found.damaged).toHaveLength(1);
    expect(found.damaged[0]?.what).toContain('was cut off or changed');
    await journal.append(entry('c'));
    expect(await ids()).toEqual(['a', 'c']);
  });

  it('is cut off at every byte of its last line without losing the one before', async () => {
    const journal = await openFileJournal(file);
    await journal.append(entry('a'));
    const first = (await readFile(file)).toString().trimEnd().length;
    await journal.append(entry('b'));
    const whole = await readFile(file);
    const end = whole.toString().trimEnd().length;
    for (let cut = first; cut < end; cut += 1) {
      await writeFile(file, Buffer.concat([whole.subarray(0, cut), Buffer.alloc(whole.length - cut, '\n')]));
      const { entries, damaged } = await journal.read();
      expect(entries.map(({ id }) => id)).toEqual(['a']);
      // The line break before it is written with it: with that alone nothing was begun.
      expect(damaged.length).toBe(cut <= first + 1 ? 0 : 1);
    }
  });

  it('lets go of what is settled alone, keeps what is set aside beside it, and may be written to again', async () => {
    const journal = await openFileJournal(file);
    for (const id of ['a', 'b', 'c']) await journal.append(entry(id));
    await journal.settle({ done: new Set(['a']), aside: new Set(['b']) });
    expect(await ids()).toEqual(['c']);
    expect(await readFile(`${file}-aside`, 'utf8')).toMatch(/^[0-9a-f]{16} \{.*"id":"b".*\}\n$/);
    await journal.append(entry('d'));
    expect(await ids()).toEqual(['c', 'd']);
    await journal.settle({ done: new Set(['c', 'd']), aside: new Set() });
    expect(await ids()).toEqual([]);
  });

  it('loses nothing that is appended while other lines are taken out', async () => {
    const journal = await openFileJournal(file);
    await journal.append(entry('a'));
    await Promise.all([journal.settle({ done: new Set(['a']), aside: new Set() }), journal.append(entry('b'))]);
    expect(await ids()).toEqual(['b']);
  });

  it('tells an entry of another version from one that was cut off, with whose it is, and reads old ones', async () => {
    const journal = await openFileJournal(file);
    await journal.append({ ...entry('old'), journalVersion: 1 });
    await journal.append({ ...entry('new'), journalVersion: 3, service: 'digits', environment: 'prod' } as never);
    const { entries, damaged } = await journal.read();
    expect(entries.map(({ id }) => id)).toEqual(['old']);
    expect(damaged).toMatchObject([
      {
        what: expect.stringMatching(/line 2 of .* is of version 3 of the journal, and 1 and 2 are read here/),
        service: 'digits',
        environment: 'prod',
      },
    ]);
    await journal.settle({ done: new Set(), aside: new Set([damaged[0]!.key]) });
    expect((await journal.read()).damaged).toEqual([]);
    expect(await readFile(`${file}-aside`, 'utf8')).toContain('"id":"new"');
  });

  it('loses nothing that one process appends while another takes lines out', async () => {
    const [writer, reader] = [await openFileJournal(file), await openFileJournal(file)];
    const taken: string[] = [];
    let appending = true;
    const appends = (async () => {
      for (let index = 0; index < 50; index += 1) await writer.append(entry(`entry-${index}`));
      appending = false;
    })();
    while (appending) {
      const { entries } = await reader.read();
      await reader.settle({ done: new Set(entries.map(({ id }) => id)), aside: new Set() });
      taken.push(...entries.map(({ id }) => id));
    }
    await appends;
    expect([...taken, ...(await ids())].toSorted()).toEqual(
      Array.from({ length: 50 }, (_, index) => `entry-${index}`).toSorted(),
    );
  });

  it('refuses what has no room any more, and keeps what it has', async () => {
    const journal = await openFileJournal(file);
    await journal.append(entry('a'));
    const large = entry('large', 'x'.repeat(2_000_000));
    await expect(journal.append(large)).rejects.toMatchObject({ code: 'journal-full', category: 'unavailable' });
    expect(await ids()).toEqual(['a']);
  });

  it('that was cut short while it was made is made again', async () => {
    await openFileJournal(file);
    await truncate(file, 100);
    expect(await ids()).toEqual([]);
    expect((await stat(file)).size).toBeGreaterThan(100_000);
  });
});
