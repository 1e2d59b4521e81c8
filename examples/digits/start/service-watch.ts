import { setTimeout as sleep } from 'node:timers/promises';
import { serviceViewSchema } from '../../../src/schemas/http/http-view.ts';
import type { ReplicaView, ServiceView } from '../../../src/schemas/view/view.ts';

const pollMs = 50;

export async function fetchView(pageUrl: string, signal: AbortSignal): Promise<ServiceView> {
  const answer = await fetch(new URL('v1/view', pageUrl), {
    signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
  });
  if (!answer.ok) throw new Error(`the control plane answers ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
  return serviceViewSchema.parse(await answer.json());
}

/**
 * Resolves once the release is live, a replica of it is admitted and a gateway routes to it.
 * @throws Error with the control plane's reason when the release failed.
 */
export async function untilLive(pageUrl: string, release: number, signal: AbortSignal): Promise<ServiceView> {
  for (;;) {
    const view = await fetchView(pageUrl, signal);
    const { deployment } = view;
    if (view.releases.some(({ number, state }) => number === release && state === 'failed')) {
      throw new Error(deployment?.reason ?? `release ${release} failed, and no reason was given`);
    }
    if (deployment?.live === release && isRouted(view, release)) return view;
    await sleep(pollMs, undefined, { signal });
  }
}

function isRouted(view: ServiceView, release: number): boolean {
  const admitted = admittedReplica(view, release) !== undefined;
  return admitted && view.gateways.some((gateway) => gateway.acknowledgedGeneration >= view.routingGeneration);
}

/** A replica of the release that was admitted, the newest first. */
export function admittedReplica(view: ServiceView, release: number): ReplicaView | undefined {
  const model = view.releases.find(({ number }) => number === release)?.model.version;
  return view.replicas
    .filter((replica) => replica.admitted && replica.state === 'ready' && replica.modelVersion === model)
    .sort((one, other) => other.startedAtMs - one.startedAtMs)[0];
}
