import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { ArtifactKey } from '../../core/trust/artifacts/artifact-rule.ts';
import type { ArtifactSigner } from '../../core/trust/artifacts/judge-artifact.ts';
import { digestOfSimpleSigning, digestsOfEnvelope } from '../../core/trust/artifacts/signed-digest.ts';
import { preAuthEncoding } from '../../core/trust/evidence-statement.ts';
import type { SignedEnvelope, VerifyBundle } from '../../core/trust/sigstore/checked-bundle.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { AttachedSignature, SignedManifest } from '../../ports/artifacts/artifact-signatures.ts';
import { readKeyBundle } from '../../schemas/artifact/key-bundle.ts';

export interface VerifiedSignatures {
  readonly signers: readonly ArtifactSigner[];
  /** Why each signature that counts for nobody does not. */
  readonly doubts: readonly string[];
}

/** Whom a policy may count. */
export interface ArtifactVerifiers {
  readonly keys: readonly ArtifactKey[];
  /** Left out where the policy names no trust root of Sigstore. */
  readonly verifyBundle?: VerifyBundle | undefined;
}

type Outcome = ArtifactSigner | { readonly doubt: string };

/** Returns who signed one of these manifests, which stand for the same artifact. Never throws. */
export function verifySignatures(
  manifests: readonly SignedManifest[],
  verifiers: ArtifactVerifiers,
): VerifiedSignatures {
  const outcomes = manifests.flatMap(({ digest, signatures }) =>
    signatures.map((signature) => verifyOne(digest, signature, verifiers)),
  );
  return {
    signers: outcomes.flatMap((outcome) => ('doubt' in outcome ? [] : [outcome])),
    doubts: outcomes.flatMap((outcome) => ('doubt' in outcome ? [outcome.doubt] : [])),
  };
}

/**
 * | form | verified by | is of the manifest where |
 * |---|---|---|
 * | simple signing | each key in turn | its payload names the digest |
 * | bundle with a public key | each key in turn | its statement is that of `cosign sign`, with the digest as a subject |
 * | bundle with a certificate | the trust root | the same |
 */
function verifyOne(digest: Digest, signature: AttachedSignature, { keys, verifyBundle }: ArtifactVerifiers): Outcome {
  if (signature.form === 'simple') {
    const { payload } = signature;
    const bytes = Buffer.from(signature.signature, 'base64');
    const key = keys.find((each) => verifyByPem(each.key, payload, bytes));
    if (key === undefined) return { doubt: 'a signature is by no key of the policy' };
    const isOwn = digestOfSimpleSigning(textOf(payload)) === digest;
    return isOwn ? { key: key.key } : { doubt: `a signature by ${key.name} is of another artifact` };
  }
  const bundle = readKeyBundle(signature.bundle);
  if (bundle !== null) {
    const { payloadType } = bundle;
    const payload = Buffer.from(bundle.payload, 'base64');
    const signed = Buffer.from(bundle.signature, 'base64');
    const message = preAuthEncoding(payloadType, payload);
    const key = keys.find((each) => verifyByPem(each.key, message, signed));
    if (key === undefined) return { doubt: 'a bundle is signed by no key of the policy' };
    const isOwn = isSignatureOf(digest, { type: payloadType, text: textOf(payload) });
    return isOwn ? { key: key.key } : { doubt: `a bundle by ${key.name} is no signature of this artifact` };
  }
  if (verifyBundle === undefined) return { doubt: 'a bundle needs a trust root of Sigstore, and the policy has none' };
  const content = verifyBundle(signature.bundle, new Uint8Array());
  if ('why' in content) return { doubt: `a bundle does not verify: ${content.why}` };
  const { signer, envelope } = content;
  if (envelope !== null && isSignatureOf(digest, envelope)) return { identity: signer };
  return { doubt: `a bundle by ${signer.subject} is no signature of this artifact` };
}

const isSignatureOf = (digest: Digest, envelope: SignedEnvelope): boolean =>
  digestsOfEnvelope(envelope).includes(digest);

/** Bytes that are no UTF-8 become other characters, and no JSON of a signature has those. */
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

const leastRsaBits = 2_048;

/**
 * Verifies with the one algorithm that the kind of key has: ECDSA in DER, Ed25519, RSA with PKCS #1. Neither payload nor
 * signature can choose. cosign hashes with SHA-256 for each curve, and newer versions with the hash of the curve.
 */
function verifyByPem(pem: string, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = createPublicKey(pem);
    return hashesOf(key).some((hash) => verify(hash, message, key, signature));
  } catch {
    return false;
  }
}

function hashesOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly (string | null)[] {
  if (asymmetricKeyType === 'ed25519') return [null];
  if (asymmetricKeyType === 'rsa') return (asymmetricKeyDetails?.modulusLength ?? 0) < leastRsaBits ? [] : ['sha256'];
  if (asymmetricKeyType !== 'ec') return [];
  const curves: Readonly<Record<string, readonly string[]>> = {
    prime256v1: ['sha256'],
    secp384r1: ['sha256', 'sha384'],
    secp521r1: ['sha256', 'sha512'],
  };
  return curves[asymmetricKeyDetails?.namedCurve ?? ''] ?? [];
}
