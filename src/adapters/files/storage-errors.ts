import { access, constants, statfs } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../../core/units/errors.ts';

/**
 * What the file system refused, in words that name the path and what to do.
 *
 * | system's code | code | category |
 * |---|---|---|
 * | ENOSPC, EDQUOT | `storage-full` | unavailable |
 * | EACCES, EPERM, EROFS | `storage-denied` | unavailable |
 * | ENOTDIR, EISDIR, EEXIST, ELOOP, ENAMETOOLONG | `storage-misplaced` | input |
 * | ENOENT below a folder that may not be written | as EROFS or EACCES |
 * | EMFILE, ENFILE | `storage-busy` | overloaded |
 * | EIO and all others | `storage-failed` | unavailable |
 *
 * Anything that carries no system code is returned as it is.
 */
export async function storageError(
  thrown: unknown,
  doing: string,
  location: string,
  whyUnwritable: (location: string) => Promise<string | null> = unwritableAt,
): Promise<unknown> {
  const told = systemCode(thrown);
  if (told === null) return thrown;
  // Node says ENOENT of a folder that it cannot make on a read-only file system (mkdir, recursive).
  const code = told === 'ENOENT' ? ((await whyUnwritable(location)) ?? told) : told;
  const cause = thrown;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT': {
      const freeBytes = await freeBytesAt(location);
      const free = freeBytes === null ? 'free space unknown' : `${freeBytes} bytes free`;
      return new PlimsollError({
        code: 'storage-full',
        category: 'unavailable',
        message: `no space left ${doing} at ${location} (${code}; ${free}); nothing was stored`,
        next: `free space on the file system of ${location} (df -h shows it), then run the same command again`,
        details: { path: location, freeBytes, systemCode: code },
        cause,
      });
    }
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new PlimsollError({
        code: 'storage-denied',
        category: 'unavailable',
        message: `${code === 'EROFS' ? 'a read-only file system' : 'no permission'} ${doing} at ${location} (${code})`,
        next:
          code === 'EROFS'
            ? `mount the file system of ${location} for writing (findmnt -T shows how it is mounted), or name another state folder with --state`
            : `let this user read and write ${location}, or name another state folder with --state`,
        details: { path: location, systemCode: code },
        cause,
      });
    case 'ENOTDIR':
    case 'EISDIR':
    case 'EEXIST':
    case 'ELOOP':
    case 'ENAMETOOLONG':
      return new PlimsollError({
        code: 'storage-misplaced',
        category: 'input',
        message: `${location} is in the way ${doing} (${code})`,
        next: `move it aside, or name another state folder with --state`,
        details: { path: location, systemCode: code },
        cause,
      });
    case 'EMFILE':
    case 'ENFILE':
      return new PlimsollError({
        code: 'storage-busy',
        category: 'overloaded',
        message: `too many open files ${doing} at ${location} (${code})`,
        next: 'raise the limit of open files (ulimit -n), or try again with less running',
        details: { path: location, systemCode: code },
        cause,
      });
    default:
      return new PlimsollError({
        code: 'storage-failed',
        category: 'unavailable',
        message: `the file system failed ${doing} at ${location} (${code})`,
        next: `look at the disk that holds ${location} (dmesg, df -h)`,
        details: { path: location, systemCode: code },
        cause,
      });
  }
}

/** EROFS or EACCES where nothing may be made in the nearest folder that exists; else null. */
async function unwritableAt(location: string): Promise<string | null> {
  for (let at = location; ; at = path.dirname(at)) {
    const code = await access(at, constants.W_OK).then(
      () => null,
      (thrown: unknown) => systemCode(thrown),
    );
    if (code === 'EROFS' || code === 'EACCES') return code;
    if (code !== 'ENOENT' || at === path.dirname(at)) return null;
  }
}

export function systemCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || thrown instanceof PlimsollError || !('syscall' in thrown)) return null;
  const code = (thrown as NodeJS.ErrnoException).code;
  return typeof code === 'string' ? code : null;
}

/** Free bytes for this user on the file system of the nearest folder that exists; null when that cannot be told. */
export async function freeBytesAt(location: string): Promise<number | null> {
  for (let at = location; ; at = path.dirname(at)) {
    try {
      const stats = await statfs(at);
      return stats.bavail * stats.bsize;
    } catch {
      if (at === path.dirname(at)) return null;
    }
  }
}
