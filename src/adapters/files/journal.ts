import { createHash } from 'node:crypto';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../../core/units/errors.ts';
import { ownerOnly } from '../../ports/process/write-durably.ts';
import {
  journalVersions,
  type DamagedLine,
  type Journal,
  type JournalEntry,
  type SettledLines,
} from '../../ports/records/journal.ts';
import { withFileLock } from './file-lock.ts';
import { storageError, systemCode } from './storage-errors.ts';
import { writeDurably } from './write-durably.ts';

/** Kept free on the disk beforehand: the journal is needed most where a disk is full. */
const reservedBytes = 1024 * 1024;
/** Of the file beside, which nobody empties: the store has what it holds as events. */
const asideBytesAtMost = 8 * 1024 * 1024;
const padding = 0x0a;
const checksumLength = 16;

/**
 * Lines of `checksum JSON` in a file whose whole length was written when it was made, so that to append takes no space: a
 * line is written over the padding at its end, and synced. A line that a crash cut off fails its checksum and is told.
 */
export async function openFileJournal(file: string): Promise<Journal> {
  // Lines are taken out by a new file in place of the old one: what another process appends meanwhile would be lost with it.
  const alone = <T>(work: () => Promise<T>): Promise<T> => withFileLock(`${file}-lock`, work);
  if (!(await isReserved(file))) {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await alone(async () => {
      if (!(await isReserved(file))) await reserve(file, []);
    });
  }
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  return {
    append: (entry) => inTurn(() => alone(() => append(file, entry))),
    read: () => inTurn(async () => readLines(file)),
    settle: (lines) => inTurn(() => alone(() => settle(file, lines))),
  };
}

async function append(file: string, entry: JournalEntry): Promise<void> {
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
}

interface Line {
  readonly number: number;
  readonly text: string;
  /** Null for a damaged line. */
  readonly entry: JournalEntry | null;
  readonly key: string;
}

async function linesOf(file: string): Promise<readonly Line[]> {
  const bytes = await readFile(file);
  const text = bytes.toString('utf8', 0, endOf(bytes));
  return text.split('\n').flatMap((line, index) => (line === '' ? [] : [lineOf(line, index + 1)]));
}

/** The checksum vouches for what stands in a line; its version, for what that means. */
function lineOf(text: string, number: number): Line {
  const json = text.slice(checksumLength + 1);
  const entry = text.slice(0, checksumLength) === checksumOf(json) ? (JSON.parse(json) as JournalEntry) : null;
  const isKnown = entry !== null && journalVersions.includes(entry.journalVersion);
  return { number, text, entry, key: isKnown ? entry.id : `line ${checksumOf(text)}` };
}

async function readLines(file: string): Promise<Awaited<ReturnType<Journal['read']>>> {
  const entries: JournalEntry[] = [];
  const damaged: DamagedLine[] = [];
  for (const line of await linesOf(file)) {
    if (line.entry !== null && line.key === line.entry.id) entries.push(line.entry);
    else damaged.push(damagedLine(file, line));
  }
  return { entries, damaged };
}

function damagedLine(file: string, { number, text, entry, key }: Line): DamagedLine {
  const named = (entry ?? {}) as Readonly<Record<string, unknown>>;
  const scope = (name: string): string | null => (typeof named[name] === 'string' ? named[name] : null);
  const why =
    entry === null
      ? `was cut off or changed: ${Buffer.byteLength(text)} bytes`
      : `is of version ${String(named['journalVersion'])} of the journal, and ${journalVersions.join(' and ')} are read here`;
  return {
    key,
    what: `line ${number} of ${file} ${why}`,
    service: scope('service'),
    environment: scope('environment'),
  };
}

async function settle(file: string, { done, aside }: SettledLines): Promise<void> {
  const lines = await linesOf(file);
  const isOut = ({ key }: Line): boolean => done.has(key) || aside.has(key);
  if (!lines.some(isOut)) return;
  await keepAside(
    `${file}-aside`,
    lines.filter(({ key }) => aside.has(key)),
  );
  await reserve(
    file,
    lines.filter((line) => !isOut(line)),
  );
}

async function keepAside(file: string, lines: readonly Line[]): Promise<void> {
  const size = (await stat(file).catch(() => null))?.size ?? 0;
  if (lines.length === 0 || size > asideBytesAtMost) return;
  const handle = await open(file, 'a', ownerOnly);
  try {
    await handle.writeFile(lines.map(({ text }) => `${text}\n`).join(''));
    await handle.datasync();
  } catch (thrown) {
    // They are kept again, whole, with the next try.
    await handle.truncate(size).catch(() => undefined);
    throw await storageError(thrown, 'keeping lines of the journal', file);
  } finally {
    await handle.close();
  }
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

/** One with these lines in place of whatever stands there, by rename: a file that is too short holds no entry yet. */
function reserve(file: string, lines: readonly Line[]): Promise<void> {
  const how = { doing: 'making room for the journal', mode: ownerOnly };
  const bytes = Buffer.alloc(reservedBytes, padding);
  bytes.write(lines.map(({ text }) => `${text}\n`).join(''));
  return writeDurably(file, bytes, how);
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
