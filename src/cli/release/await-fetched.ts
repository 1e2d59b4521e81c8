import { isOpenAsk, type ReleaseAsk } from '../../core/rollout/release-ask.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { ReleaseAnswer } from '../../schemas/http/operations.ts';
import type { CliContext } from '../context.ts';

const pollMs = 500;
const tellEveryMs = 2_000;

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
  for (let now = ask; ;) {
    if (!isOpenAsk(now)) return settled(operations, now);
    if (context.clock.monotonicMs() - toldMs >= tellEveryMs && now.progress !== null) {
      toldMs = context.clock.monotonicMs();
      const { doneBytes, totalBytes } = now.progress;
      const of = totalBytes === null ? '' : ` of ${formatBytes(totalBytes)}`;
      context.terminal.note(`  ${formatBytes(doneBytes)}${of} of the model are there`);
    }
    await context.clock.sleep(pollMs, context.signal);
    now = await operations.releaseAsk(ask);
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
    next: ask.next ?? 'plimsoll history',
    details: { ask },
  });
}
