import { formatBytes } from '../core/units/quantity/quantity-bytes.ts';
import { formatElapsed } from '../core/units/quantity/quantity-duration.ts';
import type { ProvingPorts } from './ports.ts';

const firstMs = 1_000;

/**
 * Says how far a long read is: after the first second, so that whatever takes less says nothing, and then as often as the
 * news is worth it (each wait is a quarter of the time so far). Returns what to call with the bytes done so far.
 */
export function byteProgress(
  { terminal, clock }: Pick<ProvingPorts, 'terminal' | 'clock'>,
  doing: string,
  totalBytes: number,
): (doneBytes: number) => void {
  const startMs = clock.monotonicMs();
  let saidMs = startMs;
  return (doneBytes) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - saidMs < Math.max(firstMs, (nowMs - startMs) / 4)) return;
    saidMs = nowMs;
    const leftMs = ((nowMs - startMs) / Math.max(1, doneBytes)) * (totalBytes - doneBytes);
    terminal.note(
      `${doing}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}, about ${formatElapsed(leftMs)} left`,
    );
  };
}

/** The same for things whose number is not known before. */
export function countProgress(
  { terminal, clock }: Pick<ProvingPorts, 'terminal' | 'clock'>,
  doing: string,
  things: string,
): (count: number) => void {
  const startMs = clock.monotonicMs();
  let saidMs = startMs;
  return (count) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - saidMs < Math.max(firstMs, (nowMs - startMs) / 4)) return;
    saidMs = nowMs;
    terminal.note(`${doing}: ${count.toLocaleString('en-US')} ${things} so far`);
  };
}

/** The same for steps of about the same length, whose number is known before. */
export function stepProgress(
  { terminal, clock }: Pick<ProvingPorts, 'terminal' | 'clock'>,
  doing: string,
  total: number,
): (done: number) => void {
  const startMs = clock.monotonicMs();
  let saidMs = startMs;
  return (done) => {
    const nowMs = clock.monotonicMs();
    if (nowMs - saidMs < Math.max(firstMs, (nowMs - startMs) / 4)) return;
    saidMs = nowMs;
    const leftMs = ((nowMs - startMs) / Math.max(1, done)) * Math.max(0, total - done);
    terminal.note(`${doing}: ${done} of ${total}, about ${formatElapsed(leftMs)} left`);
  };
}
