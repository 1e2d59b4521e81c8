import { createHash, sign, type KeyObject } from 'node:crypto';
import { bits, integer, octets, oid, sequence, tlv, utcTime, utf8, yes } from './der.ts';

const ecdsaSha256 = sequence(oid('1.2.840.10045.4.3.2'));
const digestOf = (bytes: Uint8Array, algorithm: 'sha1' | 'sha256' = 'sha256'): Buffer =>
  createHash(algorithm).update(bytes).digest();
export const spkiOf = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });
const nameOf = (text: string): Buffer => sequence(tlv(0x31, sequence(oid('2.5.4.3'), utf8(text))));

function extension(id: string, value: Uint8Array, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [yes()] : []), octets(value));
}

interface CertificateParts {
  readonly issuer: string;
  readonly subject: string | null;
  readonly publicKey: KeyObject;
  readonly fromMs: number;
  readonly toMs: number;
  readonly extensions: readonly Uint8Array[];
}

function makeTbs({ issuer, subject, publicKey, fromMs, toMs, extensions }: CertificateParts): Buffer {
  return sequence(
    tlv(0xa0, integer(2)),
    integer(7),
    ecdsaSha256,
    nameOf(issuer),
    sequence(utcTime(fromMs), utcTime(toMs)),
    subject === null ? sequence() : nameOf(subject),
    spkiOf(publicKey),
    tlv(0xa3, sequence(...extensions)),
  );
}

const signTbs = (tbs: Buffer, key: KeyObject): Buffer => sequence(tbs, ecdsaSha256, bits(sign('sha256', tbs, key)));

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface Authority {
  readonly name: string;
  readonly key: KeyPair;
  readonly certificate: Buffer;
}

/** A root of its own. */
export function makeAuthority(name: string, key: KeyPair, fromMs: number): Authority {
  const tbs = makeTbs({
    ...{ issuer: name, subject: name, publicKey: key.publicKey, fromMs, toMs: fromMs + 10 * 365 * 86_400_000 },
    extensions: [
      extension('2.5.29.19', sequence(yes()), true),
      extension('2.5.29.15', bits(Buffer.from([0x06]), 1), true),
      extension('2.5.29.14', octets(digestOf(spkiOf(key.publicKey), 'sha1'))),
    ],
  });
  return { name, key, certificate: signTbs(tbs, key.privateKey) };
}

export interface LeafOptions {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly fromMs: number;
  readonly toMs: number;
  /** Writes the certificate down; null for a certificate without a timestamp of a log. */
  readonly ctLog: KeyPair | null;
}

/** A certificate as Fulcio gives it: the subject as an alternative name, the issuer in two extensions, a signed timestamp. */
export function issueLeaf(authority: Authority, options: LeafOptions): Buffer {
  const parts = {
    ...{ issuer: authority.name, subject: null, publicKey: options.publicKey },
    ...{ fromMs: options.fromMs, toMs: options.toMs },
  };
  const extensions = [
    extension('2.5.29.15', bits(Buffer.from([0x80]), 7), true),
    extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.3'))),
    extension('2.5.29.14', octets(digestOf(spkiOf(options.publicKey), 'sha1'))),
    extension('2.5.29.35', sequence(tlv(0x80, digestOf(spkiOf(authority.key.publicKey), 'sha1')))),
    extension('2.5.29.17', sequence(tlv(0x86, Buffer.from(options.subject))), true),
    extension('1.3.6.1.4.1.57264.1.1', Buffer.from(options.issuer)),
    extension('1.3.6.1.4.1.57264.1.8', utf8(options.issuer)),
  ];
  if (options.ctLog === null) return signTbs(makeTbs({ ...parts, extensions }), authority.key.privateKey);
  const logged = makeTbs({ ...parts, extensions });
  const sct = makeSct(logged, authority, options.ctLog, options.fromMs);
  const list = Buffer.concat([uint(sct.length + 2, 2), uint(sct.length, 2), sct]);
  const withSct = [...extensions, extension('1.3.6.1.4.1.11129.2.4.2', octets(list))];
  return signTbs(makeTbs({ ...parts, extensions: withSct }), authority.key.privateKey);
}

function uint(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(BigInt(value));
  return buffer.subarray(8 - bytes);
}

/** A signed certificate timestamp of a certificate that is to come: RFC 6962, section 3.2. */
function makeSct(tbs: Buffer, authority: Authority, log: KeyPair, atMs: number): Buffer {
  const signed = Buffer.concat([
    Buffer.from([0, 0]),
    uint(atMs, 8),
    uint(1, 2),
    digestOf(spkiOf(authority.key.publicKey)),
    uint(tbs.length, 3),
    tbs,
    uint(0, 2),
  ]);
  const signature = sign('sha256', signed, log.privateKey);
  const head = [Buffer.from([0]), digestOf(spkiOf(log.publicKey)), uint(atMs, 8), uint(0, 2), Buffer.from([4, 3])];
  return Buffer.concat([...head, uint(signature.length, 2), signature]);
}
