import { spawn } from 'node:child_process';
import { mkdirSync, openSync, closeSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openFileJournal } from '../../../src/adapters/files/journal.ts';
import { makeStateFolder } from '../../../src/adapters/files/state-folder.ts';
import { writeDurably } from '../../../src/adapters/files/write-durably.ts';
import { SpoolFolder } from '../../../src/gateway/capture/spool-folder.ts';
import type { JournalEntry } from '../../../src/ports/records/journal.ts';
import { appendAnchor, readAnchors } from '../../../src/prove/audit/anchor-file.ts';
import { runCommandLine } from '../../../src/testing/rigs/command-line.ts';
import { fill, mountDisk, tryDisk, unmountDisk } from './small-disk.ts';

const canMount = tryDisk();
const pageBytes = 4_096;

/** What stands beside the store and the blobs, which disk-full.test.ts tries. */
describe.skipIf(!canMount)('a full disk under files', { timeout: 120_000 }, () => {
  let disk = '';
  beforeEach(() => {
    const mounted = mountDisk();
    if (mounted === null) throw new Error('could mount a disk before, and now not');
    disk = mounted;
  });
  afterEach(() => unmountDisk(disk));

  const full = { code: 'storage-full', category: 'unavailable' };
  const entry = (id: string): JournalEntry =>
    ({ journalVersion: 2, id, reason: 'x'.repeat(1_000) }) as unknown as JournalEntry;

  it('the journal takes entries, gives them, and forgets none while those before cannot be taken out', async () => {
    const file = path.join(disk, 'journal');
    const journal = await openFileJournal(file);
    await journal.append(entry('first'));
    const filler = fill(disk, 0);
    for (let n = 0; n < 20; n += 1) await journal.append(entry(`full ${n}`));
    expect((await journal.read()).entries).toHaveLength(21);
    const settle = { done: new Set(['first']), aside: new Set(['full 0']) };
    await expect(journal.settle(settle)).rejects.toMatchObject(full);
    expect((await journal.read()).entries).toHaveLength(21);
    await (await openFileJournal(file)).append(entry('by another process'));
    rmSync(filler);
    await journal.settle(settle);
    expect((await journal.read()).entries).toHaveLength(20);
    expect((await journal.read()).damaged).toEqual([]);
    const aside = readFileSync(`${file}-aside`, 'utf8').trimEnd().split('\n');
    expect(aside).toHaveLength(1);
    expect(aside[0]).toContain('"id":"full 0"');
  });

  it('a file that is replaced keeps its content, and nothing lies beside it', async () => {
    const file = path.join(disk, 'plimsoll.lock');
    await writeDurably(file, 'old', { doing: 'writing the lock' });
    const filler = fill(disk, 0);
    await expect(writeDurably(file, 'x'.repeat(20_000), { doing: 'writing the lock' })).rejects.toMatchObject(full);
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(disk).sort()).toEqual(['filler', 'plimsoll.lock']);
    rmSync(filler);
    await writeDurably(file, 'new', { doing: 'writing the lock' });
    expect(readFileSync(file, 'utf8')).toBe('new');
  });

  it('`init` leaves no half of a contract, and `init --force` keeps the one that was there', async () => {
    const file = path.join(disk, 'plimsoll.yaml');
    const init = (...more: readonly string[]) =>
      runCommandLine(['init', '--yes', '--service', 'digits', ...more], { cwd: disk });
    const filler = fill(disk, 0);
    const refused = await init();
    expect(refused.exit).toBe(3);
    expect(refused.err).toMatch(/no space left writing the contract/);
    expect(readdirSync(disk)).toEqual(['filler']);
    rmSync(filler);
    expect((await init()).exit).toBe(0);
    writeFileSync(file, `${readFileSync(file, 'utf8')}# by hand\n`);
    fill(disk, 0);
    expect((await init('--force')).exit).toBe(3);
    expect(readFileSync(file, 'utf8')).toMatch(/# by hand\n$/);
  });

  it('the state folder is kept out of git once there is space again', async () => {
    const folder = path.join(disk, '.plimsoll');
    const filler = fill(disk, 0);
    await makeStateFolder(folder);
    rmSync(filler);
    await makeStateFolder(folder);
    expect(readFileSync(path.join(folder, '.gitignore'), 'utf8')).toBe('*\n');
    writeFileSync(path.join(folder, '.gitignore'), 'logs\n');
    await makeStateFolder(folder);
    expect(readFileSync(path.join(folder, '.gitignore'), 'utf8')).toBe('logs\n');
  });

  it('anchors of the history that were cut off spoil none of the others', async () => {
    const file = path.join(disk, 'anchors');
    const anchor = (seq: number) => ({
      seq,
      hash: `sha256:${'ab'.repeat(32)}` as const,
      atMs: 1_700_000_000_000 + seq,
    });
    // The next line crosses a page, of which the disk has none left.
    let seq = 0;
    while (pageBytes - (seq === 0 ? 0 : statSync(file).size) > 100) await appendAnchor(file, anchor((seq += 1)));
    const filler = fill(disk, 0);
    await expect(appendAnchor(file, anchor(seq + 1))).rejects.toMatchObject({ code: 'anchor-unwritable' });
    expect(await readAnchors(file)).toHaveLength(seq);
    rmSync(filler);
    await appendAnchor(file, anchor(seq + 2));
    expect((await readAnchors(file)).map((read) => read.seq)).toEqual([
      ...Array.from({ length: seq }, (_, n) => n + 1),
      seq + 2,
    ]);
  });

  it('a spool of captured requests keeps what was whole, and goes on with space', async () => {
    const spool = new SpoolFolder(path.join(disk, 'spool'), '0'.repeat(32));
    await spool.append(Buffer.alloc(1_000, 1));
    const filler = fill(disk, 0);
    await expect(spool.append(Buffer.alloc(100_000, 2))).rejects.toThrow();
    const kept = spool.oldest;
    expect(kept?.bytes).toBe(1_000);
    rmSync(filler);
    await spool.append(Buffer.alloc(500, 3));
    await spool.close();
    expect(kept === null ? null : Buffer.from(await spool.read(kept))).toEqual(Buffer.alloc(1_000, 1));
    expect(spool.bytes).toBe(1_500);
  });

  it('a log loses lines, ends nothing, and says how many were lost', async () => {
    mkdirSync(path.join(disk, 'logs'));
    const file = path.join(disk, 'logs', 'control-plane.log');
    const log = openSync(file, 'a');
    const script = path.join(import.meta.dirname, 'log-writer.ts');
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', log] });
    closeSync(log);
    let lines = 0;
    child.stdout?.on('data', (chunk: Buffer) => (lines += chunk.toString().split('\n').length - 1));
    const more = async (count: number): Promise<void> => {
      const from = lines;
      await vi.waitFor(() => expect(lines).toBeGreaterThan(from + count), { timeout: 60_000, interval: 20 });
    };
    try {
      await more(5);
      const filler = fill(disk, 3_000);
      await more(50);
      expect(child.exitCode).toBeNull();
      rmSync(filler);
      await more(5);
      const lost = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.includes('lines of the log were lost'));
      expect(lost).toHaveLength(1);
      expect((JSON.parse(lost[0] ?? '{}') as { lost: number }).lost).toBeGreaterThan(20);
    } finally {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
  });
});
