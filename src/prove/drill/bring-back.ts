import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Release } from '../../core/rollout/release.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { ProvingPorts } from '../ports.ts';
import { nullWhileAway, swapTimeoutMs } from './await-release.ts';

const pollAwayMs = 200;

/**
 * The release that brings the model back. While the control plane is away it asks again; what somebody else did
 * meanwhile stands.
 * @throws PlimsollError `drill-overtaken` (conflict), `drill-not-back` (unavailable).
 */
export async function bringBack(
  { clock, signal }: Pick<ProvingPorts, 'clock' | 'signal'>,
  operations: Operations,
  there: Release,
  live: Release,
  reason: string,
): Promise<Release> {
  const { service, environment } = there;
  const startedMs = clock.monotonicMs();
  for (;;) {
    const view = await operations.view(service, environment).catch(nullWhileAway);
    const current = view?.deployment?.incoming ?? view?.deployment?.live;
    if (view !== null && current !== there.number) {
      const last = (await operations.releases(service, environment)).find(({ number }) => number === current);
      // An answer that was lost on its way: the model is back already.
      if (last !== undefined && isWayBack(last, there, live, reason)) return last;
      // A way there that never arrived left the model where it was.
      if (last !== undefined && last.number === live.number) return last;
      throw overtaken(last, there);
    }
    const request = { service, environment, axis: 'model', reason, drill: true, to: live.number } as const;
    const back = view === null ? null : await operations.rollback(request).catch(nullWhileAway);
    if (back !== null) return back;
    if (clock.monotonicMs() - startedMs > swapTimeoutMs) throw notBack(there, live);
    await clock.sleep(pollAwayMs, signal);
  }
}

function isWayBack({ cause }: Release, there: Release, live: Release, reason: string): boolean {
  return (
    cause.kind === 'rollback' && cause.from === there.number && cause.to === live.number && cause.reason === reason
  );
}

function overtaken(last: Release | undefined, there: Release): PlimsollError {
  const what = last === undefined ? 'another release' : `release ${last.number} (model version ${last.model.version})`;
  return new PlimsollError({
    code: 'drill-overtaken',
    category: 'conflict',
    message: `${what} came in while the drill was at release ${there.number}, by ${last?.createdBy ?? 'somebody else'}; it stands, and nothing is recorded of the drill`,
    next: nextStep(proveSteps, 'drill-overtaken'),
  });
}

function notBack(there: Release, live: Release): PlimsollError {
  return new PlimsollError({
    code: 'drill-not-back',
    category: 'unavailable',
    message: `the control plane does not answer, and the service is left at release ${there.number} (model version ${there.model.version})`,
    next: nextStep(proveSteps, 'drill-not-back', { release: live.number }),
  });
}
