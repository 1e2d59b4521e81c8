import { createHash } from 'node:crypto';

/** A file that a process has mapped. */
export interface MappedFile {
  readonly path: string;
  /** Device and inode: another file under the same name has others. */
  readonly id: string;
  readonly isCode: boolean;
  readonly isDeleted: boolean;
}

/** Libraries that a process loads when it first needs them, and that compute nothing. */
const lateLibraries = /^(?:libnss|libresolv|libgcc_s)/;

/** Of proc_pid_maps(5). */
export function parseMaps(text: string): readonly MappedFile[] {
  return text.split('\n').flatMap((line) => {
    const parsed = /^\S+ (\S{4}) \S+ (\S+) (\d+) +(\/.*)$/.exec(line);
    if (parsed === null) return [];
    const [, permissions = '', device = '', inode = '', name = ''] = parsed;
    const isDeleted = name.endsWith(' (deleted)');
    const path = isDeleted ? name.slice(0, -' (deleted)'.length) : name;
    return [{ path, id: `${device}:${inode}`, isCode: permissions.includes('x'), isDeleted }];
  });
}

/** One text for all that computes in a process: its program, its libraries, and what stands below them. */
export function fingerprintOf(mapped: readonly MappedFile[], below: readonly string[]): string | null {
  const code = mapped
    .filter(({ isCode, path }) => isCode && !lateLibraries.test(path.slice(path.lastIndexOf('/') + 1)))
    .map(({ path, id }) => `${path} ${id}`);
  if (code.length === 0) return null;
  const parts = [...new Set(code)].sort();
  return createHash('sha256')
    .update(JSON.stringify([parts, below]))
    .digest('hex')
    .slice(0, 12);
}
