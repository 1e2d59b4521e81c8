import { systemClock } from '../../../adapters/system/clock.ts';
import { makeBundleSender } from '../../../adapters/http-control/send-bundle.ts';
import { requireNearVersion } from '../../../core/access/version-gap.ts';
import { makeBundleReceiver } from '../../../control-plane/bundles/receive-bundle.ts';
import type { BundleReceiver } from '../../../ports/artifacts/bundle-receiver.ts';
import type { ProvingPorts } from '../../../prove/ports.ts';
import { parseInPlace } from '../../../schemas/parse-in-place.ts';
import { runningControlPlane } from '../open-operations.ts';
import { openUploads } from '../open-state.ts';

type Parts = Pick<ProvingPorts, 'version' | 'env' | 'signal' | 'project' | 'environment' | 'blobs'>;

/**
 * Over HTTP to the control plane that runs; without one, into the blobs of the state folder.
 * @throws PlimsollError `version-too-far` (conflict) before anything is sent.
 */
export async function openBundleReceiver(parts: Parts): Promise<BundleReceiver> {
  const running = await runningControlPlane(parts);
  if (running !== null) {
    if (running.serverVersion !== null) requireNearVersion(parts.version, running.serverVersion);
    return makeBundleSender({ ...running, signal: parts.signal }, systemClock);
  }
  const [{ stateFolder }, blobs] = await Promise.all([parts.project(), parts.blobs()]);
  const uploads = await openUploads(stateFolder, blobs);
  return makeBundleReceiver({ blobs, uploads, parser: parseInPlace, clock: systemClock });
}
