import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Evidence } from '../evidence/lock/lock.ts';
import { canonicalJson, digestOfBytes, type Digest } from '../units/digest.ts';

/** Type of what is signed, as DSSE signs it beside the bytes. Source: in-toto attestation framework, 2023. */
export const payloadType = 'application/vnd.in-toto+json';
const statementType = 'https://in-toto.io/Statement/v1';
/** A form of the predicate that changes gets another number, and signatures of this one stay what they are. */
export const predicateType = 'https://plimsoll.dev/evidence/v1';

/** Where evidence counts. A signature for another service or environment is a signature of another statement. */
export interface EvidencePlace {
  readonly service: string;
  readonly environment: string;
}

/** An in-toto Statement v1 about one piece of evidence. */
export interface EvidenceStatement {
  readonly _type: string;
  /** What was measured: a digest for each subject of the evidence, sorted by name. */
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicateType: string;
  readonly predicate: EvidencePlace & Omit<Evidence, 'subjects'>;
}

/**
 * Returns the statement that a signature of this evidence is about. Nothing of it comes from the signature: whoever
 * verifies makes it again from the lock, so that an edit of any fact is another statement.
 */
export function makeEvidenceStatement(
  { service, environment }: EvidencePlace,
  { subjects, ...measured }: Evidence,
): EvidenceStatement {
  const names = Object.keys(subjects).sort((a, b) => (a < b ? -1 : 1));
  return {
    _type: statementType,
    subject: names.map((name) => ({ name, digest: { sha256: (subjects[name] ?? '').slice('sha256:'.length) } })),
    predicateType,
    predicate: { service, environment, ...measured },
  };
}

/** The bytes of a statement: canonical JSON (RFC 8785), the same on every machine. */
export function statementBytes(statement: EvidenceStatement): Uint8Array {
  return utf8ToBytes(canonicalJson(statement));
}

/** What a statement is known by. */
export const digestOfStatement = (statement: EvidenceStatement): Digest => digestOfBytes(statementBytes(statement));

/**
 * Returns the bytes that a signature is made of: the pre-authentication encoding of DSSE v1, which binds the type.
 *
 *     "DSSEv1" SP bytes of the type SP type SP bytes of the payload SP payload
 *
 * Source: secure-systems-lab/dsse protocol.md, v1.0.2.
 */
export function preAuthEncoding(type: string, payload: Uint8Array): Uint8Array {
  const typeBytes = utf8ToBytes(type).length;
  const head = utf8ToBytes(`DSSEv1 ${typeBytes} ${type} ${payload.length} `);
  const whole = new Uint8Array(head.length + payload.length);
  whole.set(head);
  whole.set(payload, head.length);
  return whole;
}

/** The bytes that a signature of this evidence covers. */
export function signedBytes(place: EvidencePlace, evidence: Evidence): Uint8Array {
  return preAuthEncoding(payloadType, statementBytes(makeEvidenceStatement(place, evidence)));
}
