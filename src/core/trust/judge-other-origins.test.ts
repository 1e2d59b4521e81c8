/** Evidence that a CI job sent, or that somebody signed without a key. */
import { expect, it } from 'vitest';
import type { CiIdentity } from '../access/identity.ts';
import type { EvidenceState } from '../evidence/lock/lock.ts';
import { digestOf } from '../units/digest.ts';
import { withTrust, type EvidenceOrigin } from './judge-trust.ts';
import type { CheckedBundle } from './sigstore/checked-bundle.ts';
import { findPolicyProblem, type EvidenceRule, type TrustPolicy } from './trust-policy.ts';

const state: EvidenceState = { kind: 'golden', freshness: 'fresh', verdict: 'pass', reasons: ['ok'], available: true };
const job: CiIdentity = {
  ...{ issuer: 'https://ci.example', subject: 's', repository: 'acme/digits', ref: 'refs/heads/main' },
  ...{ isRefProtected: true, isFork: null, run: null },
};
const jobs = [{ issuer: 'https://ci.example', repository: 'acme/digits', ref: 'refs/heads/main' }];
const signer = { issuer: 'https://issuer.example', subject: 'ada@example.com' };
const good: CheckedBundle = { standing: 'good', signer };
const stranger = { issuer: 'https://issuer.example', subject: 'eve@example.com' };

function judge(rule: EvidenceRule, origin: EvidenceOrigin): EvidenceState {
  const policy: TrustPolicy = { sigstoreRoot: digestOf('root'), evidenceFrom: { any: rule } };
  const trust = { policy, origins: { golden: origin }, receivedAtMs: new Map<never, number>(), nowMs: 1 };
  return withTrust([state], trust)[0] ?? state;
}

it.each<readonly [string, EvidenceRule, EvidenceOrigin]>([
  ['a job of the rule sent it', { jobs }, { signatures: [], senders: ['ci'], jobs: [job] }],
  ['also where somebody else sent it first', { jobs }, { signatures: [], senders: ['eve'], jobs: [job] }],
  ['a rule of jobs alone where nobody knows the sender', { jobs }, { signatures: [] }],
  ['an identity signed it', { sigstore: [signer] }, { signatures: [], bundles: [good] }],
  [
    'an identity by the beginning of its subject',
    { sigstore: [{ ...signer, subject: 'ada@*' }] },
    { signatures: [], bundles: [good] },
  ],
  [
    'two identities where two are asked',
    { sigstore: [signer, stranger], signatures: 2 },
    { signatures: [], bundles: [good, { standing: 'good', signer: stranger }] },
  ],
  [
    'another one signed something else beside',
    { sigstore: [signer] },
    { signatures: [], bundles: [good, { standing: 'other', signer: stranger }] },
  ],
])('counts evidence: %s', (_what, rule, origin) => {
  expect(judge(rule, origin)).toBe(state);
});

it.each<readonly [string, EvidenceRule, EvidenceOrigin, string]>([
  [
    'a job of a fork',
    { jobs },
    { signatures: [], senders: ['ci'], jobs: [{ ...job, isFork: true }] },
    'a job of acme/digits at refs/heads/main (protected, of a fork, told by ci.example) does not count: it is of a fork',
  ],
  [
    'a job of a pull request',
    { jobs },
    { signatures: [], senders: ['ci'], jobs: [{ ...job, ref: 'refs/pull/7/merge' }] },
    'refs/pull/7/merge is not refs/heads/main',
  ],
  [
    'a token with the name of the repository',
    { jobs },
    { signatures: [], senders: ['acme/digits'] },
    'sent by acme/digits',
  ],
  [
    'no bundle',
    { sigstore: [signer] },
    { signatures: [] },
    'a signature by ada@example.com (https://issuer.example): 0 count',
  ],
  [
    'another identity',
    { sigstore: [signer] },
    { signatures: [], bundles: [{ standing: 'good', signer: stranger }] },
    'eve@example.com',
  ],
  [
    'the same subject by another provider',
    { sigstore: [signer] },
    { signatures: [], bundles: [{ standing: 'good', signer: { ...signer, issuer: 'https://evil.example' } }] },
    'ada@example.com (https://evil.example) does not count',
  ],
  [
    'a bundle of other facts beside a good one',
    { sigstore: [signer] },
    { signatures: [], bundles: [good, { standing: 'other', signer }] },
    'by ada@example.com (https://issuer.example) is of other facts',
  ],
  [
    'a bundle that does not verify',
    { sigstore: [signer] },
    { signatures: [], bundles: [{ standing: 'unverified', why: 'the log differs' }] },
    'a bundle of Sigstore does not verify: the log differs',
  ],
  [
    'one identity twice where two are asked',
    { sigstore: [signer, stranger], signatures: 2 },
    { signatures: [], bundles: [good, good] },
    '1 counts',
  ],
])('leaves evidence unknown: %s', (_what, rule, origin, reason) => {
  const judged = judge(rule, origin);
  expect(judged.verdict).toBe('unknown');
  expect(judged.reasons.join('; ')).toContain(reason);
});

const pem = `-----BEGIN PUBLIC KEY-----\n${'A'.repeat(64)}\n-----END PUBLIC KEY-----\n`;

it.each<readonly [string, unknown, string | null]>([
  ['jobs alone', { evidenceFrom: { any: { jobs } } }, null],
  [
    'a job with a key of a newer version',
    { evidenceFrom: { any: { jobs: [{ ...jobs[0], sha: '1' }] } } },
    'cannot be read',
  ],
  ['identities with a root', { sigstoreRoot: digestOf('r'), evidenceFrom: { any: { sigstore: [signer] } } }, null],
  ['identities without a root', { evidenceFrom: { any: { sigstore: [signer] } } }, 'has no `sigstoreRoot`'],
  [
    'anybody as an identity',
    { sigstoreRoot: digestOf('r'), evidenceFrom: { any: { sigstore: [{ ...signer, subject: '*' }] } } },
    'cannot be read',
  ],
  ['a root by its name', { sigstoreRoot: 'public' }, 'has a root of Sigstore that is no digest'],
  [
    'keys of artifacts',
    { artifactKeys: [{ name: 'a', key: pem }], artifactsFrom: { image: { keys: ['a'] }, model: { keys: ['a'] } } },
    null,
  ],
  [
    'a private key',
    { artifactKeys: [{ name: 'a', key: pem.replaceAll('PUBLIC', 'PRIVATE') }] },
    'no public key in PEM',
  ],
  ['an artifact key that is not there', { artifactsFrom: { image: { keys: ['a'] } } }, 'names the artifact key a'],
  ['an artifact that is not known', { artifactsFrom: { chart: { keys: ['a'] } } }, 'the artifact `chart`'],
  ['a rule of artifacts that names nobody', { artifactsFrom: { image: {} } }, 'cannot be read'],
  ['a rule of artifacts with an empty list', { artifactsFrom: { image: { keys: [] } } }, 'cannot be read'],
  [
    'identities for artifacts without a root',
    { artifactsFrom: { image: { sigstore: [signer] } } },
    'has no `sigstoreRoot`',
  ],
])('reads a policy whole or not at all: %s', (_what, policy, problem) => {
  const found = findPolicyProblem(policy, []);
  if (problem === null) expect(found).toBeNull();
  else expect(found).toContain(problem);
});
