import type { Evidence, EvidenceKind } from '../evidence/lock/lock.ts';
import { digestOf, type Digest } from '../units/digest.ts';
import { digestOfStatement, makeEvidenceStatement, signedBytes, type EvidencePlace } from './evidence-statement.ts';
import { keyIdOf, type PublicKey, type TrustedKey } from './signing-key.ts';

/** One detached signature, as `plimsoll.lock.sigs` has it. */
export interface EvidenceSignature {
  /** As the signer says it. It only chooses the key that has to verify the signature. */
  readonly keyId: string;
  /** 64 bytes in base64. */
  readonly signature: string;
}

/** `plimsoll.lock.sigs`: signatures of the evidence in the lock beside it, by environment and kind. */
export interface LockSignatures {
  readonly signaturesVersion: 1;
  readonly environments: Readonly<Record<string, SignaturesByKind>>;
  /** Bundles of Sigstore, by environment and kind; left out where there are none. */
  readonly bundles?: Readonly<Record<string, BundlesByKind>>;
}
export type BundlesByKind = Readonly<Partial<Record<EvidenceKind, readonly object[]>>>;
export type SignaturesByKind = Readonly<Partial<Record<EvidenceKind, readonly EvidenceSignature[]>>>;

/** Whether a signature is of these bytes, by this key. Never throws. */
export type VerifySignature = (key: PublicKey, message: Uint8Array, signature: string) => boolean;

/**
 * | standing | meaning |
 * |---|---|
 * | good | the key with this id signed this evidence for this service and environment |
 * | bad | the key with this id is trusted, and did not sign this |
 * | elsewhere | the key signed this evidence for another environment of the service |
 * | unknown | no trusted key has this id |
 */
export type SignatureStanding = 'good' | 'bad' | 'elsewhere' | 'unknown';

export interface CheckedSignature {
  readonly keyId: string;
  readonly standing: SignatureStanding;
  /** The key that the id names; null where it is not trusted. */
  readonly key: TrustedKey | null;
  /** Where the signature counts; set for `elsewhere`. */
  readonly environment?: string;
  /** What the signature is known by when it arrives again. */
  readonly digest: Digest;
}

export interface SignatureQuestion {
  readonly place: EvidencePlace;
  readonly evidence: Evidence;
  readonly signatures: readonly EvidenceSignature[];
  readonly keys: readonly TrustedKey[];
  /** Environments that a signature may have been made for instead: a replay is told as one. */
  readonly otherEnvironments: readonly string[];
}

/** A replay is named where it is of one of so many environments; else its signature is just wrong. */
const othersTried = 4;

/** The bytes of a lock of megabytes are made once for each environment, however many signatures somebody sends. */
function rememberBytes(place: EvidencePlace, evidence: Evidence): (environment: string) => Uint8Array {
  const made = new Map<string, Uint8Array>();
  return (environment) => {
    const bytes = made.get(environment) ?? signedBytes({ ...place, environment }, evidence);
    made.set(environment, bytes);
    return bytes;
  };
}

/** Returns each signature with what it is worth; a signature that stands twice is there once. */
export function checkSignatures(
  { place, evidence, signatures, keys, otherEnvironments }: SignatureQuestion,
  verify: VerifySignature,
): readonly CheckedSignature[] {
  const byId = new Map(keys.map((key) => [keyIdOf(key.key), key]));
  const distinct = [...new Map(signatures.map((one) => [`${one.keyId} ${one.signature}`, one])).values()];
  const statement = digestOfStatement(makeEvidenceStatement(place, evidence));
  const bytesIn = rememberBytes(place, evidence);
  const others = otherEnvironments.filter((other) => other !== place.environment).slice(0, othersTried);
  return distinct.map(({ keyId, signature }): CheckedSignature => {
    const key = byId.get(keyId) ?? null;
    const shared = { keyId, key, digest: digestOfSignature(statement, keyId) };
    if (key === null) return { ...shared, standing: 'unknown' };
    if (verify(key.key, bytesIn(place.environment), signature)) return { ...shared, standing: 'good' };
    const environment = others.find((other) => verify(key.key, bytesIn(other), signature));
    return environment === undefined
      ? { ...shared, standing: 'bad' }
      : { ...shared, standing: 'elsewhere', environment };
  });
}

/**
 * What a store knows a signature by. The signature itself is left out: Ed25519 signs the same statement in one way, and
 * whoever sends it again under the same id sends the same thing.
 */
export function digestOfSignature(statement: Digest, keyId: string): Digest {
  return digestOf({ signed: statement, keyId });
}
