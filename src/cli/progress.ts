import { formatBytes } from '../core/units/quantity-bytes.ts';
import { formatElapsed } from '../core/units/quantity-duration.ts';
import type { CliContext } from './context.ts';

const everyMs = 1_000;

/**
 * Says how far a long read is, once a second and from the first second on, so that whatever takes less says nothing.
 * Returns what to call with the bytes done so far.
 */
export function byteProgress(
  { terminal, clock }: Pick<CliContext, 'terminal' | 'clock'>,
  doing: string,
  totalBytes: number,
): (doneBytes: number) => void {
  const startMs = clock.monotonicMs();
  let saidMs = startMs;
  return (doneBytes) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - saidMs < everyMs) return;
    saidMs = nowMs;
    const leftMs = ((nowMs - startMs) / Math.max(1, doneBytes)) * (totalBytes - doneBytes);
    terminal.note(
      `${doing}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}, about ${formatElapsed(leftMs)} left`,
    );
  };
}
