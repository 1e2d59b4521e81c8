import { expect, it } from 'vitest';
import { digestOf } from '../../units/digest.ts';
import type { ArtifactPolicy } from './artifact-rule.ts';
import { findArtifactRefusals, type SeenArtifact } from './judge-artifact.ts';
import { digestOfSimpleSigning, digestsOfEnvelope } from './signed-digest.ts';

const identity = { issuer: 'https://issuer.example', subject: 'ada@example.com' };
const policy: ArtifactPolicy = {
  artifactKeys: [
    { name: 'release', key: 'PEM 1' },
    { name: 'lab', key: 'PEM 2' },
  ],
  artifactsFrom: { image: { keys: ['release'], sigstore: [identity] } },
};
const seen = (signers: Extract<SeenArtifact, { signers: unknown }>['signers']): SeenArtifact => ({
  shown: 'r.example/digits@sha256:1',
  signers,
  doubts: ['a signature is by no key of the policy'],
});

it.each<readonly [string, ArtifactPolicy, Parameters<typeof findArtifactRefusals>[1]]>([
  ['a key of the rule', policy, { image: seen([{ key: 'PEM 2' }, { key: 'PEM 1' }]) }],
  ['an identity of the rule', policy, { image: seen([{ identity }]) }],
  ['a release without an image', policy, {}],
  ['an artifact without a rule', policy, { image: seen([{ identity }]), model: { problem: 'nobody knows' } }],
  ['a policy without rules', {}, { image: { problem: 'nobody knows' } }],
])('takes %s', (_what, of, artifacts) => {
  expect(findArtifactRefusals(of, artifacts)).toEqual([]);
});

it.each<readonly [string, SeenArtifact, string, string]>([
  ['no signature', { shown: 'r', signers: [], doubts: [] }, 'artifact-not-signed', 'r: no signature counts'],
  ['a key of another rule', seen([{ key: 'PEM 2' }]), 'artifact-not-signed', 'signed by lab; a signature is by no key'],
  [
    'a key that left the policy',
    seen([{ key: 'PEM 0' }]),
    'artifact-not-signed',
    'signed by a key of an earlier policy',
  ],
  [
    'another identity',
    seen([{ identity: { ...identity, issuer: 'https://evil.example' } }]),
    'artifact-not-signed',
    'ada@example.com (https://evil.example)',
  ],
  [
    'a registry that is away',
    { problem: 'it is out of reach' },
    'artifact-unknown',
    'nobody can tell who signed the image: it is out of reach',
  ],
])('refuses %s', (_what, image, code, message) => {
  const [refusal, ...more] = findArtifactRefusals(policy, { image });
  expect(more).toEqual([]);
  expect(refusal?.code).toBe(code);
  expect(refusal?.message).toContain(message);
});

const digest = digestOf('manifest');
const simple = (over: object = {}, image: object = { 'docker-manifest-digest': digest }): string =>
  JSON.stringify({
    critical: {
      identity: { 'docker-reference': 'r.example/digits' },
      image,
      type: 'cosign container image signature',
      ...over,
    },
    optional: null,
  });

it.each<readonly [string, string, string | null]>([
  ['the digest that is signed', simple(), digest],
  ['a payload of another type', simple({ type: 'atomic container signature' }), null],
  ['a digest of another form', simple({}, { 'docker-manifest-digest': 'sha256:00' }), null],
  ['a payload without an image', JSON.stringify({ critical: { type: 'cosign container image signature' } }), null],
  ['text', 'signed', null],
  ['a list', '[]', null],
])('reads of a simple signing payload: %s', (_what, payload, expected) => {
  expect(digestOfSimpleSigning(payload)).toBe(expected);
});

const statement = (over: object = {}) => ({
  type: 'application/vnd.in-toto+json',
  text: JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    subject: [{ digest: { sha256: digest.slice(7) } }, { name: 'no digest' }],
    ...over,
  }),
});

it.each<readonly [string, ReturnType<typeof statement>, readonly string[]]>([
  ['the subject', statement(), [digest]],
  ['a scan of the same image', statement({ predicateType: 'https://cosign.sigstore.dev/attestation/vuln/v1' }), []],
  ['another statement', statement({ _type: 'https://example.com/Statement' }), []],
  ['another type of the envelope', { ...statement(), type: 'text/plain' }, []],
  ['a subject that is no list', statement({ subject: 'sha256' }), []],
])('reads of an envelope: %s', (_what, envelope, expected) => {
  expect(digestsOfEnvelope(envelope)).toEqual(expected);
});
