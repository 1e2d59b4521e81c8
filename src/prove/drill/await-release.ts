import type { Release } from '../../core/rollout/release.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { GatewayView, ServiceView } from '../../schemas/view/view.ts';
import type { ProvingPorts } from '../ports.ts';
import { waitProgress } from '../progress.ts';

/** A warm version takes well under a second; a cold one has a whole start in it. */
export const swapTimeoutMs = 900_000;
const pollMs = 20;

/**
 * Milliseconds from `startedMs` until every gateway acknowledged a routing table in which this release is live; null when
 * another release took its place, or the time is over.
 */
export async function awaitRelease(
  { clock, signal, terminal }: Pick<ProvingPorts, 'clock' | 'signal' | 'terminal'>,
  operations: Operations,
  release: Release,
  startedMs: number,
): Promise<number | null> {
  const { service, environment, number } = release;
  const tell = waitProgress({ terminal }, `drill: release ${number} is awaited:`, swapTimeoutMs);
  for (;;) {
    signal.throwIfAborted();
    const view = await orAway(operations.view(service, environment));
    const lastedMs = clock.monotonicMs() - startedMs;
    if ('away' in view) tell(view.away, lastedMs);
    else {
      if (isServing(view, number)) return lastedMs;
      if (view.deployment?.incoming !== number && view.deployment?.live !== number) return null;
      tell(stateOf(view), lastedMs);
    }
    if (lastedMs >= swapTimeoutMs) return null;
    await clock.sleep(pollMs, signal);
  }
}

/** Why the control plane does not answer. */
export interface Away {
  readonly away: string;
}

/** What was asked, or why the control plane is away: one that is being started again goes on where it was. */
export async function orAway<T>(asked: Promise<T>): Promise<T | Away> {
  try {
    return await asked;
  } catch (thrown) {
    const { category, message } = asPlimsollError(thrown);
    if (category === 'unavailable') return { away: message };
    throw thrown;
  }
}

function stateOf(view: ServiceView): string {
  const { deployment, gateways } = view;
  const starting = view.replicas.find(({ state }) => state === 'starting' || state === 'pending');
  if (deployment?.incoming !== null && starting !== undefined)
    return `a replica is ${starting.state}: ${starting.reason}`;
  if (deployment?.incoming !== null) return deployment?.reason ?? 'nothing is recorded';
  if (gateways.length === 0) return 'no gateway reports';
  const names = listBehind(view).map(({ gatewayId, address }) => `${gatewayId} at ${address}`);
  return `routed by older tables: ${names.join(', ')}`;
}

function isServing(view: ServiceView, release: number): boolean {
  return view.deployment?.live === release && isRouted(view);
}

type RoutedView = Pick<ServiceView, 'gateways' | 'routingGeneration'>;

/** True when there is a gateway, and each routes by the present table. */
export function isRouted(view: RoutedView): boolean {
  return view.gateways.length > 0 && listBehind(view).length === 0;
}

/** Returns the gateways that still route by an older table than the present one. */
export function listBehind({ gateways, routingGeneration }: RoutedView): readonly GatewayView[] {
  return gateways.filter(({ acknowledgedGeneration }) => acknowledgedGeneration < routingGeneration);
}
