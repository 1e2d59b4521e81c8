import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { EnvironmentPolicy } from '../../core/fleet/environment/environment-record.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readPolicyFile } from '../../schemas/environment/environment-file.ts';
import { sourceBounds } from '../../schemas/source/yaml-bounds.ts';
import { withSourceFile } from '../files/source-file.ts';
import type { ProvingPorts } from '../ports.ts';

/**
 * Reads the policy that `check --trust` judges by.
 * @param folder of the contract that is judged.
 * @throws PlimsollError `trust-inside` (input) for a file that the judged repository holds, by a link too;
 *   `file-missing`, `environment-invalid` (input). Nothing is judged then.
 */
export async function readTrustPolicy(
  file: { readonly location: string; readonly shown: string },
  folder: string,
  { signal }: Pick<ProvingPorts, 'signal'>,
): Promise<EnvironmentPolicy> {
  await requireOutside(file, folder);
  const bytes = await withSourceFile(file, signal, ({ source, bytes: size }) =>
    source.read(0, Math.min(size, sourceBounds.bytes + 1)),
  );
  return readPolicyFile(bytes, file.shown);
}

/** Both as they are named and where their links lead: whoever changes the repository could change either. */
async function requireOutside({ location, shown }: { location: string; shown: string }, folder: string): Promise<void> {
  const root = repositoryOf(folder);
  const roots = [root, await realpath(root).catch(() => root)];
  const places = [location, await realpath(location).catch(() => location)];
  const inside = places.some((place) => roots.some((one) => place === one || place.startsWith(one + path.sep)));
  if (!inside) return;
  throw new PlimsollError({
    code: 'trust-inside',
    category: 'input',
    message: `${shown} lies in the repository that is judged, so that the change which is judged could change it`,
    next: 'name a file outside of the checkout: one that the CI system holds, or of the protected branch',
  });
}

/** The nearest folder at or above that holds `.git`; the folder itself without one. */
function repositoryOf(folder: string): string {
  for (let at = folder; ; at = path.dirname(at)) {
    if (existsSync(path.join(at, '.git'))) return at;
    if (at === path.dirname(at)) return folder;
  }
}
