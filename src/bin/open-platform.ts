import path from 'node:path';
import { makeFileBlobs } from '../adapters/files/blobs.ts';
import { LocalPlatform } from '../adapters/processes/local-platform.ts';
import { makeProcessIdentity } from '../adapters/processes/process-identity.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { systemRandom } from '../adapters/system/random.ts';
import { ownCommand } from './own-command.ts';

/** Replicas of a state folder as processes of this machine. */
export function openLocalPlatform(stateFolder: string): LocalPlatform {
  return new LocalPlatform({
    stateFolder,
    blobs: makeFileBlobs({
      folder: path.join(stateFolder, 'blobs'),
      identity: makeProcessIdentity(),
      clock: systemClock,
      random: systemRandom,
    }),
    clock: systemClock,
    random: systemRandom,
    ownCommand: ownCommand(),
    environment: process.env,
  });
}
