import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { PlimsollError } from '../../core/units/errors.ts';

const patienceMs = 10_000;
const pollMs = 25;

/**
 * Runs the action while no other process runs one under the same lock file. The lock is SQLite's own on that file, the one
 * lock that Node has on every system which the system takes back when its holder dies.
 * @throws PlimsollError `file-locked` (overloaded) when another process holds it for ten seconds; `lock-unusable` (unavailable).
 */
export async function withFileLock<T>(lockFile: string, action: () => Promise<T>): Promise<T> {
  const giveUpMs = performance.now() + patienceMs;
  let lock = takeLock(lockFile);
  while (lock === null) {
    if (performance.now() >= giveUpMs) throw fileLocked(lockFile);
    await delay(pollMs);
    lock = takeLock(lockFile);
  }
  try {
    return await action();
  } finally {
    lock.close();
  }
}

/** SQLite's codes for a lock that somebody else holds. */
const [busy, locked] = [5, 6];

/** Null where another process holds it. A journal in memory takes no space: locks are needed on a full disk too. */
function takeLock(lockFile: string): DatabaseSync | null {
  const database = openLock(lockFile);
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (thrown) {
    database.close();
    const code = codeOf(thrown);
    if (code === busy || code === locked) return null;
    throw lockUnusable(lockFile, thrown);
  }
}

function openLock(lockFile: string): DatabaseSync {
  try {
    return new DatabaseSync(lockFile, { timeout: 0 });
  } catch (thrown) {
    throw lockUnusable(lockFile, thrown);
  }
}

/** The primary one of an extended code. */
const codeOf = (thrown: unknown): number | null =>
  thrown instanceof Error && 'errcode' in thrown ? Number(thrown.errcode) & 0xff : null;

function lockUnusable(lockFile: string, cause: unknown): PlimsollError {
  return new PlimsollError({
    code: 'lock-unusable',
    category: 'unavailable',
    message: `the lock file ${lockFile} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
    next: 'let this user read and write that file, on a disk with space, then run the same command again',
    cause,
  });
}

function fileLocked(lockFile: string): PlimsollError {
  return new PlimsollError({
    code: 'file-locked',
    category: 'overloaded',
    message: `another process has held ${lockFile} for ${patienceMs / 1_000} s`,
    next: 'run the command again when the other one is done',
  });
}
