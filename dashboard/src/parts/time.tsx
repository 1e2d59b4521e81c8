import type { ReactNode } from 'preact/compat';
import { createContext, useContext } from 'preact/compat';
import { useClock } from '../live/use-live.ts';
import { formatClock, formatMoment, isoTime, isToday, startOfDay } from './format.ts';

/** First moment of the present day: all that a time of day or a date depends on. */
const Today = createContext(0);

/** Gives all times below it the present day: they are drawn again when another day begins, and not before. */
export function Days({ children }: { readonly children: ReactNode }): ReactNode {
  return <Today.Provider value={useClock(startOfDay)}>{children}</Today.Provider>;
}

/** `exact` shows the seconds of today, for lists of things that happened just now. */
export function Time({ atMs, exact = false }: { readonly atMs: number; readonly exact?: boolean }): ReactNode {
  const todayMs = useContext(Today);
  return (
    <time dateTime={isoTime(atMs)} title={isoTime(atMs)}>
      {exact && isToday(atMs, todayMs) ? formatClock(atMs) : formatMoment(atMs, todayMs)}
    </time>
  );
}

/** An age or another text that moves with the clock. When it moves, nothing else is drawn again. */
export function ClockText({ words }: { readonly words: (nowMs: number) => string }): ReactNode {
  return useClock(words);
}
