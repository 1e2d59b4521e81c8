import type { ReactNode } from 'preact/compat';
import { formatClock, formatMoment, isoTime, isToday } from './format.ts';

/** `exact` shows the seconds of today, for lists of things that happened just now. */
export function Time({
  atMs,
  nowMs,
  exact = false,
}: {
  readonly atMs: number;
  readonly nowMs: number;
  readonly exact?: boolean;
}): ReactNode {
  return (
    <time dateTime={isoTime(atMs)} title={isoTime(atMs)}>
      {exact && isToday(atMs, nowMs) ? formatClock(atMs) : formatMoment(atMs, nowMs)}
    </time>
  );
}
