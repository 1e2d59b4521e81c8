import type { DataProfile } from '../../core/registry/profile/data-profile.ts';
import type { DataVersion } from '../../core/registry/model-version.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ProvingPorts } from '../ports.ts';

/** The profile of a data version; null for data that was added before profiles. @throws PlimsollError as `Blobs.read`. */
export async function storedProfile(
  context: Pick<ProvingPorts, 'blobs' | 'signal'>,
  version: DataVersion,
): Promise<DataProfile | null> {
  if (version.profile === undefined) return null;
  const bytes = await (await context.blobs()).read(version.profile, context.signal);
  const profile = JSON.parse(new TextDecoder().decode(bytes)) as DataProfile;
  if (profile.profileVersion === 1) return profile;
  throw new PlimsollError({
    code: 'profile-unknown',
    category: 'input',
    message: `the profile of ${version.name} version ${version.version} was written by another version of Plimsoll`,
    next: 'add the data again under another name, or use the Plimsoll that wrote it',
  });
}
