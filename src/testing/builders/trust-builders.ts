import type { Evidence } from '../../core/evidence/lock/lock.ts';
import type { EvidenceSignature } from '../../core/trust/evidence-signatures.ts';
import type { EvidencePlace } from '../../core/trust/evidence-statement.ts';
import type { TrustedKey } from '../../core/trust/signing-key.ts';
import { createSigner, type Signer } from '../../prove/trust/ed25519.ts';
import { signEvidence } from '../../prove/trust/sign-evidence.ts';

/** A key of a test: what a policy says of it, and what signs. */
export interface TestKey {
  readonly trusted: TrustedKey;
  readonly signer: Signer;
  /** What `plimsoll key create` writes. */
  readonly pem: string;
  sign(place: EvidencePlace, evidence: Evidence): EvidenceSignature;
}

export function makeTestKey(name: string, times: Pick<TrustedKey, 'expiresAtMs' | 'revokedAtMs'> = {}): TestKey {
  const { signer, pem } = createSigner();
  return {
    trusted: { name, key: signer.key, ...times },
    signer,
    pem,
    sign: (place, evidence) => signEvidence(place, evidence, signer),
  };
}
