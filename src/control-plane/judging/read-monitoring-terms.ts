import type { FleetShare } from '../../core/monitoring/alarms/fleet-share.ts';
import { monitoringTermsOf, type MonitoringTerms } from '../../core/monitoring/watch/monitoring-terms.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import { comparableReference, featureSetOf } from './feature-set.ts';
import { readReference } from './read-reference.ts';
import type { ReleaseProof } from './release-proof.ts';

/** What a release says of watching its answers; null where nothing is captured. */
export async function readMonitoringTerms(
  blobs: Blobs,
  proof: ReleaseProof,
  fleet: FleetShare | null,
): Promise<MonitoringTerms | null> {
  const { contract, evidence, loaded, release } = proof;
  const custom = featureSetOf(contract, release.environment);
  const reference = comparableReference(await readReference(blobs, evidence), custom, proof);
  return monitoringTermsOf(loaded.contract, release.number, reference, fleet, custom);
}
