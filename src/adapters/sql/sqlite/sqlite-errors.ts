import { statfsSync } from 'node:fs';
import path from 'node:path';
import { PlimsollError } from '../../../core/units/errors.ts';

/** Primary result codes of SQLite (https://www.sqlite.org/rescode.html, 2025). */
const busy = 5;
const locked = 6;
const readOnly = 8;
const ioError = 10;
const corrupt = 11;
const full = 13;
const cannotOpen = 14;
const notADatabase = 26;

/** Below this, SQLite's input and output errors are taken for what they are: it cannot grow its files. */
const fullBelowBytes = 256 * 1024;

export function isBusy(thrown: unknown): boolean {
  const code = primaryCode(thrown);
  return code === busy || code === locked;
}

/** What SQLite said, in words that name the file and what to do. Anything that is not SQLite's is returned as it is. */
export function sqliteError(thrown: unknown, file: string, waitedMs = 0): unknown {
  const code = primaryCode(thrown);
  if (code === null || !(thrown instanceof Error)) return thrown;
  const fields = { details: { path: file, sqlite: code }, cause: thrown };
  switch (code) {
    case busy:
    case locked:
      return new PlimsollError({
        code: 'store-locked',
        category: 'unavailable',
        message: `another process holds the store ${file} locked; waited ${(waitedMs / 1000).toFixed(1)} s`,
        next: `see who has it open (fuser -v ${file}), end that or let it finish, then run the same command again`,
        ...fields,
      });
    case full:
      return storageFull(thrown, file);
    case corrupt:
    case notADatabase:
      return new PlimsollError({
        code: 'store-corrupt',
        category: 'corrupt',
        message: `the store ${file} is ${code === corrupt ? 'damaged' : 'not a SQLite database'} (${thrown.message})`,
        next: `bring back a copy of ${file}, or move it aside to begin with an empty store (blobs stay as they are)`,
        ...fields,
      });
    case readOnly:
    case cannotOpen:
    case ioError:
      if ((freeBytesAt(file) ?? Infinity) < fullBelowBytes) return storageFull(thrown, file);
      return new PlimsollError({
        code: 'store-unusable',
        category: 'unavailable',
        message: `cannot ${code === readOnly ? 'write to' : code === cannotOpen ? 'open' : 'use'} the store ${file} (${thrown.message})`,
        next: `let this user read and write ${file} and its folder, or name another state folder with --state`,
        ...fields,
      });
    default:
      return thrown;
  }
}

export function storageFull(cause: unknown, file: string): PlimsollError {
  const freeBytes = freeBytesAt(file);
  return new PlimsollError({
    code: 'storage-full',
    category: 'unavailable',
    message: `no space left for the store ${file} (${freeBytes === null ? 'free space unknown' : `${freeBytes} bytes free`}); nothing was written`,
    next: `free space on its file system (df -h ${path.dirname(file)}), then run the same command again`,
    details: { path: file, freeBytes },
    cause,
  });
}

/** Extended codes carry the primary one in their low byte. */
function primaryCode(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || !('errcode' in thrown)) return null;
  return typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : null;
}

function freeBytesAt(file: string): number | null {
  try {
    const stats = statfsSync(path.dirname(file));
    return stats.bavail * stats.bsize;
  } catch {
    return null;
  }
}
