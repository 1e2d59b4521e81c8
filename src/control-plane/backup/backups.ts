import type { Backups } from '../../ports/records/backup.ts';
import { backUp } from './back-up.ts';
import type { BackupParts } from './backup-parts.ts';
import { restore } from './restore.ts';
import { verifyBackup, verifyStore } from './verify-backup.ts';

export function makeBackups(parts: BackupParts): Backups {
  return {
    backUp: (request) => backUp(parts, request),
    restore: (request) => restore(parts, request),
    verifyBackup: (folder) => verifyBackup(parts, folder),
    verifyStore: () => verifyStore(parts),
  };
}
