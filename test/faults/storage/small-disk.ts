import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const diskBytes = 4 << 20;

/** A small file system of its own, so that it can be filled; only root may mount one. */
export function mountDisk(): string | null {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', folder], { stdio: 'pipe' });
    return folder;
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true });
    process.stderr.write(
      `skipped: cannot mount a tmpfs to fill (${String(thrown).split('\n')[0]}); run as root where mounting is allowed\n`,
    );
    return null;
  }
}

export function unmountDisk(folder: string): void {
  execFileSync('umount', [folder], { stdio: 'pipe' });
  rmSync(folder, { recursive: true, force: true });
}

/** Fills the disk to so many bytes; returns the file to remove. */
export function fill(folder: string, leaveBytes: number): string {
  const stats = statfsSync(folder);
  const filler = path.join(folder, 'filler');
  try {
    writeFileSync(filler, Buffer.alloc(Math.max(0, stats.bavail * stats.bsize - leaveBytes)));
  } catch (thrown) {
    // Somebody else writes as well: it is as full as it was to be.
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC')) throw thrown;
  }
  return filler;
}

/** Whether a disk can be mounted; where not, why is said once. */
export function tryDisk(): boolean {
  const probe = mountDisk();
  if (probe !== null) unmountDisk(probe);
  return probe !== null;
}
