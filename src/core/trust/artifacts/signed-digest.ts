import { isDigest, type Digest } from '../../units/digest.ts';
import type { SignedEnvelope } from '../sigstore/checked-bundle.ts';

/** Predicate of what `cosign sign` writes as a bundle. Source: sigstore/cosign pkg/types, v2.6 and v3. */
const signPredicate = 'https://sigstore.dev/cosign/sign/v1';
const inTotoType = 'application/vnd.in-toto+json';
const statementTypes: readonly unknown[] = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1'];
const simpleType = 'cosign container image signature';

/**
 * Returns the digest of the manifest that a simple signing payload is about; null for what is no such payload.
 * Source: containers/image docs/containers-signature.5.md; sigstore/cosign specs/SIGNATURE_SPEC.md.
 */
export function digestOfSimpleSigning(payload: string): Digest | null {
  const critical = recordOf(recordOf(parse(payload))['critical']);
  const digest = recordOf(critical['image'])['docker-manifest-digest'];
  return critical['type'] === simpleType && isDigestText(digest) ? digest : null;
}

/**
 * Returns the digests that an envelope signs as `cosign sign` does; none for any other statement. An attestation says
 * something about an artifact, such as what is wrong with it, and is no signature of it.
 */
export function digestsOfEnvelope({ type, text }: SignedEnvelope): readonly Digest[] {
  const { _type, predicateType, subject } = recordOf(parse(text));
  if (type !== inTotoType || !statementTypes.includes(_type) || predicateType !== signPredicate) return [];
  return (Array.isArray(subject) ? subject : []).flatMap((each: unknown) => {
    const hex = recordOf(recordOf(each)['digest'])['sha256'];
    const digest = typeof hex === 'string' ? `sha256:${hex}` : '';
    return isDigest(digest) ? [digest] : [];
  });
}

const isDigestText = (value: unknown): value is Digest => typeof value === 'string' && isDigest(value);

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
