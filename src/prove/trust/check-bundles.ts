import type { Evidence } from '../../core/evidence/lock/lock.ts';
import type { EvidencePlace } from '../../core/trust/evidence-statement.ts';
import { checkBundle, type CheckedBundle } from '../../core/trust/sigstore/checked-bundle.ts';
import type { TrustPolicy } from '../../core/trust/trust-policy.ts';
import type { OpenSigstore } from '../../ports/trust/sigstore.ts';

/**
 * Returns what each bundle of Sigstore beside a lock is worth for one piece of evidence; nothing where the policy has no
 * trust root, because nobody asks for them.
 */
export function checkBundles(
  { sigstoreRoot }: Pick<TrustPolicy, 'sigstoreRoot'>,
  open: OpenSigstore | undefined,
  of: { readonly place: EvidencePlace; readonly evidence: Evidence; readonly bundles: readonly unknown[] },
): readonly CheckedBundle[] {
  if (sigstoreRoot === undefined || of.bundles.length === 0) return [];
  const verify = open?.(sigstoreRoot) ?? { problem: 'PLIMSOLL_SIGSTORE_ROOT names no trust root' };
  if (typeof verify !== 'function') return [{ standing: 'unverified', why: verify.problem }];
  return of.bundles.map((bundle) => checkBundle(of.place, of.evidence, bundle, verify));
}
