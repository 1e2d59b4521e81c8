import { describe, expect, it } from 'vitest';
import { isZone, localTimeOf, momentOf, zoneOffsetMs } from './zone-time.ts';

const hourMs = 3_600_000;
const utc = (text: string): number => Date.parse(`${text}Z`);

describe('the time of a zone', () => {
  it('knows zones by their names, and nothing else', () => {
    expect(['UTC', 'Europe/Berlin', 'America/Argentina/Ushuaia'].map(isZone)).toEqual([true, true, true]);
    expect(['', 'Berlin', 'Europe/Nowhere', '+02:00', '../etc/passwd', 'a b'].map(isZone)).toEqual(
      Array<boolean>(6).fill(false),
    );
  });

  it('follows daylight saving, to the quarter of an hour', () => {
    expect(zoneOffsetMs('Europe/Berlin', utc('2026-01-15T12:00'))).toBe(hourMs);
    expect(zoneOffsetMs('Europe/Berlin', utc('2026-07-15T12:00'))).toBe(2 * hourMs);
    expect(zoneOffsetMs('Europe/Berlin', utc('2026-03-29T00:59:59.999'))).toBe(hourMs);
    expect(zoneOffsetMs('Europe/Berlin', utc('2026-03-29T01:00'))).toBe(2 * hourMs);
    expect(zoneOffsetMs('Asia/Kathmandu', utc('2026-07-15T12:00'))).toBe(5.75 * hourMs);
    // Half an hour of daylight saving, which begins at 15:30 UTC.
    expect(zoneOffsetMs('Australia/Lord_Howe', utc('2026-10-03T15:29'))).toBe(10.5 * hourMs);
    expect(zoneOffsetMs('Australia/Lord_Howe', utc('2026-10-03T15:30'))).toBe(11 * hourMs);
  });

  it('finds the moment that a clock shows', () => {
    expect(momentOf('Europe/Berlin', utc('2026-12-04T09:00'), 'first')).toBe(utc('2026-12-04T08:00'));
    expect(momentOf('UTC', utc('2026-12-04T09:00'), 'last')).toBe(utc('2026-12-04T09:00'));
  });

  it('takes the first or the last of a time that comes twice', () => {
    const twice = utc('2026-10-25T02:30');
    expect(momentOf('Europe/Berlin', twice, 'first')).toBe(utc('2026-10-25T00:30'));
    expect(momentOf('Europe/Berlin', twice, 'last')).toBe(utc('2026-10-25T01:30'));
  });

  it('moves a time that never comes by as much as clocks go forward', () => {
    const never = utc('2026-03-29T02:30');
    expect(momentOf('Europe/Berlin', never, 'first')).toBe(utc('2026-03-29T01:30'));
    expect(localTimeOf('Europe/Berlin', momentOf('Europe/Berlin', never, 'last'))).toBe(utc('2026-03-29T03:30'));
  });

  it('comes back to the same moment all through a year, in zones of all kinds', () => {
    for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
      for (let atMs = utc('2026-01-01T00:00'); atMs < utc('2027-01-01T00:00'); atMs += 5 * hourMs) {
        const localMs = localTimeOf(zone, atMs);
        const both = [momentOf(zone, localMs, 'first'), momentOf(zone, localMs, 'last')];
        expect(both).toContain(atMs);
      }
    }
  });
});
