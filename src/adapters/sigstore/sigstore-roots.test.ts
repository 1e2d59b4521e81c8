import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { VerifyBundle } from '../../core/trust/sigstore/checked-bundle.ts';
import { digestOf } from '../../core/units/digest.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { makeTestSigstore, testIssuer, testSubject, type BundleJson } from '../../testing/sigstore/test-sigstore.ts';
import { openSigstoreRoots } from './sigstore-roots.ts';

const sigstore = makeTestSigstore();
const statement = { _type: 'https://in-toto.io/Statement/v1', subject: [], predicateType: 'p', predicate: { is: 1 } };
const message = Buffer.from('a message');

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-sigstore-'));
  file = path.join(folder, 'trusted_root.json');
  await writeFile(file, sigstore.root.text);
});
afterEach(() => rm(folder, { recursive: true }));

function openOwn(): VerifyBundle {
  const verify = openSigstoreRoots([file], new FakeClock())(sigstore.root.digest);
  if (typeof verify !== 'function') throw new Error(verify.problem);
  return verify;
}

describe('a bundle of the pinned root', () => {
  it('tells who signed a statement, and which', () => {
    expect(openOwn()(sigstore.signStatement(statement), message)).toEqual({
      signer: { issuer: testIssuer, subject: testSubject },
      envelope: { type: 'application/vnd.in-toto+json', text: JSON.stringify(statement) },
    });
  });

  it('tells who signed a message', () => {
    expect(openOwn()(sigstore.signMessage(message), message)).toEqual({
      signer: { issuer: testIssuer, subject: testSubject },
      envelope: null,
    });
  });
});

const flipped = (text: string, at = 12): string => {
  const bytes = Buffer.from(text, 'base64');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString('base64');
};
type Change = (bundle: BundleJson) => void;
const entryOf = (bundle: BundleJson) => bundle.verificationMaterial.tlogEntries[0]!;
const proofOf = (bundle: BundleJson) => entryOf(bundle).inclusionProof!;

describe('nobody is believed', () => {
  it.each<readonly [string, Change]>([
    ['another payload', ({ dsseEnvelope: of }) => (of!.payload = Buffer.from('{"is":2}').toString('base64'))],
    ['another type of the payload', ({ dsseEnvelope: of }) => (of!.payloadType = 'text/plain')],
    ['another signature', ({ dsseEnvelope: of }) => (of!.signatures[0]!.sig = flipped(of!.signatures[0]!.sig, 20))],
    ['a second signature', ({ dsseEnvelope: of }) => of!.signatures.push(of!.signatures[0]!)],
    ['no signature', ({ dsseEnvelope: of }) => (of!.signatures = [])],
    [
      'a certificate that was changed',
      ({ verificationMaterial: { certificate } }) => (certificate!.rawBytes = flipped(certificate!.rawBytes, 60)),
    ],
    ['no log entry', ({ verificationMaterial: of }) => (of.tlogEntries = [])],
    ['the same log entry twice', (bundle) => bundle.verificationMaterial.tlogEntries.push(entryOf(bundle))],
    ['a promise of the log alone', (bundle) => delete entryOf(bundle).inclusionProof],
    [
      'a promise that was changed',
      (bundle) =>
        (entryOf(bundle).inclusionPromise!.signedEntryTimestamp = flipped(
          entryOf(bundle).inclusionPromise!.signedEntryTimestamp,
          20,
        )),
    ],
    [
      'another time in the log',
      (bundle) => (entryOf(bundle).integratedTime = String(Number(entryOf(bundle).integratedTime) + 1)),
    ],
    ['another neighbour in the tree', (bundle) => (proofOf(bundle).hashes[0] = flipped(proofOf(bundle).hashes[0]!))],
    ['another root of the tree', (bundle) => (proofOf(bundle).rootHash = flipped(proofOf(bundle).rootHash))],
    ['another place in the tree', (bundle) => (proofOf(bundle).logIndex = '1')],
    [
      'a checkpoint that was changed',
      (bundle) => (proofOf(bundle).checkpoint.envelope = proofOf(bundle).checkpoint.envelope.replace('- 1\n', '- 2\n')),
    ],
    [
      'a checkpoint without a signature',
      (bundle) => (proofOf(bundle).checkpoint.envelope = proofOf(bundle).checkpoint.envelope.replace(/\u2014.*\n/, '')),
    ],
    ['another log', (bundle) => (entryOf(bundle).logId.keyId = flipped(entryOf(bundle).logId.keyId))],
    [
      'the log entry of another signature',
      (bundle) =>
        (bundle.verificationMaterial.tlogEntries = sigstore.signStatement(statement).verificationMaterial.tlogEntries),
    ],
    [
      'a bare public key in the place of the certificate',
      ({ verificationMaterial: of }) => {
        delete of.certificate;
        of.publicKey = { hint: 'any' };
      },
    ],
    ['another media type', (bundle) => (bundle.mediaType = 'application/json')],
  ])('%s', (_what, change) => {
    const bundle = structuredClone(sigstore.signStatement(statement));
    change(bundle);
    expect(openOwn()(bundle, message)).toEqual({ why: expect.any(String) as string });
  });

  it.each<readonly [string, unknown]>([
    ['a certificate of another authority', makeTestSigstore().signStatement(statement)],
    ['a certificate that no log has', sigstore.signStatement(statement, { isCertificateLogged: false })],
    [
      'a signature from after the certificate',
      sigstore.signStatement(statement, { signedAtMs: Date.UTC(2026, 5, 1, 0, 11) }),
    ],
    [
      'a signature from before the certificate',
      sigstore.signStatement(statement, { signedAtMs: Date.UTC(2026, 4, 30) }),
    ],
    ['a subject with a line break', sigstore.signStatement(statement, { subject: 'https://a\nroot' })],
    ['a signature of another message', sigstore.signMessage(Buffer.from('another message'))],
    ['a list', []],
    ['nothing', null],
    ['an empty object', {}],
  ])('%s', (_what, bundle) => {
    expect(openOwn()(bundle, message)).toEqual({ why: expect.any(String) as string });
  });
});

describe('a trust root', () => {
  it('is known by its digest alone', () => {
    const open = openSigstoreRoots([file], new FakeClock());
    expect(open(digestOf('another'))).toEqual({
      problem: expect.stringContaining('no file of PLIMSOLL_SIGSTORE_ROOT') as string,
    });
  });

  it('that is brought later is found, and one that it replaces stays known', async () => {
    const clock = new FakeClock();
    const open = openSigstoreRoots([file], clock);
    const other = makeTestSigstore();
    expect(typeof open(sigstore.root.digest)).toBe('function');
    await writeFile(file, other.root.text);
    await clock.advance(10_000);
    expect([open(other.root.digest), open(sigstore.root.digest)].map((found) => typeof found)).toEqual([
      'function',
      'function',
    ]);
  });

  it.each([
    ['is missing', '', 'ENOENT'],
    ['is no JSON', '{', 'JSON'],
    [
      'trusts no log',
      JSON.stringify({ certificateAuthorities: [], tlogs: [], ctlogs: [], timestampAuthorities: [] }),
      'has no certificate authority',
    ],
  ])('that %s is named with the reason', async (what, text, why) => {
    if (what === 'is missing') await rm(file);
    else await writeFile(file, text);
    const found = openSigstoreRoots([file], new FakeClock())(sigstore.root.digest);
    expect(found).toEqual({ problem: expect.stringContaining(why) as string });
  });
});
