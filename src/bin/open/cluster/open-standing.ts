import { makeApiClient } from '../../../adapters/kubernetes/api/api-client.ts';
import { loadKubeconfig, namespaceOf } from '../../../adapters/kubernetes/kubeconfig.ts';
import { LeaseLabel } from '../../../adapters/kubernetes/lease-label.ts';
import { systemClock } from '../../../adapters/system/clock.ts';
import { asPlimsollError } from '../../../core/units/errors.ts';
import type { ClusterChoice } from './choose-platform.ts';
import type { ClusterLog } from './open-cluster.ts';

const retryEveryMs = 1_000;
/** Somebody may change the label of a pod, and a control plane that was suspended may have written it late. */
const assureEveryMs = 10_000;

/** Whether the Service of an installation leads to this pod. */
export interface Standing {
  /** Resolves once the Service does not lead here, however often it has to be tried. Rejects when aborted. */
  standBy(signal: AbortSignal): Promise<void>;
  /** Leads the Service here alone while the lease is held, until it is aborted. */
  lead(isHeld: () => boolean, signal: AbortSignal): Promise<void>;
}

/** @param pod the pod of this process. @throws PlimsollError as `loadKubeconfig`. */
export function openStanding(choice: ClusterChoice, pod: string, log: ClusterLog): Standing {
  const config = loadKubeconfig({ env: process.env, context: choice.context });
  const { installation, namespace = namespaceOf(config) } = choice;
  const label = new LeaseLabel(makeApiClient(config), { namespace, name: pod, installation });
  let told = '';
  /** Each reason is told once. */
  const tried = async (work: Promise<void>, signal: AbortSignal): Promise<boolean> => {
    try {
      await work;
      told = '';
      return true;
    } catch (thrown) {
      signal.throwIfAborted();
      const { message } = asPlimsollError(thrown);
      if (message !== told) log.warn({ pod, message }, 'the label of the pod with the lease could not be written');
      told = message;
      return false;
    }
  };
  return {
    async standBy(signal) {
      while (!(await tried(label.drop(signal), signal))) await systemClock.sleep(retryEveryMs, signal);
    },
    async lead(isHeld, signal) {
      while (!signal.aborted) {
        const done = !isHeld() || (await tried(label.hold(signal), signal).catch(() => false));
        await systemClock.sleep(done ? assureEveryMs : retryEveryMs, signal).catch(() => undefined);
      }
    },
  };
}
