import type { EvidenceSighting } from '../../core/evidence/sighting.ts';
import { digestOfMeasured, digestOfSending } from '../../core/evidence/sighting.ts';
import type { EvidenceKind, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { kindsOf, kindTable } from '../../core/evidence/kinds/table.ts';
import type { EnvironmentTerms } from '../../core/fleet/environment/environment-record.ts';
import { findPolicyRefusal, type RequiredPolicies } from '../../core/fleet/environment/required-policy.ts';
import { readJobSighting } from '../../core/trust/ci/ci-job.ts';
import { checkSignatures } from '../../core/trust/evidence-signatures.ts';
import type { EvidenceOrigin, TrustFacts } from '../../core/trust/judge-trust.ts';
import { evidenceRuleOf } from '../../core/trust/trust-policy.ts';
import type { OpenSigstore } from '../../ports/trust/sigstore.ts';
import { checkBundles } from '../../prove/trust/check-bundles.ts';
import { verifyEd25519 } from '../../prove/trust/ed25519.ts';
import type { OpenedBundle } from '../judging/bundle-shelf.ts';

export type { RequiredPolicies };

export interface TrustQuestion {
  readonly record: EnvironmentTerms | null;
  readonly service: string;
  readonly environment: string;
  readonly evidence: OpenedBundle;
  readonly locked: LockedEnvironment | null;
  readonly sightings: readonly EvidenceSighting[];
  readonly required?: RequiredPolicies | undefined;
  /** Left out where no trust root of Sigstore is named. */
  readonly sigstore?: OpenSigstore | undefined;
  readonly nowMs: number;
}

/** Whose evidence counts in an environment, and whose this is; undefined where no policy says anything. */
export function readTrust(question: TrustQuestion): TrustFacts | undefined {
  const { record, environment, required, sightings, nowMs, evidence } = question;
  const refusal = findPolicyRefusal(record, environment, required);
  if (refusal !== null) return { problem: refusal.message };
  const policy = record?.policy;
  if (policy?.evidenceFrom === undefined) return undefined;
  const { signatures } = evidence;
  if (signatures !== undefined && 'unreadable' in signatures) return { problem: signatures.unreadable };
  const origins: Partial<Record<EvidenceKind, EvidenceOrigin>> = {};
  const received = new Map(sightings.map(({ digest, firstSeenAtMs }) => [digest, firstSeenAtMs]));
  const firstBy = new Map(sightings.map(({ digest, by }) => [digest, by]));
  for (const kind of kindsOf(kindTable)) {
    const measured = question.locked?.evidence[kind];
    if (measured === undefined) continue;
    const digest = digestOfMeasured(measured);
    const first = firstBy.get(digest);
    const others = evidenceRuleOf(policy, kind)?.senders ?? [];
    origins[kind] = {
      signatures: checkSignatures(
        {
          place: question,
          evidence: measured,
          signatures: signatures?.environments[environment]?.[kind] ?? [],
          keys: policy.keys ?? [],
          otherEnvironments: Object.keys(evidence.loaded.contract.environments),
        },
        verifyEd25519,
      ),
      senders: [
        ...(first === undefined ? [] : [first]),
        ...others.filter((by) => received.has(digestOfSending(digest, by))),
      ],
      bundles: checkBundles(policy, question.sigstore, {
        place: question,
        evidence: measured,
        bundles: signatures?.bundles?.[environment]?.[kind] ?? [],
      }),
      jobs: sightings.flatMap((one) => readJobSighting(digest, one) ?? []),
    };
  }
  return { policy, origins, receivedAtMs: received, nowMs };
}
