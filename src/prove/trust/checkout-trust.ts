import type { LoadedContract } from '../../core/contract/contract.ts';
import { kindsOf, kindTable } from '../../core/evidence/kinds/table.ts';
import type { EvidenceKind, LockedEnvironment, Waiver } from '../../core/evidence/lock/lock.ts';
import type { EnvironmentPolicy } from '../../core/fleet/environment/environment-record.ts';
import { findWaiverRefusal } from '../../core/fleet/environment/waiver-policy.ts';
import { checkSignatures, type LockSignatures } from '../../core/trust/evidence-signatures.ts';
import type { EvidenceOrigin, TrustFacts } from '../../core/trust/judge-trust.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { OpenSigstore } from '../../ports/trust/sigstore.ts';
import { checkBundles } from './check-bundles.ts';
import { verifyEd25519 } from './ed25519.ts';
import { readFolderSignatures } from './sign-evidence.ts';

interface CheckoutTrust {
  readonly loaded: LoadedContract;
  readonly locked: LockedEnvironment | null;
  readonly environment: string;
  readonly policy: EnvironmentPolicy;
  /** Left out where no trust root of Sigstore is named. */
  readonly sigstore?: OpenSigstore | undefined;
  readonly nowMs: number;
}

/**
 * Whose the evidence of a checkout is, by the signatures beside its lock. Nobody here knows when a signature was first
 * received: each arrives now, so that an expired or revoked key counts for nothing.
 */
export async function readCheckoutTrust(folder: string, question: CheckoutTrust): Promise<TrustFacts> {
  const { loaded, locked, environment, policy, nowMs } = question;
  let signatures: LockSignatures | null;
  try {
    signatures = await readFolderSignatures(folder);
  } catch (thrown) {
    return { problem: asPlimsollError(thrown).message };
  }
  const { service, environments } = loaded.contract;
  const origins: Partial<Record<EvidenceKind, EvidenceOrigin>> = {};
  for (const kind of kindsOf(kindTable)) {
    const evidence = locked?.evidence[kind];
    if (evidence === undefined) continue;
    const asked = {
      place: { service, environment },
      evidence,
      signatures: signatures?.environments[environment]?.[kind] ?? [],
      keys: policy.keys ?? [],
      otherEnvironments: Object.keys(environments),
    };
    const bundles = signatures?.bundles?.[environment]?.[kind] ?? [];
    origins[kind] = {
      signatures: checkSignatures(asked, verifyEd25519),
      bundles: checkBundles(policy, question.sigstore, { ...asked, bundles }),
    };
  }
  return { policy, origins, receivedAtMs: new Map(), nowMs };
}

/** The waivers that a policy takes. */
export function allowedWaivers(
  waivers: readonly Waiver[],
  environment: string,
  policy: EnvironmentPolicy,
): readonly Waiver[] {
  return waivers.filter((waiver) => findWaiverRefusal({ policy }, environment, waiver) === null);
}
