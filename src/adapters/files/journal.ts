import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { PlimsollError } from '../../core/units/errors.ts';
import { ownerOnly } from '../../ports/process/write-durably.ts';
import type { Journal, JournalEntry } from '../../ports/records/journal.ts';
import { storageError, systemCode } from './storage-errors.ts';
import { writeDurably } from './write-durably.ts';

/** Kept free on the disk beforehand: the journal is needed most where a disk is full. */
const reservedBytes = 1024 * 1024;
const padding = 0x0a;
const checksumLength = 16;

/**
 * Lines of `checksum JSON` in a file whose whole length was written when it was made, so that to append takes no space: a
 * line is written over the padding at its end, and synced. A line that a crash cut off fails its checksum and is told.
 */
export async function openFileJournal(file: string): Promise<Journal> {
  if (!(await isReserved(file))) await reserve(file);
  return {
    async append(entry) {
      try {
        const bytes = await readFile(file);
        const at = endOf(bytes);
        const json = JSON.stringify(entry);
        // A line that was cut off is ended first, so that the next one begins on its own.
        const line = Buffer.from(`${at === 0 ? '' : '\n'}${checksumOf(json)} ${json}\n`);
        if (at + line.length > bytes.length) throw journalFull(file);
        await writeAt(file, line, at);
      } catch (thrown) {
        throw await storageError(thrown, 'writing the journal', file);
      }
    },
    async read() {
      const entries: JournalEntry[] = [];
      const damaged: string[] = [];
      const text = (await readFile(file)).toString('utf8');
      for (const [index, line] of text.split('\n').entries()) {
        if (line === '') continue;
        const json = line.slice(checksumLength + 1);
        if (line.slice(0, checksumLength) === checksumOf(json)) entries.push(JSON.parse(json) as JournalEntry);
        else damaged.push(`line ${index + 1} of ${file} was cut off or changed: ${Buffer.byteLength(line)} bytes`);
      }
      return { entries, damaged };
    },
    clear: () => reserve(file),
  };
}

function checksumOf(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, checksumLength);
}

function endOf(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === padding) end -= 1;
  return end;
}

async function writeAt(file: string, bytes: Uint8Array, position: number): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    for (let done = 0; done < bytes.length;) {
      done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
    }
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function isReserved(file: string): Promise<boolean> {
  try {
    return (await readFile(file)).length >= reservedBytes;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return false;
    throw await storageError(thrown, 'reading the journal', file);
  }
}

/** An empty one in place of whatever stands there, by rename: a file that is too short holds no entry yet. */
function reserve(file: string): Promise<void> {
  const how = { doing: 'making room for the journal', mode: ownerOnly };
  return writeDurably(file, Buffer.alloc(reservedBytes, padding), how);
}

function journalFull(file: string): PlimsollError {
  return new PlimsollError({
    code: 'journal-full',
    category: 'unavailable',
    message: `the journal ${file} has no room left; nothing was done`,
    next: 'bring the store back: what is journaled is carried over into it, and the journal is empty again',
    details: { path: file },
  });
}
