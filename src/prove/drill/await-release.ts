import type { Release } from '../../core/rollout/release.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { GatewayView, ServiceView } from '../../schemas/view/view.ts';
import type { ProvingPorts } from '../ports.ts';

/** A warm version takes well under a second; a cold one has a whole start in it. */
export const swapTimeoutMs = 900_000;
const pollMs = 20;

/**
 * Milliseconds from `startedMs` until every gateway acknowledged a routing table in which this release is live; null when
 * another release took its place, or the time is over.
 */
export async function awaitRelease(
  { clock, signal }: Pick<ProvingPorts, 'clock' | 'signal'>,
  operations: Operations,
  release: Release,
  startedMs: number,
): Promise<number | null> {
  while (clock.monotonicMs() - startedMs < swapTimeoutMs) {
    signal.throwIfAborted();
    const view = await operations.view(release.service, release.environment).catch(nullWhileAway);
    if (view !== null && isServing(view, release.number)) return clock.monotonicMs() - startedMs;
    if (view !== null && view.deployment?.incoming !== release.number && view.deployment?.live !== release.number)
      return null;
    await clock.sleep(pollMs, signal);
  }
  return null;
}

/** A control plane that is being started again is away for a moment, and goes on where it was. */
export function nullWhileAway(thrown: unknown): null {
  if (asPlimsollError(thrown).category === 'unavailable') return null;
  throw thrown;
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
