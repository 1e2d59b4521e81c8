import { nearest } from '../nearest.ts';
import { splitNumber, unreadable, type Quantity } from './quantity.ts';

export const durationForm = 'a duration such as `500ms`, `45s`, `30m`, `1h` or `7d`';

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const longNames: Readonly<Record<string, string>> = {
  sec: 's',
  secs: 's',
  second: 's',
  seconds: 's',
  min: 'm',
  mins: 'm',
  minute: 'm',
  minutes: 'm',
  hr: 'h',
  hour: 'h',
  hours: 'h',
  day: 'd',
  days: 'd',
  week: 'w',
  weeks: 'w',
};

/** Milliseconds. Units: ms, s, m (minutes), h, d (24 hours), w (7 days). */
export function readDuration(text: string): Quantity<number> {
  const parts = splitNumber(text);
  if (parts === null) return unreadable(durationForm);
  if (parts.unit === '') return unreadable(durationForm, `a unit is missing: write \`${parts.number}s\` for seconds`);
  const factor = Object.hasOwn(unitMs, parts.unit) ? unitMs[parts.unit] : undefined;
  if (factor !== undefined) return { ok: true, value: roundMs(Number(parts.number) * factor) };
  const meant = longNames[parts.unit.toLowerCase()] ?? nearest(parts.unit, Object.keys(unitMs));
  return unreadable(durationForm, meant === null ? undefined : `did you mean \`${parts.number}${meant}\`?`);
}

/** `45s`, `1h`, `7d`, `1.5s`: exactly the number, in the largest unit that needs at most one decimal. */
export function formatDuration(ms: number): string {
  for (const unit of ['w', 'd', 'h', 'm', 's'] as const) {
    const factor = unitMs[unit] ?? 1;
    const inUnit = ms / factor;
    const exact = unit === 'w' || unit === 'd' ? Number.isInteger(inUnit) : Number.isInteger(inUnit * 10);
    if (inUnit >= 1 && exact) return `${inUnit}${unit}`;
  }
  return `${round(ms, 3)}ms`;
}

/** How long ago or how long it took, for people: `350ms`, `4.2s`, `2m 13s`, `3d 4h`. */
export function formatElapsed(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  if (ms < 60_000) return `${round(ms / 1_000, 1)}s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)}m ${Math.floor((ms % 60_000) / 1_000)}s`;
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)}h ${Math.floor((ms % 3_600_000) / 60_000)}m`;
  return `${Math.floor(ms / 86_400_000)}d ${Math.floor((ms % 86_400_000) / 3_600_000)}h`;
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
/** Sub-millisecond budgets are kept to the microsecond, so that `0.5ms` is not lost. */
const roundMs = (ms: number): number => round(ms, 3);
