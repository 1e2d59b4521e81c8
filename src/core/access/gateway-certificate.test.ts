import { describe, expect, it } from 'vitest';
import { judgeGatewayCertificate, type ShownCertificate } from './gateway-certificate.ts';

const fromMs = Date.UTC(2026, 0, 1);
const toMs = Date.UTC(2026, 0, 31);
const good: ShownCertificate = {
  problem: null,
  commonName: 'gateway-1',
  alternativeNames: [],
  validFromMs: fromMs,
  validToMs: toMs,
};
const judge = (shown: Partial<ShownCertificate> | null, id = 'gateway-1', nowMs = fromMs + 1) =>
  judgeGatewayCertificate(shown === null ? null : { ...good, ...shown }, id, nowMs);
const code = (...asked: Parameters<typeof judge>): string => {
  const judgement = judge(...asked);
  return judgement.accepted ? 'accepted' : judgement.code;
};

describe('judgeGatewayCertificate', () => {
  it('takes a certificate that names the gateway', () => {
    expect(judge({})).toEqual({ accepted: true });
    expect(code({ commonName: null, alternativeNames: ['DNS:other', 'DNS:gateway-1'] })).toBe('accepted');
    expect(code({ alternativeNames: ['URI:plimsoll:gateway:gateway-1'] })).toBe('accepted');
  });

  it('both ends of its time belong to it', () => {
    expect([fromMs - 1, fromMs, toMs, toMs + 1].map((nowMs) => code({}, 'gateway-1', nowMs))).toEqual([
      'client-certificate-early',
      'accepted',
      'accepted',
      'client-certificate-expired',
    ]);
    expect(judge({}, 'gateway-1', toMs + 1)).toMatchObject({
      reason: 'its certificate expired on 2026-01-31T00:00:00.000Z',
    });
  });

  it('says what is wrong', () => {
    expect(code(null)).toBe('client-certificate-missing');
    expect(judge({ problem: 'DEPTH_ZERO_SELF_SIGNED_CERT' })).toEqual({
      accepted: false,
      code: 'client-certificate-untrusted',
      reason: 'its certificate was not verified (DEPTH_ZERO_SELF_SIGNED_CERT)',
    });
    expect(judge({}, 'gateway-2')).toMatchObject({
      code: 'client-certificate-of-another',
      reason: 'its certificate is of gateway-1',
    });
    expect(judge({ commonName: null })).toMatchObject({ reason: 'its certificate is of nobody' });
  });

  it('an expired certificate above it makes a valid one no better', () => {
    expect(code({ problem: 'CERT_HAS_EXPIRED' })).toBe('client-certificate-untrusted');
    expect(code({ problem: 'CERT_HAS_EXPIRED' }, 'gateway-1', toMs + 1)).toBe('client-certificate-expired');
  });

  it('the common name counts only without alternative names', () => {
    expect(code({ alternativeNames: ['DNS:other'] })).toBe('client-certificate-of-another');
    expect(code({ alternativeNames: ['email:gateway-1'] })).toBe('client-certificate-of-another');
  });

  it.each([
    ['URI:plimsoll:gateway:plimsoll-gateway-*', 'plimsoll-gateway-7c9-x2', 'accepted'],
    ['URI:plimsoll:gateway:plimsoll-gateway-*', 'plimsoll-gateway-', 'client-certificate-of-another'],
    ['URI:plimsoll:gateway:plimsoll-gateway-*', 'plimsoll-other-1', 'client-certificate-of-another'],
    ['URI:plimsoll:gateway:*', 'gateway-1', 'client-certificate-of-another'],
    ['URI:plimsoll:gateway:g*w*', 'gateway-1', 'client-certificate-of-another'],
    ['DNS:gateway-*', 'gateway-1', 'client-certificate-of-another'],
    ['DNS:*', 'gateway-1', 'client-certificate-of-another'],
  ])('%s and the id %s: %s', (name, id, expected) => {
    expect(code({ alternativeNames: [name] }, id)).toBe(expected);
  });
});
