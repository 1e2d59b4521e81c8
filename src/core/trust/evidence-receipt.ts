import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { CiIdentity } from '../access/identity.ts';
import type { EvidenceKind } from '../evidence/lock/lock.ts';
import { canonicalJson, type Digest } from '../units/digest.ts';
import type { VerifySignature } from './evidence-signatures.ts';
import { preAuthEncoding, type EvidencePlace } from './evidence-statement.ts';
import { isPublicKey, keyIdOf, type PublicKey } from './signing-key.ts';

/** What a control plane says of evidence that it received: who sent it, as it authenticated them, and when. */
export interface ReceivedEvidence extends EvidencePlace {
  readonly kind: EvidenceKind;
  /** As `digestOfMeasured` gives it. */
  readonly digest: Digest;
  readonly sender: string;
  /** Of a CI job that signed in without a key; left out for any other sender. */
  readonly job?: CiIdentity;
  readonly receivedAtMs: number;
}

/** The countersignature of a control plane, with the key that verifies it. */
export interface EvidenceReceipt {
  readonly key: PublicKey;
  readonly keyId: string;
  readonly receivedAtMs: number;
  /** 64 bytes in base64. */
  readonly signature: string;
}

/** Signs what a control plane received. */
export type Countersign = (received: ReceivedEvidence) => EvidenceReceipt;

const receiptType = 'application/vnd.plimsoll.receipt.v1+json';

/** The bytes that a receipt signs. Their type is another than that of evidence, so that neither stands for the other. */
export function receiptBytes({
  service,
  environment,
  kind,
  digest,
  sender,
  job,
  receivedAtMs,
}: ReceivedEvidence): Uint8Array {
  // Left out where there is none: receipts from before jobs had an identity stay what they are.
  const facts = { service, environment, kind, digest, sender, ...(job === undefined ? {} : { job }), receivedAtMs };
  return preAuthEncoding(receiptType, utf8ToBytes(canonicalJson(facts)));
}

/** Whether a receipt is of these facts, by the key that it names. Whose key that is has to be known elsewhere. */
export function isReceiptOf(
  received: ReceivedEvidence,
  { key, keyId, receivedAtMs, signature }: EvidenceReceipt,
  verify: VerifySignature,
): boolean {
  if (!isPublicKey(key) || keyIdOf(key) !== keyId || receivedAtMs !== received.receivedAtMs) return false;
  return verify(key, receiptBytes(received), signature);
}
