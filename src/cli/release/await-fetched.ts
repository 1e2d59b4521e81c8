import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isOpenAsk, type ReleaseAsk } from '../../core/rollout/release-ask.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { ReleaseAnswer } from '../../schemas/http/operations.ts';
import type { CliContext } from '../context.ts';
import { fetchedText } from '../follow/ask-text.ts';

const pollMs = 500;
const tellEveryMs = 2_000;
/** A control plane that is started again by its supervisor is away for a moment. */
const awayMs = 30_000;

/**
 * Waits until the model of a requested release was fetched and the release was judged; tells how far it is.
 * @throws PlimsollError `release-refused` (refused), `release-cancelled` (conflict), with what the record says.
 */
export async function awaitFetched(
  context: Pick<CliContext, 'clock' | 'signal' | 'terminal'>,
  operations: Operations,
  ask: ReleaseAsk,
): Promise<ReleaseAnswer> {
  context.terminal.note(ask.reason);
  let toldMs = context.clock.monotonicMs();
  let heardMs = toldMs;
  let told = '';
  for (let now = ask; ;) {
    if (!isOpenAsk(now)) return settled(operations, now);
    const text = tellingOf(ask, now);
    if (text !== told && context.clock.monotonicMs() - toldMs >= tellEveryMs) {
      toldMs = context.clock.monotonicMs();
      told = text;
      context.terminal.note(text);
    }
    await context.clock.sleep(pollMs, context.signal);
    const read = await readAsk(operations, ask, context.clock.monotonicMs() - heardMs);
    if (read === null) continue;
    heardMs = context.clock.monotonicMs();
    now = read;
  }
}

/** How much is there, or why it is tried again; nothing before that is known. */
function tellingOf(ask: ReleaseAsk, { reason, progress }: ReleaseAsk): string {
  if (reason !== ask.reason) return `  ${reason}`;
  if (progress === null) return '';
  return `  ${fetchedText(progress)} of the model are there`;
}

/** Null while the control plane does not answer, which may be started again by its supervisor. */
async function readAsk(operations: Operations, ask: ReleaseAsk, silentMs: number): Promise<ReleaseAsk | null> {
  try {
    const { service, environment, id } = ask;
    return await operations.releaseAsk({ service, environment, id });
  } catch (thrown) {
    if (asPlimsollError(thrown).category === 'unavailable' && silentMs < awayMs) return null;
    throw thrown;
  }
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
