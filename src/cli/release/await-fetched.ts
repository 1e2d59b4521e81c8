import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isOpenAsk, type ReleaseAsk } from '../../core/rollout/release-ask.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { ReleaseAnswer } from '../../schemas/http/operations.ts';
import type { CliContext } from '../context.ts';
import { waitProgress } from '../../prove/progress.ts';
import { fetchedText } from '../follow/ask-text.ts';
import { followAway } from '../follow/follow-away.ts';

const pollMs = 500;

/**
 * Waits until the model of a requested release was fetched and the release was judged; tells how far it is.
 * @throws PlimsollError `release-refused` (refused), `release-cancelled` (conflict), with what the record says.
 */
export async function awaitFetched(
  context: Pick<CliContext, 'clock' | 'signal' | 'terminal'>,
  operations: Operations,
  ask: ReleaseAsk,
): Promise<ReleaseAnswer> {
  const { clock, terminal } = context;
  const { service, environment, id } = ask;
  terminal.note(ask.reason);
  const startedMs = clock.monotonicMs();
  const away = followAway(context);
  // The control plane tries as long as the place answers, or until somebody cancels: plimsoll release --cancel.
  const tell = waitProgress(context, `request ${id}:`, null);
  for (let now: ReleaseAsk | null = ask; ;) {
    if (now !== null && !isOpenAsk(now)) return settled(operations, now);
    if (now !== null) tell(stateOf(now), clock.monotonicMs() - startedMs);
    await clock.sleep(pollMs, context.signal);
    now = await away(operations.releaseAsk({ service, environment, id }));
  }
}

/** How much is there, and why it is not there yet. */
function stateOf({ reason, progress }: ReleaseAsk): string {
  return progress === null ? reason : `${fetchedText(progress)} of the model are there; ${reason}`;
}

async function settled(operations: Operations, ask: ReleaseAsk): Promise<ReleaseAnswer> {
  const { service, environment, state, release: number } = ask;
  const releases = number === null ? [] : await operations.releases(service, environment);
  const release = releases.find((candidate) => candidate.number === number);
  if (state === 'released' && release !== undefined) return { outcome: 'released', release, ask };
  throw new PlimsollError({
    code: state === 'cancelled' ? 'release-cancelled' : 'release-refused',
    category: state === 'cancelled' ? 'conflict' : 'refused',
    message: `the release became none: ${ask.reason}`,
    next: ask.next ?? nextStep(cliSteps, 'release-cancelled+release-refused'),
    details: { ask },
  });
}
