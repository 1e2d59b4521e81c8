import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Release } from '../../core/rollout/release.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { ProvingPorts } from '../ports.ts';
import { waitProgress } from '../progress.ts';
import { swapTimeoutMs, orAway } from './await-release.ts';

const pollAwayMs = 200;

/**
 * The release that brings the model back. While the control plane is away it asks again; what somebody else did
 * meanwhile stands.
 * @throws PlimsollError `drill-overtaken` (conflict), `drill-not-back` (unavailable).
 */
export async function bringBack(
  { clock, signal, terminal }: Pick<ProvingPorts, 'clock' | 'signal' | 'terminal'>,
  operations: Operations,
  there: Release,
  live: Release,
  reason: string,
): Promise<Release> {
  const { service, environment } = there;
  const startedMs = clock.monotonicMs();
  const tell = waitProgress({ terminal }, 'drill: the way back waits for the control plane:', swapTimeoutMs);
  for (;;) {
    const view = await orAway(operations.view(service, environment));
    const current = 'away' in view ? undefined : (view.deployment?.incoming ?? view.deployment?.live);
    if (!('away' in view) && current !== there.number) {
      const last = (await operations.releases(service, environment)).find(({ number }) => number === current);
      // An answer that was lost on its way: the model is back already.
      if (last !== undefined && isWayBack(last, there, live, reason)) return last;
      // A way there that never arrived left the model where it was.
      if (last !== undefined && last.number === live.number) return last;
      throw overtaken(last, there);
    }
    const request = { service, environment, axis: 'model', reason, drill: true, to: live.number } as const;
    const back = 'away' in view ? view : await orAway(operations.rollback(request));
    if (!('away' in back)) return back;
    const lastedMs = clock.monotonicMs() - startedMs;
    if (lastedMs > swapTimeoutMs) throw notBack(there, live, back.away);
    tell(back.away, lastedMs);
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

function notBack(there: Release, live: Release, away: string): PlimsollError {
  return new PlimsollError({
    code: 'drill-not-back',
    category: 'unavailable',
    message: `the control plane does not answer (${away}), and the service is left at release ${there.number} (model version ${there.model.version})`,
    next: nextStep(proveSteps, 'drill-not-back', { release: live.number }),
  });
}
