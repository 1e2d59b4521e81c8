import { describe, expect, it } from 'vitest';
import { costPaths, questionQuery, readQuestion } from './question.ts';

const hourMs = 3_600_000;
/** 2026-01-31T14:42:00Z */
const nowMs = Date.UTC(2026, 0, 31, 14, 42);

/** The hour that the control plane lets the account begin with, asked when its clock is off by so much. */
const beginOf = (path: string, clockAheadMs: number): string => {
  const sinceMs = Number(new URLSearchParams(path.split('?')[1]).get('sinceMs'));
  return new Date(Math.floor((nowMs + clockAheadMs - sinceMs) / hourMs) * hourMs).toISOString();
};

describe('a question', () => {
  it.each([0, -20 * 60_000, 20 * 60_000])(
    'of whole hours or days begins with a whole one, clocks %d ms apart',
    (ahead) => {
      const { bars, owners } = costPaths({ last: '24h', by: 'state' }, nowMs);
      expect(beginOf(bars, ahead)).toBe('2026-01-30T15:00:00.000Z');
      expect(beginOf(owners, ahead)).toBe('2026-01-30T15:00:00.000Z');
      expect(beginOf(costPaths({ last: '30d', by: 'state' }, nowMs).bars, ahead)).toBe('2026-01-02T00:00:00.000Z');
    },
  );

  it.each([
    [{ last: '24h', by: 'state' }, 'hour,state'],
    [{ last: '30d', by: 'service' }, 'day,service,environment'],
    [{ last: '30d', by: 'release' }, 'day,release'],
  ] as const)('%j is asked for by %s', (question, by) => {
    expect(costPaths(question, nowMs).bars).toMatch(`v1/cost?by=${by}&`);
  });

  it.each(['', '?last=30d', '?by=service', '?last=30d&by=service'])('comes back from the address %s', (query) => {
    expect(questionQuery(readQuestion(query))).toBe(query);
  });

  it('is as by default where the address says what is not known', () => {
    expect(readQuestion('?last=1y&by=colour')).toEqual({ last: '24h', by: 'state' });
  });
});
