import path from 'node:path';
import { systemClock } from '../../../adapters/system/clock.ts';
import type { OpenSigstore } from '../../../ports/trust/sigstore.ts';

/**
 * The trust roots in the files of PLIMSOLL_SIGSTORE_ROOT, several with `:` between them; undefined where it is not set. What
 * verifies is loaded only then.
 */
export async function openSigstore(
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<OpenSigstore | undefined> {
  const files = (env['PLIMSOLL_SIGSTORE_ROOT'] ?? '').split(path.delimiter).filter((file) => file !== '');
  if (files.length === 0) return undefined;
  const { openSigstoreRoots } = await import('../../../adapters/sigstore/sigstore-roots.ts');
  return openSigstoreRoots(
    files.map((file) => path.resolve(cwd, file)),
    systemClock,
  );
}
