import { collectBlobs } from '../../../control-plane/bundles/collect-blobs.ts';
import { digestsIn } from '../../../core/bundle/bundle-names.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { makeProcessIdentity } from '../../../adapters/processes/process-table/process-identity.ts';
import type { CliContext } from '../../../cli/context.ts';
import type { CollectedBlobs } from '../../../ports/records/collected-blobs.ts';
import { readBlobsSettings, type BlobsEnv } from './blobs-settings.ts';

type Parts = Pick<CliContext, 'env' | 'clock' | 'signal' | 'project' | 'store' | 'blobs' | 'predictionIndex'>;

/** @throws PlimsollError `blobs-elsewhere` (input), and as `collectBlobs`. */
export async function collectHere(
  parts: Parts,
  request: { readonly graceMs: number; readonly dryRun: boolean },
): Promise<CollectedBlobs> {
  requireOwnStore(parts.env);
  const [project, store, blobs, predictionIndex] = await Promise.all([
    parts.project(),
    parts.store(),
    parts.blobs(),
    parts.predictionIndex(),
  ]);
  const identity = makeProcessIdentity();
  return collectBlobs({
    ...{ store, blobs, predictionIndex, clock: parts.clock, signal: parts.signal, ...request },
    lock: digestsIn(JSON.stringify(await project.lock())),
    holder: identity.self(),
    isDead: (holder) => identity.isDead(holder),
  });
}

/** Only the store that all who use these blobs record in knows which of them are named. */
export function requireOwnStore(env: BlobsEnv): void {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  if (isSet('PLIMSOLL_SERVER')) {
    throw elsewhere(
      'PLIMSOLL_SERVER names a control plane elsewhere, whose store this command cannot read',
      'run it where that control plane runs',
    );
  }
  const { place } = readBlobsSettings(env);
  if (place === null || isSet('DATABASE_URL')) return;
  throw elsewhere(
    `the blobs are in ${place}, and the records in this state folder: another state folder may name what this one does not`,
    'set DATABASE_URL to the store that all who use this bucket share',
  );
}

function elsewhere(message: string, next: string): PlimsollError {
  return new PlimsollError({ code: 'blobs-elsewhere', category: 'input', message, next });
}
