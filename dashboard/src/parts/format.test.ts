import { describe, expect, it } from 'vitest';
import {
  counted,
  formatAge,
  formatBarShare,
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatMoment,
  formatMs,
  formatProbability,
  formatShare,
  shortDigest,
} from './format.ts';

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [0.44, '0.4 ms'],
    [9.96, '10 ms'],
    [812.4, '812 ms'],
    [999.7, '1 s'],
    [3_240, '3.2 s'],
    [42_000, '42 s'],
    [185_000, '3 min 5 s'],
    [7_200_000, '2 h'],
    [7_500_000, '2 h 5 min'],
    [266_400_000, '3 d 2 h'],
  ])('%d ms reads %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it('never goes negative, whatever the clocks do', () => expect(formatDuration(-5_000)).toBe('0 ms'));
  it('ages are whole seconds', () => {
    expect(formatAge(900)).toBe('now');
    expect(formatAge(42_900)).toBe('42 s ago');
  });
});

describe('numbers', () => {
  it('says a dash for what is unknown, never zero', () => {
    expect(formatCount(null)).toBe('–');
    expect(formatMs(null)).toBe('–');
    expect(formatShare(null)).toBe('–');
  });
  it.each([
    [0, '0'],
    [0.42, '0.4'],
    [9.97, '10'],
    [42.4, '42'],
    [1_240, '1.2k'],
    [12_400, '12k'],
  ])('%d counts as %s', (value, text) => expect(formatCount(value)).toBe(text));
  it('keeps one decimal of small milliseconds, so that the column does not jump', () => {
    expect(formatMs(3)).toBe('3.0');
    expect(formatMs(31.2)).toBe('31');
  });
  it('does not round a near-certain probability up to certain', () => {
    expect(formatProbability(0.99996)).toBe('>99.9%');
    expect(formatProbability(1)).toBe('100.0%');
    expect(formatProbability(0.034)).toBe('3.4%');
  });
  it('is short on a bar', () =>
    expect([0.0001, 0.07, 0.9999, 1].map(formatBarShare)).toEqual(['0%', '7%', '>99%', '100%']));
  it('reads bytes in powers of a thousand', () => {
    expect(formatBytes(92_300_000)).toBe('92 MB');
    expect(formatBytes(1_500)).toBe('1.5 kB');
  });
  it('counts with a plural', () =>
    expect([counted(1, 'replica'), counted(0, 'replica')]).toEqual(['1 replica', '0 replicas']));
});

describe('times and digests', () => {
  const noon = new Date(2026, 10, 3, 12, 4, 9).getTime();
  it('reads the local clock', () => expect(formatClock(noon)).toBe('12:04:09'));
  it('leaves the day out today, and the clock out last year', () => {
    expect(formatMoment(noon, noon + 60_000)).toBe('12:04');
    expect(formatMoment(noon, noon + 3 * 86_400_000)).toBe('3 Nov 12:04');
    expect(formatMoment(noon, noon + 400 * 86_400_000)).toBe('3 Nov 2026');
  });
  it('shortens a digest to twelve digits', () =>
    expect(shortDigest(`sha256:${'3f9a'.repeat(16)}`)).toBe('3f9a3f9a3f9a'));
});
