import type { Evidence } from '../../evidence/lock/lock.ts';
import { canonicalJson } from '../../units/digest.ts';
import { makeEvidenceStatement, payloadType, statementBytes, type EvidencePlace } from '../evidence-statement.ts';
import type { SigstoreIdentity } from './sigstore-rule.ts';

/** What a DSSE envelope holds: its type, and its payload as text. */
export interface SignedEnvelope {
  readonly type: string;
  readonly text: string;
}

/** What a Sigstore bundle signs, once certificate, log and signature hold. */
export interface BundleContent {
  readonly signer: SigstoreIdentity;
  /** The envelope that was signed; null where the message was signed that the verifier was given. */
  readonly envelope: SignedEnvelope | null;
}

/**
 * Verifies a bundle against a pinned trust root: certificate chain, certificate log, transparency log, signature.
 * @returns what it signs, or why it does not hold. Never throws.
 */
export type VerifyBundle = (bundle: unknown, message: Uint8Array) => BundleContent | { readonly why: string };

/**
 * | standing | meaning |
 * |---|---|
 * | good | this identity signed this evidence for this service and environment |
 * | other | this identity signed something else |
 * | unverified | nobody knows who signed it, and `why` says what does not hold |
 */
export type CheckedBundle =
  | { readonly standing: 'good' | 'other'; readonly signer: SigstoreIdentity }
  | { readonly standing: 'unverified'; readonly why: string };

/** Returns what a bundle beside the lock is worth for one piece of evidence. Nothing is read out of its payload. */
export function checkBundle(
  place: EvidencePlace,
  evidence: Evidence,
  bundle: unknown,
  verify: VerifyBundle,
): CheckedBundle {
  const statement = makeEvidenceStatement(place, evidence);
  const content = verify(bundle, statementBytes(statement));
  if ('why' in content) return { standing: 'unverified', why: content.why };
  const { signer, envelope } = content;
  if (envelope === null) return { standing: 'good', signer };
  const isOwn = envelope.type === payloadType && isSameJson(envelope.text, canonicalJson(statement));
  return { standing: isOwn ? 'good' : 'other', signer };
}

/** Whether a text is JSON of the same value: tools that sign write the statement in their own order. */
function isSameJson(text: string, canonical: string): boolean {
  try {
    return canonicalJson(JSON.parse(text)) === canonical;
  } catch {
    return false;
  }
}
