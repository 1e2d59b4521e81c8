import { judgeCheckout } from '../../prove/judge/judge-checkout.ts';
import { checkoutFeatures } from '../../prove/subjects/checkout-features.ts';
import type { LoadedContract } from '../../core/contract/contract.ts';
import type { EnvironmentPolicy } from '../../core/fleet/environment/environment-record.ts';
import type { FeatureViews } from '../../core/evidence/features/feature-view.ts';
import { lockMismatches, type LockMismatch } from '../../core/evidence/lock/lock-step.ts';
import type { EvidenceState, Lock } from '../../core/evidence/lock/lock.ts';
import { dataNames } from '../../core/evidence/present-subjects.ts';
import { withRecomputed, type Recomputed } from '../../core/proof/recomputed.ts';
import { withWatchedEvidence } from '../../core/evidence/watched-evidence.ts';
import type { Project } from '../../ports/project/project.ts';
import type { OpenSigstore } from '../../ports/trust/sigstore.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { EnvironmentCheck } from '../verdict/evidence-lines.ts';

export interface EnvironmentQuestion {
  readonly project: Project;
  readonly loaded: LoadedContract;
  readonly lock: Lock | null;
  readonly environment: string;
  readonly nowMs: number;
  /** As the registry has them; null where there are none, or they cannot be read. */
  readonly featureViews: FeatureViews | null;
  /** Opened to resolve aliases and data again; null offline. */
  readonly online: (() => Promise<StoreReader>) | null;
  /** Whose evidence counts, as `--trust` says; undefined without it. */
  readonly policy: EnvironmentPolicy | undefined;
  /** Trust roots of Sigstore, where the policy names one. */
  readonly sigstore: OpenSigstore | undefined;
  /** What `--recompute` found; undefined without it. */
  readonly recomputed?: readonly Recomputed[] | undefined;
  /** The evidence table of a running control plane, when it watches this environment. */
  readonly watched: readonly EvidenceState[];
}

export async function checkEnvironment(question: EnvironmentQuestion): Promise<EnvironmentCheck> {
  const { project, environment, nowMs, watched, policy, recomputed } = question;
  const [states, mismatches] = await Promise.all([
    judgeCheckout(project, environment, nowMs, policy, question.sigstore),
    mismatchesOf(question),
  ]);
  const held = recomputed === undefined ? states : withRecomputed(states, recomputed, policy);
  return { environment, mismatches, evidence: withWatchedEvidence(held, watched) };
}

async function mismatchesOf(question: EnvironmentQuestion): Promise<readonly LockMismatch[]> {
  const { project, loaded, lock, environment, online, featureViews } = question;
  if (lock === null) return [];
  const { contract } = loaded;
  const codeDigest = await project.codeDigest(environment);
  const offline = lockMismatches({
    ...{ contract, environment, lock, codeDigest },
    features: await checkoutFeatures(project, contract, featureViews),
    dataNames: dataNames(loaded),
  });
  const locked = lock.environments[environment];
  if (online === null || locked === undefined) return offline;
  // What pinning needs is much more than what checking does, which runs on every commit.
  const { movedArtifacts } = await import('../../prove/pin/moved-artifacts.ts');
  const moved = await movedArtifacts(loaded, environment, locked, await online());
  return [...offline.filter(({ subject }) => subject !== 'data'), ...moved];
}
