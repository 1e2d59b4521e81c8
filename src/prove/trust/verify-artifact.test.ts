import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { expect, it } from 'vitest';
import { preAuthEncoding } from '../../core/trust/evidence-statement.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import type { AttachedSignature } from '../../ports/artifacts/artifact-signatures.ts';
import { verifySignatures } from './verify-artifact.ts';

const digest = digestOf('manifest');
const pemOf = (key: KeyObject): string => String(key.export({ format: 'pem', type: 'spki' }));
const pairs = {
  'P-256': generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  'P-384': generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
  ed25519: generateKeyPairSync('ed25519'),
  rsa: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
};
const weak = {
  'RSA of 1024 bits': generateKeyPairSync('rsa', { modulusLength: 1_024 }),
  secp256k1: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
};
type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

const payloadOf = (of: Digest): Buffer =>
  Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': '' },
        image: { 'docker-manifest-digest': of },
        type: 'cosign container image signature',
      },
    }),
  );
const algorithmOf = ({ privateKey }: Pair) => (privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256');
const simple = (pair: Pair, payload = payloadOf(digest)): AttachedSignature => ({
  form: 'simple',
  payload,
  signature: sign(algorithmOf(pair), payload, pair.privateKey).toString('base64'),
});
function bundle(
  pair: Pair,
  of: Digest = digest,
  predicateType = 'https://sigstore.dev/cosign/sign/v1',
): AttachedSignature {
  const payloadType = 'application/vnd.in-toto+json';
  const subject = [{ digest: { sha256: of.slice(7) } }];
  const payload = Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject, predicateType }));
  const sig = sign(algorithmOf(pair), preAuthEncoding(payloadType, payload), pair.privateKey).toString('base64');
  return {
    form: 'bundle',
    bundle: {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { publicKey: { hint: 'of a test' } },
      dsseEnvelope: { payload: payload.toString('base64'), payloadType, signatures: [{ sig }] },
    },
  };
}
const verify = (signature: AttachedSignature, pair: Pair) =>
  verifySignatures([{ digest, signatures: [signature] }], { keys: [{ name: 'release', key: pemOf(pair.publicKey) }] });

it.each(Object.entries(pairs))('verifies both forms by a key on %s', (_name, pair) => {
  for (const signature of [simple(pair), bundle(pair)])
    expect(verify(signature, pair)).toEqual({ signers: [{ key: pemOf(pair.publicKey) }], doubts: [] });
});

it.each(Object.entries(weak))('takes no %s', (_name, pair) => {
  expect(verify(simple(pair), pair)).toMatchObject({ signers: [], doubts: ['a signature is by no key of the policy'] });
});

const own = pairs['P-256'];
const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const changed = payloadOf(digestOf('another'));

it.each<readonly [string, AttachedSignature, string]>([
  ['another key', simple(other), 'a signature is by no key'],
  ['another payload under the signature', { ...simple(own), payload: changed } as AttachedSignature, 'by no key'],
  ['a payload about another image', simple(own, changed), 'a signature by release is of another artifact'],
  ['an empty signature', { ...simple(own), signature: '' } as AttachedSignature, 'by no key'],
  ['a bundle of another key', bundle(other), 'a bundle is signed by no key'],
  ['a bundle about another image', bundle(own, digestOf('another')), 'a bundle by release is no signature'],
  ['a scan of the image', bundle(own, digest, 'https://cosign.sigstore.dev/attestation/vuln/v1'), 'is no signature'],
  ['a bundle with a certificate and no root', { form: 'bundle', bundle: {} }, 'needs a trust root of Sigstore'],
])('counts nobody for %s', (_what, signature, doubt) => {
  const found = verify(signature, own);
  expect(found.signers).toEqual([]);
  expect(found.doubts).toEqual([expect.stringContaining(doubt) as string]);
});

const identity = { issuer: 'https://issuer.example', subject: 'ada@example.com' };
const envelopeOf = (of: Digest) => ({
  type: 'application/vnd.in-toto+json',
  text: JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    subject: [{ digest: { sha256: of.slice(7) } }],
  }),
});

it.each([
  ['of this image', envelopeOf(digest), [{ identity }]],
  ['of another image', envelopeOf(digestOf('another')), []],
  ['of a message', null, []],
])('takes an identity for a bundle %s', (_what, envelope, signers) => {
  const verifyBundle = () => ({ signer: identity, envelope });
  const signatures: readonly AttachedSignature[] = [{ form: 'bundle', bundle: {} }];
  expect(verifySignatures([{ digest, signatures }], { keys: [], verifyBundle }).signers).toEqual(signers);
});

it('takes a signature of the index for the image that it lists', () => {
  const index = digestOf('index');
  const manifests = [
    { digest, signatures: [] },
    { digest: index, signatures: [simple(own, payloadOf(index))] },
  ];
  const keys = [{ name: 'release', key: pemOf(own.publicKey) }];
  expect(verifySignatures(manifests, { keys }).signers).toHaveLength(1);
});
