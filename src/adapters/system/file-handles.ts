import { readFileSync } from 'node:fs';

/** Returns how many file handles this process may have open (proc(5)); null where the system does not tell, or sets no limit. */
export function readFileHandleLimit(limitsFile = '/proc/self/limits'): number | null {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync(limitsFile, 'utf8')) ?? [];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
