/** Bundles of the public instance of Sigstore: `test/fixtures/sigstore/README.md` names where each is from. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkBundle, type VerifyBundle } from '../../core/trust/sigstore/checked-bundle.ts';
import { digestOfBytes } from '../../core/units/digest.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { makeTestSigstore, type BundleJson } from '../../testing/sigstore/test-sigstore.ts';
import { openSigstoreRoots } from './sigstore-roots.ts';

const fileOf = (name: string): URL => new URL(`../../../test/fixtures/sigstore/${name}`, import.meta.url);
const readBundle = (name: string): BundleJson => {
  const bundle: BundleJson = JSON.parse(readFileSync(fileOf(`${name}.sigstore.json`), 'utf8'));
  return bundle;
};
const message = readFileSync(fileOf('message-v0.2.txt'));
const root = fileURLToPath(fileOf('trusted_root.json'));
const rootDigest = digestOfBytes(readFileSync(root));

function openPublic(): VerifyBundle {
  const verify = openSigstoreRoots([root], new FakeClock())(rootDigest);
  if (typeof verify !== 'function') throw new Error(verify.problem);
  return verify;
}
const verify = openPublic();

const provenance = 'provenance-v0.1';
const attestation = 'attestation-v0.3';
const signature = 'message-v0.2';
const workflow = 'https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main';

describe('a bundle of the public instance', () => {
  it('has the digest that its origin has', () => {
    const rows = readFileSync(fileOf('README.md'), 'utf8').matchAll(/^\| `([^`]+)`.*`([0-9a-f]{64})` \|$/gm);
    const digests = Array.from(rows, ([, name = '', digest = '']) => [name, `sha256:${digest}`]);
    expect(digests).toHaveLength(7);
    expect(digests.map(([name = '']) => [name, digestOfBytes(readFileSync(fileOf(name)))])).toEqual(digests);
  });

  it.each([
    [provenance, 'https://token.actions.githubusercontent.com', workflow, 'https://slsa.dev/provenance/v1'],
    [attestation, 'https://github.com/login/oauth', 'cody@soyland.com', 'https://cosign.sigstore.dev/attestation/v1'],
    [signature, 'https://github.com/login/oauth', 'a@tny.town', null],
  ])('tells who signed %s, and what', (name, issuer, subject, predicateType) => {
    const content = verify(readBundle(name), message);
    if ('why' in content) throw new Error(content.why);
    const { signer, envelope } = content;
    expect(signer).toEqual({ issuer, subject });
    const signed: unknown = envelope === null ? null : JSON.parse(envelope.text);
    expect(signed).toEqual(predicateType === null ? null : expect.objectContaining({ predicateType }));
  });

  it('over something else is no evidence, and tells whose it is', () => {
    const evidence = { kind: 'golden', verdict: 'pass', recordedAtMs: 0, subjects: [], facts: {} };
    const place = { service: 'digits', environment: 'prod' };
    expect(checkBundle(place, evidence as never, readBundle(provenance), verify)).toEqual({
      standing: 'other',
      signer: { issuer: 'https://token.actions.githubusercontent.com', subject: workflow },
    });
  });

  it.each([
    ['a promise of the log without a proof', 'promise-v0.1', 'no proof of inclusion'],
    ['the bare key of a registry', 'public-key-v0.1', 'a public key in the place of a certificate'],
  ])('with %s names nobody', (_what, name, why) => {
    expect(verify(readBundle(name), message)).toEqual({ why: expect.stringContaining(why) as string });
  });

  it('counts for nobody under the root of another instance', () => {
    const other = makeTestSigstore();
    expect(verify(other.signMessage(message), message)).toEqual({ why: expect.any(String) as string });
  });
});

const flipped = (text: string, at: number): string => {
  const bytes = Buffer.from(text, 'base64');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString('base64');
};
const entryOf = (bundle: BundleJson) => bundle.verificationMaterial.tlogEntries[0]!;
const proofOf = (bundle: BundleJson) => entryOf(bundle).inclusionProof!;
const promiseOf = (bundle: BundleJson) => entryOf(bundle).inclusionPromise!;
/** Bundles before v0.3 hold a chain in the place of the certificate of the signer alone. */
interface WithChain {
  readonly x509CertificateChain: { readonly certificates: readonly [{ rawBytes: string }] };
}
const certificateOf = ({ verificationMaterial: of }: BundleJson): { rawBytes: string } =>
  of.certificate ?? (of as unknown as WithChain).x509CertificateChain.certificates[0];

function changeSigned({ dsseEnvelope, messageSignature }: BundleJson): void {
  if (dsseEnvelope !== undefined) dsseEnvelope.payload = flipped(dsseEnvelope.payload, 40);
  if (messageSignature !== undefined) messageSignature.signature = flipped(messageSignature.signature, 20);
}

describe.each([provenance, attestation, signature])('nobody is believed of %s', (name) => {
  it.each<readonly [string, (bundle: BundleJson) => void, RegExp]>([
    ['what was signed', changeSigned, /signature|digest|hash/],
    [
      'the entry of the log',
      (of) => (entryOf(of).canonicalizedBody = flipped(entryOf(of).canonicalizedBody, 30)),
      /promise|proof/,
    ],
    [
      'the time in the log',
      (of) => (entryOf(of).integratedTime = String(Number(entryOf(of).integratedTime) + 1)),
      /promise/,
    ],
    [
      'the promise of the log',
      (of) => (promiseOf(of).signedEntryTimestamp = flipped(promiseOf(of).signedEntryTimestamp, 20)),
      /promise/,
    ],
    ['the log', (of) => (entryOf(of).logId.keyId = flipped(entryOf(of).logId.keyId, 0)), /promise/],
    ['a neighbour in the tree', (of) => (proofOf(of).hashes[0] = flipped(proofOf(of).hashes[0]!, 0)), /root hash/],
    [
      'the place in the tree',
      (of) => (proofOf(of).logIndex = String(Number(proofOf(of).logIndex) - 1)),
      /root hash|hash count/,
    ],
    ['the root of the tree', (of) => (proofOf(of).rootHash = flipped(proofOf(of).rootHash, 0)), /two roots/],
    [
      'the checkpoint and the root together',
      (of) => {
        const other = flipped(proofOf(of).rootHash, 0);
        proofOf(of).checkpoint.envelope = proofOf(of).checkpoint.envelope.replace(proofOf(of).rootHash, other);
        proofOf(of).rootHash = other;
      },
      /checkpoint signature/,
    ],
    ['the certificate', (of) => (certificateOf(of).rawBytes = flipped(certificateOf(of).rawBytes, 120)), /certificate/],
    ['the proof, left out', (of) => delete entryOf(of).inclusionProof, /no proof|invalid/],
    ['the log entries, left out', (of) => (of.verificationMaterial.tlogEntries = []), /no entry|invalid/],
  ])('where somebody changed %s', (_what, change, why) => {
    const bundle = readBundle(name);
    change(bundle);
    expect(verify(bundle, message)).toEqual({ why: expect.stringMatching(why) as string });
  });

  it.each([provenance, attestation, signature].filter((each) => each !== name))('with the log entry of %s', (other) => {
    const bundle = readBundle(name);
    bundle.verificationMaterial.tlogEntries = readBundle(other).verificationMaterial.tlogEntries;
    expect(verify(bundle, message)).toEqual({ why: expect.any(String) as string });
  });

  it.each([provenance, attestation, signature].filter((each) => each !== name))(
    'with the certificate of %s',
    (other) => {
      const bundle = readBundle(name);
      certificateOf(bundle).rawBytes = certificateOf(readBundle(other)).rawBytes;
      expect(verify(bundle, message)).toEqual({ why: expect.any(String) as string });
    },
  );
});

it('a message that was not signed is of nobody', () => {
  expect(verify(readBundle(signature), Buffer.from('another message'))).toEqual({ why: expect.any(String) as string });
});
