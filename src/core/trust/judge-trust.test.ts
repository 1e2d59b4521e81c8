import { expect, it } from 'vitest';
import { verifyEd25519 } from '../../prove/trust/ed25519.ts';
import { makeTestKey } from '../../testing/builders/trust-builders.ts';
import type { Evidence, EvidenceState } from '../evidence/lock/lock.ts';
import { digestOf } from '../units/digest.ts';
import { checkSignatures, type EvidenceSignature } from './evidence-signatures.ts';
import { withTrust, type TrustFacts } from './judge-trust.ts';
import { keyIdOf, type TrustedKey } from './signing-key.ts';
import { findPolicyProblem, type TrustPolicy } from './trust-policy.ts';

const evidence: Evidence = {
  kind: 'golden',
  subjects: { model: digestOf('m') },
  measurements: { cases: 2 },
  measuredAtMs: 1,
  by: 'ada',
  plimsollVersion: '1',
};
const place = { service: 'digits', environment: 'prod' };
const state: EvidenceState = { kind: 'golden', freshness: 'fresh', verdict: 'pass', reasons: ['ok'], available: true };
const [ci, lab, stranger] = [makeTestKey('ci'), makeTestKey('lab'), makeTestKey('stranger')];
const nowMs = 1_000_000;

interface Case {
  readonly policy?: TrustPolicy;
  readonly keys?: readonly TrustedKey[];
  readonly signatures?: readonly EvidenceSignature[];
  readonly senders?: readonly string[];
  /** When each signature was received. */
  readonly atMs?: number;
  readonly of?: Evidence;
}

function judge({
  policy,
  keys = [ci.trusted, lab.trusted],
  signatures = [],
  senders,
  atMs,
  of = evidence,
}: Case): EvidenceState {
  const checked = checkSignatures(
    { place, evidence: of, signatures, keys, otherEnvironments: ['prod', 'staging'] },
    verifyEd25519,
  );
  const trust: TrustFacts = {
    policy: { keys, evidenceFrom: { any: { keys: ['ci'] } }, ...policy },
    origins: { golden: { signatures: checked, senders } },
    receivedAtMs: new Map(atMs === undefined ? [] : checked.map(({ digest }) => [digest, atMs])),
    nowMs,
  };
  return withTrust([state], trust)[0] ?? state;
}

const signed = ci.sign(place, evidence);
const lie: EvidenceSignature = { keyId: keyIdOf(ci.trusted.key), signature: stranger.sign(place, evidence).signature };

it.each<readonly [string, Case]>([
  ['signed by a key of the rule', { signatures: [signed] }],
  ['signed twice by the same key', { signatures: [signed, signed] }],
  ['signed by an unknown key beside', { signatures: [stranger.sign(place, evidence), signed] }],
  [
    'signed by two where two are asked',
    {
      signatures: [signed, lab.sign(place, evidence)],
      policy: { evidenceFrom: { golden: { keys: ['ci', 'lab'], signatures: 2 } } },
    },
  ],
  [
    'sent by a sender of the rule',
    { senders: ['mallory', 'ci-job'], policy: { evidenceFrom: { any: { senders: ['ci-job'] } } } },
  ],
  [
    'sent by a sender, where keys would do too',
    { senders: ['ci-job'], policy: { evidenceFrom: { any: { keys: ['ci'], senders: ['ci-job'] } } } },
  ],
  [
    'a rule of senders alone where nobody knows the sender',
    { policy: { evidenceFrom: { any: { senders: ['ci-job'] } } } },
  ],
  ['a rule of another kind alone', { policy: { evidenceFrom: { hardware: { keys: ['ci'] } } } }],
  ['received before the key expired', { signatures: [signed], keys: [{ ...ci.trusted, expiresAtMs: 500 }], atMs: 499 }],
  [
    'received before the key was revoked',
    { signatures: [signed], keys: [{ ...ci.trusted, revokedAtMs: 500 }], atMs: 499 },
  ],
])('counts evidence: %s', (_what, given) => {
  expect(judge(given)).toBe(state);
});

it.each<readonly [string, Case, string]>([
  ['no signature', {}, 'the policy asks for golden evidence with a signature by ci: 0 count'],
  ['a key that is not trusted', { signatures: [stranger.sign(place, evidence)] }, 'is no key of the policy'],
  ['a key of another rule', { signatures: [lab.sign(place, evidence)] }, 'lab (ed25519:'],
  ['a key id that lies', { signatures: [lie] }, 'by ci (ed25519:'],
  [
    'two signatures, one bad',
    { signatures: [signed, { ...lab.sign(place, evidence), signature: signed.signature }] },
    'the signature of golden evidence by lab',
  ],
  ['a good one and a bad one of the same key', { signatures: [signed, lie] }, 'is wrong'],
  [
    'an edited measurement',
    { signatures: [signed], of: { ...evidence, measurements: { cases: 3 } } },
    'of other facts',
  ],
  [
    'a replay of another environment',
    { signatures: [ci.sign({ ...place, environment: 'staging' }, evidence)] },
    'is for the environment staging',
  ],
  [
    'a replay of another service',
    { signatures: [ci.sign({ ...place, service: 'letters' }, evidence)] },
    'of other facts',
  ],
  [
    'one key where two are asked',
    { signatures: [signed, signed], policy: { evidenceFrom: { any: { keys: ['ci', 'lab'], signatures: 2 } } } },
    '2 signatures by ci or lab: 1 counts',
  ],
  [
    'an expired key',
    { signatures: [signed], keys: [{ ...ci.trusted, expiresAtMs: 500 }], atMs: 500 },
    'expired on 1970-01-01T00:00:00.500Z, before its signature was received',
  ],
  [
    'a revoked key',
    { signatures: [signed], keys: [{ ...ci.trusted, revokedAtMs: 500 }], atMs: 501 },
    'was revoked on 1970-01-01T00:00:00.500Z',
  ],
  [
    'a revoked key whose signature arrives now',
    { signatures: [signed], keys: [{ ...ci.trusted, revokedAtMs: 500 }] },
    'was revoked',
  ],
  [
    'another sender',
    { senders: ['mallory'], policy: { evidenceFrom: { any: { senders: ['ci-job'] } } } },
    'sent by ci-job: sent by mallory',
  ],
  ['no sender yet', { senders: [], policy: { evidenceFrom: { any: { senders: ['ci-job'] } } } }, 'sent by nobody'],
  [
    'senders that are not known here, with keys in the rule',
    { policy: { evidenceFrom: { any: { keys: ['ci'], senders: ['ci-job'] } } } },
    'a signature by ci, or sent by ci-job',
  ],
])('leaves evidence unknown: %s', (_what, given, reason) => {
  const judged = judge(given);
  expect(judged.verdict).toBe('unknown');
  expect(judged.reasons.join('; ')).toContain(reason);
});

it('counts a key once, also where it made two signatures that are not the same', () => {
  const [checked] = checkSignatures(
    { place, evidence, signatures: [signed], keys: [ci.trusted], otherEnvironments: [] },
    verifyEd25519,
  );
  if (checked === undefined) throw new Error('nothing was checked');
  // Whoever holds a key of Ed25519 can sign a message in many ways. Both verify.
  const both = [checked, { ...checked, digest: digestOf('another signature') }];
  const trust: TrustFacts = {
    policy: { keys: [ci.trusted, lab.trusted], evidenceFrom: { any: { keys: ['ci', 'lab'], signatures: 2 } } },
    origins: { golden: { signatures: both } },
    receivedAtMs: new Map(),
    nowMs,
  };
  expect(withTrust([state], trust)[0]).toMatchObject({
    verdict: 'unknown',
    reasons: [expect.stringContaining('2 signatures by ci or lab: 1 counts')],
  });
});

it('believes nothing by a policy that cannot be read, and hides no failure', () => {
  const trust: TrustFacts = { problem: 'the policy of prod cannot be read' };
  expect(withTrust([state], trust)[0]).toMatchObject({ verdict: 'unknown', reasons: [trust.problem] });
  const failing: EvidenceState = { ...state, verdict: 'fail', reasons: ['3 of 10'] };
  expect(withTrust([failing], trust)).toEqual([failing]);
  const notAsked: EvidenceState = { ...state, freshness: 'not-asked', verdict: 'unknown' };
  expect(withTrust([notAsked], trust)).toEqual([notAsked]);
});

it.each<readonly [string, unknown, string | null]>([
  ['nothing', undefined, null],
  [
    'a whole policy',
    {
      serial: 2,
      keys: [ci.trusted],
      evidenceFrom: { any: { keys: ['ci'] } },
      longestWaiverMs: 1,
      approvers: ['ada'],
      neverWaived: [],
    },
    null,
  ],
  ['a key of a newer version', { threshold: 3 }, 'has the key `threshold`'],
  ['a kind that is not known', { evidenceFrom: { soul: { senders: ['a'] } } }, 'has a rule for `soul`'],
  ['a rule with a key of a newer version', { evidenceFrom: { any: { senders: ['a'], after: 3 } } }, 'cannot be read'],
  ['a rule that nobody meets', { evidenceFrom: { any: {} } }, "counts nobody's any evidence"],
  [
    'a key that is not there',
    { evidenceFrom: { any: { keys: ['ci'] } } },
    'names the key ci for any, and does not have it',
  ],
  [
    'more signatures than keys',
    { keys: [ci.trusted], evidenceFrom: { any: { keys: ['ci', 'ci'], signatures: 2 } } },
    'asks for 2 signatures of any evidence by 1 keys',
  ],
  ['two keys of one name', { keys: [ci.trusted, { ...lab.trusted, name: 'ci' }] }, 'has two keys with one name'],
  ['one key under two names', { keys: [ci.trusted, { ...ci.trusted, name: 'ci-2' }] }, 'has one key under two names'],
  ['a key of another algorithm', { keys: [{ name: 'ci', key: 'none:' }] }, 'has a key that is no key'],
  ['a list', [], 'is no object'],
])('reads a policy whole or not at all: %s', (_what, policy, problem) => {
  const found = findPolicyProblem(policy, ['neverWaived']);
  if (problem === null) expect(found).toBeNull();
  else expect(found).toContain(problem);
});
