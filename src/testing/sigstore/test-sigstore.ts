import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { preAuthEncoding } from '../../core/trust/evidence-statement.ts';
import { canonicalJson, digestOfBytes, type Digest } from '../../core/units/digest.ts';
import { issueLeaf, makeAuthority, spkiOf, type KeyPair } from './certificates.ts';

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const makeKeys = (): KeyPair => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** A bundle as JSON, of the form that a test may change. */
export interface BundleJson {
  mediaType: string;
  verificationMaterial: {
    certificate?: { rawBytes: string };
    publicKey?: { hint: string };
    tlogEntries: {
      logIndex: string;
      logId: { keyId: string };
      kindVersion: { kind: string; version: string };
      integratedTime: string;
      inclusionPromise?: { signedEntryTimestamp: string };
      inclusionProof?: {
        logIndex: string;
        rootHash: string;
        treeSize: string;
        hashes: string[];
        checkpoint: { envelope: string };
      };
      canonicalizedBody: string;
    }[];
  };
  dsseEnvelope?: { payload: string; payloadType: string; signatures: { sig: string }[] };
  messageSignature?: { messageDigest: { algorithm: string; digest: string }; signature: string };
}

export interface SignOptions {
  readonly subject?: string;
  readonly issuer?: string;
  /** When it was signed; in the ten minutes of the certificate unless told otherwise. */
  readonly signedAtMs?: number;
  readonly isCertificateLogged?: boolean;
}

/** Certificate authority, certificate log and transparency log of a test, with the root that trusts them. */
export interface TestSigstore {
  readonly root: { readonly text: string; readonly digest: Digest };
  signStatement(statement: object, options?: SignOptions): BundleJson;
  signMessage(message: Uint8Array, options?: SignOptions): BundleJson;
}

export const testSubject = 'https://ci.example/acme/digits/release.yml@refs/heads/main';
export const testIssuer = 'https://issuer.ci.example';
const beganMs = Date.UTC(2026, 0, 1);
const issuedMs = Date.UTC(2026, 5, 1);
const tenMinutesMs = 600_000;

export function makeTestSigstore(): TestSigstore {
  const authority = makeAuthority('sigstore of a test', makeKeys(), beganMs);
  const [ctLog, log] = [makeKeys(), makeKeys()];
  const material = (kind: string, body: object, certificate: Buffer, signedAtMs: number) => ({
    certificate: { rawBytes: base64(certificate) },
    tlogEntries: [writeEntry(log, kind, body, Math.floor(signedAtMs / 1_000))],
  });
  const open = ({ subject = testSubject, issuer = testIssuer, isCertificateLogged = true, ...of }: SignOptions) => {
    const keys = makeKeys();
    const dates = { fromMs: issuedMs, toMs: issuedMs + tenMinutesMs };
    const leaf = { subject, issuer, publicKey: keys.publicKey, ctLog: isCertificateLogged ? ctLog : null, ...dates };
    return { keys, certificate: issueLeaf(authority, leaf), signedAtMs: of.signedAtMs ?? issuedMs + 60_000 };
  };
  const text = JSON.stringify(rootOf(authority.certificate, ctLog, log));
  return {
    root: { text, digest: digestOfBytes(Buffer.from(text)) },
    signStatement(statement, options = {}) {
      const { keys, certificate, signedAtMs } = open(options);
      const payloadType = 'application/vnd.in-toto+json';
      const payload = Buffer.from(JSON.stringify(statement));
      const sig = base64(sign('sha256', preAuthEncoding(payloadType, payload), keys.privateKey));
      const envelope = { payload: base64(payload), payloadType, signatures: [{ sig }] };
      const spec = {
        envelopeHash: { algorithm: 'sha256', value: sha256(Buffer.from(JSON.stringify(envelope))).toString('hex') },
        payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
        signatures: [{ signature: sig, verifier: base64(pemOf(certificate)) }],
      };
      const body = { apiVersion: '0.0.1', kind: 'dsse', spec };
      return {
        mediaType,
        verificationMaterial: material('dsse', body, certificate, signedAtMs),
        dsseEnvelope: envelope,
      };
    },
    signMessage(message, options = {}) {
      const { keys, certificate, signedAtMs } = open(options);
      const signature = base64(sign('sha256', message, keys.privateKey));
      const digest = sha256(message);
      const spec = {
        data: { hash: { algorithm: 'sha256', value: digest.toString('hex') } },
        signature: { content: signature, publicKey: { content: base64(pemOf(certificate)) } },
      };
      const body = { apiVersion: '0.0.1', kind: 'hashedrekord', spec };
      const messageSignature = { messageDigest: { algorithm: 'SHA2_256', digest: base64(digest) }, signature };
      return {
        mediaType,
        verificationMaterial: material('hashedrekord', body, certificate, signedAtMs),
        messageSignature,
      };
    },
  };
}

const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

const pemOf = (certificate: Buffer): Buffer =>
  Buffer.from(`-----BEGIN CERTIFICATE-----\n${base64(certificate)}\n-----END CERTIFICATE-----\n`);

/** An entry in a tree of two leaves: RFC 6962, section 2.1; the checkpoint as transparency-dev/formats has it. */
function writeEntry(log: KeyPair, kind: string, body: object, integratedTime: number) {
  const bytes = Buffer.from(canonicalJson(body));
  const logId = sha256(spkiOf(log.publicKey));
  const other = sha256(Buffer.from([0]), Buffer.from('another entry'));
  const rootHash = sha256(Buffer.from([1]), sha256(Buffer.from([0]), bytes), other);
  const note = ['log.example - 1', '2', base64(rootHash), ''].join('\n');
  const mark = base64(Buffer.concat([logId.subarray(0, 4), sign('sha256', Buffer.from(note), log.privateKey)]));
  const promise = { body: base64(bytes), integratedTime, logIndex: 0, logID: logId.toString('hex') };
  return {
    logIndex: '0',
    logId: { keyId: base64(logId) },
    kindVersion: { kind, version: '0.0.1' },
    integratedTime: String(integratedTime),
    inclusionPromise: {
      signedEntryTimestamp: base64(sign('sha256', Buffer.from(canonicalJson(promise)), log.privateKey)),
    },
    inclusionProof: {
      logIndex: '0',
      rootHash: base64(rootHash),
      treeSize: '2',
      hashes: [base64(other)],
      checkpoint: { envelope: `${note}\n\u2014 log.example ${mark}\n` },
    },
    canonicalizedBody: base64(bytes),
  };
}

function rootOf(certificate: Buffer, ctLog: KeyPair, log: KeyPair): object {
  const validFor = { start: new Date(beganMs).toISOString() };
  const instanceOf = ({ publicKey }: KeyPair, baseUrl: string): object => ({
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: base64(spkiOf(publicKey)), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
    logId: { keyId: base64(sha256(spkiOf(publicKey))) },
  });
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [instanceOf(log, 'https://log.example')],
    certificateAuthorities: [
      {
        subject: { organization: 'test', commonName: 'sigstore of a test' },
        uri: 'https://ca.example',
        certChain: { certificates: [{ rawBytes: base64(certificate) }] },
        validFor,
      },
    ],
    ctlogs: [instanceOf(ctLog, 'https://ct.example')],
    timestampAuthorities: [],
  };
}
