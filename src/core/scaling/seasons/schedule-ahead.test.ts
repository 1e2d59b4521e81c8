import { describe, expect, it } from 'vitest';
import type { ScheduleEntry } from '../../contract/schedule/schedule.ts';
import { readLocalTime, readWeekly } from '../../contract/schedule/schedule-text.ts';
import { scheduledBetween } from './schedule-ahead.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);

function weekly(text: string, zone: string, what: Partial<ScheduleEntry>): ScheduleEntry {
  const read = readWeekly(text);
  if (!read.ok) throw new Error(text);
  return { when: read.value, zone, ...what };
}

function once(from: string, until: string, zone: string, what: Partial<ScheduleEntry>): ScheduleEntry {
  const times = [from, until].map(readLocalTime).map((read) => (read.ok ? read.value : Number.NaN));
  return { when: { kind: 'once', fromLocalMs: times[0] ?? 0, untilLocalMs: times[1] ?? 0 }, zone, ...what };
}

const holdsAt = (entry: ScheduleEntry, text: string): boolean =>
  scheduledBetween([entry], utc(text), utc(text)) !== null;

describe('a schedule', () => {
  it('holds from its first moment until its end, in the time of its zone', () => {
    const launch = once('2026-12-04T09:00', '2026-12-04T11:00', 'Europe/Berlin', { ratePerSecond: 200 });
    const moments = ['2026-12-04T07:59', '2026-12-04T08:00', '2026-12-04T09:59', '2026-12-04T10:00'];
    expect(moments.map((text) => holdsAt(launch, text))).toEqual([false, true, true, false]);
  });

  it('is seen ahead as soon as it begins within the stretch', () => {
    const launch = once('2026-12-04T09:00', '2026-12-04T11:00', 'UTC', { ratePerSecond: 200 });
    const ahead = (fromMs: number) => scheduledBetween([launch], fromMs, fromMs + 300_000);
    expect(ahead(utc('2026-12-04T08:54:59'))).toBeNull();
    expect(ahead(utc('2026-12-04T08:55'))).toEqual({ ratePerSecond: 200, replicas: 0 });
  });

  it('comes again each week, by the clock through daylight saving, and over midnight', () => {
    const friday = weekly('Fri 09:00-11:00', 'Europe/Berlin', { replicas: 6 });
    // The Fridays before and after clocks went back on 2026-10-25.
    expect(['2026-10-23T07:00', '2026-10-30T08:00', '2026-10-30T07:30'].map((text) => holdsAt(friday, text))).toEqual([
      true,
      true,
      false,
    ]);
    const night = weekly('Sun 22:00-02:00', 'UTC', { replicas: 2 });
    // 2026-12-06 is a Sunday.
    const moments = ['2026-12-06T01:00', '2026-12-06T22:00', '2026-12-07T01:59', '2026-12-07T02:00'];
    expect(moments.map((text) => holdsAt(night, text))).toEqual([false, true, true, false]);
  });

  it('lasts through an hour that comes twice', () => {
    const night = once('2026-10-25T02:00', '2026-10-25T02:45', 'Europe/Berlin', { replicas: 2 });
    // 02:00 is first 00:00 UTC; 02:45 is last 01:45 UTC.
    const moments = ['2026-10-24T23:59', '2026-10-25T00:00', '2026-10-25T01:44', '2026-10-25T01:45'];
    expect(moments.map((text) => holdsAt(night, text))).toEqual([false, true, true, false]);
  });

  it('takes the most of all entries that hold', () => {
    const entries = [
      weekly('Mon-Sun 00:00-24:00', 'UTC', { ratePerSecond: 5 }),
      weekly('Fri 09:00-11:00', 'UTC', { ratePerSecond: 3, replicas: 4 }),
      weekly('Sat 09:00-11:00', 'UTC', { ratePerSecond: 900, replicas: 90 }),
    ];
    const at = utc('2026-12-04T10:00');
    expect(scheduledBetween(entries, at, at)).toEqual({ ratePerSecond: 5, replicas: 4 });
    expect(scheduledBetween([], at, at)).toBeNull();
  });
});
