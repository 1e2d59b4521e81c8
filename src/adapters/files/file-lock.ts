import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { PlimsollError } from '../../core/units/errors.ts';

const patienceMs = 10_000;
const pollMs = 25;

/**
 * Runs the action while no other process runs one under the same lock file. The lock is SQLite's own on that file, the one
 * lock that Node has on every system which the system takes back when its holder dies.
 * @throws PlimsollError `file-locked` (overloaded) when another process holds it for ten seconds.
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

function takeLock(lockFile: string): DatabaseSync | null {
  const database = new DatabaseSync(lockFile, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch {
    database.close();
    return null;
  }
}

function fileLocked(lockFile: string): PlimsollError {
  return new PlimsollError({
    code: 'file-locked',
    category: 'overloaded',
    message: `another process has held ${lockFile} for ${patienceMs / 1_000} s`,
    next: 'run the command again when the other one is done',
  });
}
