/**
 * A moment in two parts: whole seconds since 1970 (or since the trace's own beginning), and the milliseconds beyond them. One
 * number would lose the last digits: at 1.7e12 ms a double has steps of 0.0002 ms, and such traces have steps of 0.0001.
 */
export interface TraceMoment {
  readonly seconds: number;
  readonly restMs: number;
}

const date = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: ?(Z|UTC|[+-]\d\d:?\d\d))?$/;

/** `2023-11-16 18:17:03.9799600`, with `T` or a blank, up to nine decimals, UTC unless it carries an offset. Null for others. */
export function readDate(text: string): TraceMoment | null {
  const match = date.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, decimals = '0', offset = 'Z'] = match;
  const daysMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // The 31st of February and the 25th hour would become other days.
  if (new Date(daysMs).getUTCDate() !== Number(day) || Number(month) > 12) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  const clockSeconds = Number(hour) * 3_600 + Number(minute) * 60 + Number(second);
  return {
    seconds: daysMs / 1_000 + clockSeconds - offsetSeconds(offset),
    restMs: Number(`0.${decimals}`) * 1_000,
  };
}

function offsetSeconds(offset: string): number {
  if (offset === 'Z' || offset === 'UTC') return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(-2));
  return (offset.startsWith('-') ? -1 : 1) * minutes * 60;
}

/** A number of seconds from 0 on, as `12`, `12.5` or `1.7e9`. Null for others. */
export function readSeconds(text: string): TraceMoment | null {
  if (!/^\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?$/.test(text)) return null;
  const value = Number(text);
  if (!(value < 1e12)) return null;
  const seconds = Math.floor(value);
  return { seconds, restMs: (value - seconds) * 1_000 };
}
