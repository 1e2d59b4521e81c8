import { expect, it } from 'vitest';
import type { Evidence } from '../evidence/lock/lock.ts';
import { canonicalJson, digestOf } from '../units/digest.ts';
import { makeEvidenceStatement, preAuthEncoding, signedBytes, statementBytes } from './evidence-statement.ts';

const evidence: Evidence = {
  kind: 'golden',
  subjects: { model: digestOf('m'), code: digestOf('c') },
  measurements: { cases: 2, reproducedCases: 2 },
  measuredAtMs: 1_700_000_000_000,
  by: 'ada',
  plimsollVersion: '1.0.0',
};
const place = { service: 'digits', environment: 'prod' };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

it('encodes as the protocol of DSSE gives it', () => {
  // The vector of protocol.md: PAE("http://example.com/HelloWorld", "hello world").
  const bytes = preAuthEncoding('http://example.com/HelloWorld', new TextEncoder().encode('hello world'));
  expect(text(bytes)).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
});

it('counts bytes and not characters', () => {
  expect(text(preAuthEncoding('é', new TextEncoder().encode('日本')))).toBe('DSSEv1 2 é 6 日本');
});

it('is an in-toto Statement v1 with the subjects of the evidence, sorted', () => {
  expect(makeEvidenceStatement(place, evidence)).toEqual({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      { name: 'code', digest: { sha256: digestOf('c').slice(7) } },
      { name: 'model', digest: { sha256: digestOf('m').slice(7) } },
    ],
    predicateType: 'https://plimsoll.dev/evidence/v1',
    predicate: {
      ...place,
      kind: 'golden',
      measurements: { cases: 2, reproducedCases: 2 },
      measuredAtMs: 1_700_000_000_000,
      by: 'ada',
      plimsollVersion: '1.0.0',
    },
  });
});

it('is the same bytes in whatever order the facts stand', () => {
  const turned: Evidence = {
    plimsollVersion: '1.0.0',
    by: 'ada',
    measuredAtMs: 1_700_000_000_000,
    measurements: { reproducedCases: 2, cases: 2 },
    subjects: { code: digestOf('c'), model: digestOf('m') },
    kind: 'golden',
  };
  expect(text(statementBytes(makeEvidenceStatement(place, turned)))).toBe(
    text(statementBytes(makeEvidenceStatement(place, evidence))),
  );
});

it.each<readonly [string, Evidence, typeof place]>([
  ['a measurement', { ...evidence, measurements: { cases: 3, reproducedCases: 2 } }, place],
  ['a subject', { ...evidence, subjects: { ...evidence.subjects, model: digestOf('other') } }, place],
  ['the date', { ...evidence, measuredAtMs: 1 }, place],
  ['who measured', { ...evidence, by: 'eve' }, place],
  ['the kind', { ...evidence, kind: 'hardware' }, place],
  ['the service', evidence, { ...place, service: 'letters' }],
  ['the environment', evidence, { ...place, environment: 'staging' }],
])('signs other bytes where %s is another', (_what, other, at) => {
  expect(text(signedBytes(at, other))).not.toBe(text(signedBytes(place, evidence)));
});

it.each([
  // Numbers and key order of RFC 8785, 3.2.2 and 3.2.3.
  [
    { numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001] },
    '{"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}',
  ],
  [
    { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 },
    '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}',
  ],
  [{ text: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/' }, '{"text":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'],
  [{ literals: [null, true, false], negativeZero: -0 }, '{"literals":[null,true,false],"negativeZero":0}'],
])('writes canonical JSON as RFC 8785 does: %#', (value, expected) => {
  expect(canonicalJson(value)).toBe(expected);
});
