import { nearest } from '../../units/nearest.ts';
import { unreadable, type Quantity } from '../../units/quantity/quantity.ts';
import type { ScheduledOnce, ScheduledWeekly, ScheduleEntry } from './schedule.ts';

export const localTimeForm = 'a date and time such as `2026-12-04T09:00`';
export const weeklyForm = 'weekdays and times such as `Fri 09:00-11:00` or `Mon-Fri 22:00-02:00`';

const weekdayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const dayMinutes = 1_440;

/** Returns the milliseconds since 1970-01-01T00:00 of the clock that `2026-12-04T09:00` is read from. */
export function readLocalTime(text: string): Quantity<number> {
  const trimmed = text.trim();
  if (/T[\d:.]+ ?(?:Z|[+-]\d{2}:?\d{2})$/.test(trimmed)) {
    return unreadable(localTimeForm, 'write the zone beside it, as `zone: Europe/Berlin`');
  }
  const match = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})$/.exec(trimmed);
  if (match === null) return unreadable(localTimeForm);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1).map(Number);
  const localMs = Date.UTC(year, month - 1, day, hour, minute);
  if (new Date(localMs).toISOString().slice(0, 16) === trimmed.replace(' ', 'T')) return { ok: true, value: localMs };
  return unreadable(localTimeForm, 'the calendar has no such date or time');
}

/** Returns a time that comes again each week: `Fri 09:00-11:00`, `Mon-Fri 08:30-10:00`, `Sat,Sun 22:00-02:00`, `Mon-Sun 00:00-24:00`. */
export function readWeekly(text: string): Quantity<ScheduledWeekly> {
  const match = /^(\S+) +(\d{2}):(\d{2}) ?- ?(\d{2}):(\d{2})$/.exec(text.trim());
  if (match === null) return unreadable(weeklyForm);
  const weekdays = readWeekdays(match[1] ?? '');
  if (!weekdays.ok) return weekdays;
  const [fromHour = 0, fromPart = 0, untilHour = 0, untilPart = 0] = match.slice(2).map(Number);
  const [fromMinute, endMinute] = [60 * fromHour + fromPart, 60 * untilHour + untilPart];
  if (fromHour > 23 || fromPart > 59 || untilPart > 59 || endMinute > dayMinutes) {
    return unreadable(weeklyForm, 'times go from 00:00 to 24:00');
  }
  if (fromMinute === endMinute) return unreadable(weeklyForm, 'it ends when it begins: a whole day is `00:00-24:00`');
  const untilMinute = endMinute > fromMinute ? endMinute : endMinute + dayMinutes;
  return { ok: true, value: { kind: 'weekly', weekdays: weekdays.value, fromMinute, untilMinute } };
}

/** Of `Fri`, `Mon-Fri`, `Sat,Sun` or `Fri-Mon`. */
function readWeekdays(text: string): Quantity<readonly number[]> {
  const weekdays = new Set<number>();
  for (const part of text.split(',')) {
    const [first = '', last = first, ...more] = part.split('-');
    const [from, until] = [readWeekday(first), readWeekday(last)];
    if (from === null || until === null || more.length > 0) {
      const meant = nearest(from === null ? first : last, [...weekdayNames]);
      return unreadable(weeklyForm, meant === null ? 'weekdays are `Mon` to `Sun`' : `did you mean \`${meant}\`?`);
    }
    for (let day = from; ; day = (day + 1) % 7) {
      weekdays.add(day);
      if (day === until) break;
    }
  }
  return { ok: true, value: [...weekdays].sort((a, b) => a - b) };
}

function readWeekday(text: string): number | null {
  const at = weekdayNames.findIndex((name) => name === text);
  return at < 0 ? null : at;
}

/** Returns an entry for people: `Fri 09:00-11:00 (Europe/Berlin): 200/s, at least 6 replicas`. */
export function formatSchedule({ when, zone, ratePerSecond, replicas }: ScheduleEntry): string {
  const what = [
    ...(ratePerSecond === undefined ? [] : [`${Number(ratePerSecond.toPrecision(4))}/s`]),
    ...(replicas === undefined ? [] : [`at least ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`]),
  ];
  return `${when.kind === 'once' ? onceText(when) : weeklyText(when)} (${zone}): ${what.join(', ')}`;
}

const localText = (localMs: number): string => new Date(localMs).toISOString().slice(0, 16);
const onceText = ({ fromLocalMs, untilLocalMs }: ScheduledOnce): string =>
  `${localText(fromLocalMs)} to ${localText(untilLocalMs)}`;

function weeklyText({ weekdays, fromMinute, untilMinute }: ScheduledWeekly): string {
  const clock = (minute: number): string =>
    `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
  const until = untilMinute > dayMinutes ? untilMinute - dayMinutes : untilMinute;
  return `${weekdays.map((day) => weekdayNames[day] ?? '').join(',')} ${clock(fromMinute)}-${clock(until)}`;
}
