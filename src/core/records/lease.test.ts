import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideLease, type LeaseRecord } from './lease.ts';

const record: LeaseRecord = { lease: 'l', holder: 'a', token: 4, expiresAtMs: 10_000, ttlMs: 5_000 };
const ask = { lease: 'l', holder: 'b', ttlMs: 2_000, nowMs: 9_000, holderDead: false };

describe('decideLease', () => {
  it('grants a lease that is new with the first token', () => {
    expect(decideLease(null, ask)).toEqual({
      granted: true,
      record: { lease: 'l', holder: 'b', token: 1, expiresAtMs: 11_000, ttlMs: 2_000 },
    });
  });
  it('leaves a lease with its holder until it expires', () => {
    expect(decideLease(record, ask)).toEqual({ granted: false, record });
    expect(decideLease(record, { ...ask, nowMs: 10_000 })).toMatchObject({ granted: true, record: { token: 5 } });
  });
  it('grants it again to its holder, expired or not, with the same token', () => {
    expect(decideLease(record, { ...ask, holder: 'a', nowMs: 99_000 })).toMatchObject({
      granted: true,
      record: { token: 4, expiresAtMs: 101_000 },
    });
  });
  it('does not wait for a holder that is dead, or that let go', () => {
    expect(decideLease(record, { ...ask, holderDead: true })).toMatchObject({ granted: true, record: { token: 5 } });
    expect(decideLease({ ...record, holder: null }, { ...ask, holder: 'a' })).toMatchObject({
      granted: true,
      record: { token: 5 },
    });
  });
  it('waits one ttl at most after the clock stepped backwards', () => {
    const stepped = decideLease(record, { ...ask, nowMs: 1_000 });
    expect(stepped).toEqual({ granted: false, record: { ...record, expiresAtMs: 6_000 } });
    expect(decideLease(stepped.record, { ...ask, nowMs: 6_000 }).granted).toBe(true);
  });
  it('never lets the token go back, and moves it exactly when the holder changes', () => {
    const step = fc.record({
      holder: fc.constantFrom('a', 'b', 'c'),
      nowMs: fc.integer({ min: 0, max: 50_000 }),
      ttlMs: fc.integer({ min: 1, max: 10_000 }),
      holderDead: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let now: LeaseRecord | null = null;
        for (const request of steps) {
          const next: LeaseRecord = decideLease(now, { lease: 'l', ...request }).record;
          expect(next.token).toBe((now?.token ?? 0) + (now?.holder === next.holder ? 0 : 1));
          expect(next.expiresAtMs).toBeLessThanOrEqual(Math.max(now?.expiresAtMs ?? 0, request.nowMs + request.ttlMs));
          now = next;
        }
      }),
    );
  });
});
