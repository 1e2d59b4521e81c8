import { asPlimsollError } from '../../core/units/errors.ts';
import { waitProgress, type TellWait } from '../../prove/progress.ts';
import type { CliContext } from '../context.ts';

/** A control plane that is started again by its supervisor is away for a moment. */
const awayMs = 30_000;

/**
 * Returns what makes null of an answer that does not come because the control plane is away, and says so meanwhile. Away for
 * 30 s on end, its error is thrown.
 */
export function followAway({
  clock,
  terminal,
}: Pick<CliContext, 'clock' | 'terminal'>): <T>(asked: Promise<T>) => Promise<T | null> {
  const waiting = (): TellWait => waitProgress({ terminal }, 'the control plane is away:', awayMs);
  let [heardMs, tell] = [clock.monotonicMs(), waiting()];
  return async (asked) => {
    try {
      const answer = await asked;
      [heardMs, tell] = [clock.monotonicMs(), waiting()];
      return answer;
    } catch (thrown) {
      const { category, message } = asPlimsollError(thrown);
      const silentMs = clock.monotonicMs() - heardMs;
      if (category !== 'unavailable' || silentMs >= awayMs) throw thrown;
      tell(message, silentMs);
      return null;
    }
  };
}
