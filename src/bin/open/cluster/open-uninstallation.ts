import { makeApiClient } from '../../../adapters/kubernetes/api/api-client.ts';
import { makeUninstallation } from '../../../adapters/kubernetes/install/uninstall.ts';
import { loadKubeconfig } from '../../../adapters/kubernetes/kubeconfig.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import type { Uninstallation } from '../../../ports/serving/installation.ts';

/** By the kubeconfig of this user and with their rights. @throws PlimsollError as `loadKubeconfig`. */
export function openUninstallation(
  place: { readonly name: string; readonly namespace: string; readonly context: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Uninstallation {
  const client = makeApiClient(loadKubeconfig({ env, context: place.context }));
  return makeUninstallation(client, place, (ms, signal) => systemClock.sleep(ms, signal));
}
