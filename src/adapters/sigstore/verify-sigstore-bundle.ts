import { bundleFromJSON, type Bundle, type TransparencyLogEntry } from '@sigstore/bundle';
import { toSignedEntity, type Verifier } from '@sigstore/verify';
import type { BundleContent, SignedEnvelope } from '../../core/trust/sigstore/checked-bundle.ts';

/** Larger claims are in no certificate of Fulcio. */
const charactersAtMost = 2_000;

/**
 * Verifies one bundle. Beside what the library verifies, these have to hold:
 *
 * | part | has to be |
 * |---|---|
 * | key | a certificate: a bare public key names nobody |
 * | log entries | each with a proof of inclusion; a promise alone shows nothing offline |
 * | proof of inclusion | to the root that its checkpoint names |
 * | envelope | with one signature |
 * | certificate | with an issuer and a subject alternative name |
 */
export function verifySigstoreBundle(
  verifier: Verifier,
  json: unknown,
  message: Uint8Array,
): BundleContent | { readonly why: string } {
  try {
    const bundle = bundleFromJSON(json);
    const missing = findMissing(bundle);
    if (missing !== null) return { why: missing };
    const { identity } = verifier.verify(toSignedEntity(bundle, Buffer.from(message)));
    const [issuer, subject] = [identity?.extensions?.issuer, identity?.subjectAlternativeName];
    if (!isClaim(issuer) || !isClaim(subject)) return { why: 'its certificate names no issuer or no subject' };
    return { signer: { issuer, subject }, envelope: envelopeOf(bundle) };
  } catch (thrown) {
    return { why: (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 300) };
  }
}

/** A line break in a name would forge a line of a report. */
const isClaim = (text: string | undefined): text is string =>
  text !== undefined && text !== '' && text.length <= charactersAtMost && !/[\u0000-\u001f\u007f]/.test(text);

function findMissing({ verificationMaterial, content }: Bundle): string | null {
  if (verificationMaterial.content.$case === 'publicKey') return 'it has a public key in the place of a certificate';
  const { tlogEntries } = verificationMaterial;
  if (tlogEntries.length === 0) return 'it has no entry of a transparency log';
  if (tlogEntries.some(({ inclusionProof }) => inclusionProof === undefined))
    return 'an entry of the transparency log has no proof of inclusion';
  if (tlogEntries.some(({ inclusionProof }) => !isRootOfCheckpoint(inclusionProof)))
    return 'the proof of inclusion and its checkpoint name two roots of the log';
  if (content.$case === 'dsseEnvelope' && content.dsseEnvelope.signatures.length !== 1)
    return `its envelope has ${content.dsseEnvelope.signatures.length} signatures, and has to have one`;
  return null;
}

/** The third line of a checkpoint is the root (transparency-dev/formats, log). The library goes by that line alone. */
function isRootOfCheckpoint(proof: TransparencyLogEntry['inclusionProof']): boolean {
  const [, , root = ''] = (proof?.checkpoint?.envelope ?? '').split('\n');
  return root !== '' && root === Buffer.from(proof?.rootHash ?? []).toString('base64');
}

function envelopeOf({ content }: Bundle): SignedEnvelope | null {
  if (content.$case === 'messageSignature') return null;
  const { payload, payloadType } = content.dsseEnvelope;
  return { type: payloadType, text: new TextDecoder('utf-8', { fatal: true }).decode(payload) };
}
