import { rm } from 'node:fs/promises';
import path from 'node:path';
import { makeFileBlobs } from '../../adapters/files/blobs.ts';
import { makeProcessIdentity } from '../../adapters/processes/process-table/process-identity.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import type { FreshNode } from '../../ports/nodes/fresh-node.ts';
import { openConfinement } from './local/open-confinement.ts';
import { openLocalPlatform } from './open-platform.ts';

/** Blobs of its own in the state folder, so that laying out is what it is elsewhere: a link in the same file system. */
export function openFreshNode(stateFolder: string): FreshNode {
  const folder = path.join(stateFolder, 'fresh', systemRandom.hex(4));
  const blobs = makeFileBlobs({
    folder,
    identity: makeProcessIdentity(),
    clock: systemClock,
    random: systemRandom,
  });
  const platform = openLocalPlatform(stateFolder, undefined, blobs, openConfinement(stateFolder));
  return {
    platform,
    blobs,
    async remove() {
      await platform.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
