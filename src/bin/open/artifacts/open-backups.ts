import { makeBackupFolders } from '../../../adapters/files/backup/backup-folders.ts';
import { makeProcessIdentity } from '../../../adapters/processes/process-table/process-identity.ts';
import type { SqlStore } from '../../../adapters/sql/store.ts';
import type { CliContext } from '../../../cli/context.ts';
import { makeBackups } from '../../../control-plane/backup/backups.ts';
import { digestsIn } from '../../../core/bundle/bundle-names.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Backups } from '../../../ports/records/backup.ts';

type Parts = Pick<CliContext, 'env' | 'clock' | 'random' | 'terminal' | 'signal' | 'project' | 'blobs'> & {
  readonly store: () => Promise<SqlStore>;
  readonly version: string;
};

/** @throws PlimsollError `store-elsewhere` (input). */
export async function openBackups(parts: Parts): Promise<Backups> {
  const { clock, random, terminal, signal, version: plimsollVersion } = parts;
  if ((parts.env['PLIMSOLL_SERVER'] ?? '') !== '') throw storeElsewhere();
  const [project, store, blobs] = await Promise.all([parts.project(), parts.store(), parts.blobs()]);
  const identity = makeProcessIdentity();
  return makeBackups({
    ...{ store, blobs, clock, terminal, signal, plimsollVersion, rows: store.rows },
    folders: makeBackupFolders({ identity, clock, random }),
    lock: digestsIn(JSON.stringify(await project.lock())),
    holder: identity.self(),
    isDead: (holder) => identity.isDead(holder),
  });
}

function storeElsewhere(): PlimsollError {
  return new PlimsollError({
    code: 'store-elsewhere',
    category: 'input',
    message: '--server or PLIMSOLL_SERVER names a control plane elsewhere, whose store this command cannot read',
    next: 'run it where that control plane runs',
  });
}
