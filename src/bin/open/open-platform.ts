import path from 'node:path';
import { makeFileBlobs } from '../../adapters/files/blobs.ts';
import { writeDurably } from '../../adapters/files/write-durably.ts';
import type { Confinement } from '../../adapters/processes/confinement/confinement.ts';
import { LocalPlatform, type LocalPlatformOptions } from '../../adapters/processes/local-platform.ts';
import { makeProcessIdentity } from '../../adapters/processes/process-table/process-identity.ts';
import { makeProbeOverTls } from '../../adapters/replica-http/probe-replica.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import { ownCommand } from '../own-command.ts';
import { plimsollVersion } from '../version.ts';
import { remoteSecrets } from './local/open-remote-secrets.ts';
import { replicaTls } from './tls/open-replica-tls.ts';
import { openSimulatedDevices } from './simulated-devices.ts';
import type { PlatformChoice } from './cluster/choose-platform.ts';
import type { ClusterLog, OpenedCluster } from './cluster/open-cluster.ts';
import type { Standing } from './cluster/open-standing.ts';

export type { Standing };

/**
 * Replicas of a state folder as processes of this machine.
 * @param blobs what their files are laid out from; those of the state folder unless given.
 * @param confinement as `local/open-confinement.ts` gives it; left out by whoever starts no replicas.
 * @param startContract as `LocalPlatformOptions` says it; left out by whoever starts none, or starts one to measure it.
 */
export function openLocalPlatform(
  stateFolder: string,
  startContract?: LocalPlatformOptions['startContract'],
  blobs?: Blobs,
  confinement: Confinement | null = null,
): LocalPlatform {
  const devices = openSimulatedDevices(process.env);
  return new LocalPlatform({
    stateFolder,
    ...(devices === null ? {} : { devices }),
    blobs:
      blobs ??
      makeFileBlobs({
        folder: path.join(stateFolder, 'blobs'),
        identity: makeProcessIdentity(),
        clock: systemClock,
        random: systemRandom,
      }),
    clock: systemClock,
    random: systemRandom,
    writeDurably,
    ownCommand: ownCommand(),
    version: plimsollVersion,
    environment: process.env,
    remoteSecrets,
    probeOverTls: makeProbeOverTls(replicaTls()),
    ...(confinement === null ? {} : { confinement }),
    ...(startContract === undefined ? {} : { startContract }),
  });
}

/** As `openClusterPlatform`, loaded only where it is asked for; null for the local platform. */
export async function openCluster(
  choice: PlatformChoice,
  ...where: [stateFolder: string, log: ClusterLog, signal: AbortSignal]
): Promise<OpenedCluster | null> {
  if (choice.name === 'local') return null;
  const { openClusterPlatform } = await import('./cluster/open-cluster.ts');
  return openClusterPlatform(choice, ...where);
}

const nobodyIsLed: Standing = { standBy: () => Promise.resolve(), lead: () => Promise.resolve() };

/** In a pod that `PLIMSOLL_POD` names, what leads the Service of the installation to it; elsewhere nothing does. */
export async function openStandingOf(choice: PlatformChoice, log: ClusterLog): Promise<Standing> {
  const pod = process.env['PLIMSOLL_POD'] ?? '';
  if (choice.name === 'local' || pod === '') return nobodyIsLed;
  const { openStanding } = await import('./cluster/open-standing.ts');
  return openStanding(choice, pod, log);
}
