import { describe, expect, it } from 'vitest';
import { formatSchedule, readLocalTime, readWeekly } from './schedule-text.ts';

const hintOf = (result: { readonly ok: boolean; readonly hint?: string }): string | undefined => result.hint;

describe('times of a schedule', () => {
  it('reads a date and time of a clock', () => {
    expect(readLocalTime('2026-12-04T09:00')).toEqual({ ok: true, value: Date.parse('2026-12-04T09:00Z') });
    expect(readLocalTime('2028-02-29 23:59')).toEqual({ ok: true, value: Date.parse('2028-02-29T23:59Z') });
  });

  it('refuses dates that do not exist, and says where the zone is written', () => {
    for (const text of ['2026-02-29T09:00', '2026-13-01T09:00', '2026-12-04T24:00', '2026-12-04T09:60']) {
      expect(hintOf(readLocalTime(text)), text).toMatch(/no such date or time/);
    }
    for (const text of ['2026-12-04T09:00Z', '2026-12-04T09:00+01:00', '2026-12-04T09:00:00-0500']) {
      expect(hintOf(readLocalTime(text)), text).toMatch(/zone: Europe\/Berlin/);
    }
    for (const text of ['', '2026-12-04', '09:00', 'Friday', '2026-12-04T9:00']) {
      expect(readLocalTime(text), text).toMatchObject({ ok: false });
    }
  });

  it('reads weekdays, spans and lists of them, and times over midnight', () => {
    const weekly = (text: string) => {
      const read = readWeekly(text);
      return read.ok ? [read.value.weekdays, read.value.fromMinute, read.value.untilMinute] : read;
    };
    expect(weekly('Fri 09:00-11:00')).toEqual([[4], 540, 660]);
    expect(weekly('Mon-Fri 08:30-10:00')).toEqual([[0, 1, 2, 3, 4], 510, 600]);
    expect(weekly('Sun,Sat 22:00-02:00')).toEqual([[5, 6], 1_320, 1_560]);
    expect(weekly('Sat-Mon 00:00-24:00')).toEqual([[0, 5, 6], 0, 1_440]);
  });

  it('says what is wrong with a weekly time', () => {
    expect(hintOf(readWeekly('Fry 09:00-11:00'))).toMatch(/did you mean `Fri`/);
    expect(hintOf(readWeekly('Fri 09:00-09:00'))).toMatch(/ends when it begins/);
    expect(hintOf(readWeekly('Fri 24:00-25:00'))).toMatch(/00:00 to 24:00/);
    for (const text of ['', 'Fri', 'Fri 9-11', 'Mon-Wed-Fri 09:00-11:00', '09:00-11:00']) {
      expect(readWeekly(text), text).toMatchObject({ ok: false });
    }
  });

  it('writes an entry so that it can be read again', () => {
    for (const text of ['Fri 09:00-11:00', 'Mon,Tue 22:00-02:00', 'Sun 00:00-24:00']) {
      const read = readWeekly(text);
      if (!read.ok) throw new Error(text);
      expect(formatSchedule({ when: read.value, zone: 'Europe/Berlin', replicas: 6 })).toBe(
        `${text} (Europe/Berlin): at least 6 replicas`,
      );
    }
    const when = {
      kind: 'once',
      fromLocalMs: Date.UTC(2026, 11, 4, 9),
      untilLocalMs: Date.UTC(2026, 11, 4, 11),
    } as const;
    expect(formatSchedule({ when, zone: 'UTC', ratePerSecond: 200, replicas: 1 })).toBe(
      '2026-12-04T09:00 to 2026-12-04T11:00 (UTC): 200/s, at least 1 replica',
    );
  });
});
