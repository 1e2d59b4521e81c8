import { bundledFiles } from '../../core/bundle/bundle.ts';
import { digestOfPrograms } from '../../core/contract/feature-programs.ts';
import { customGroup } from '../../core/monitoring/features/custom-features.ts';
import type { ReferenceSummary } from '../../core/monitoring/features/reference.ts';
import type { CustomSet } from '../../core/monitoring/watch/monitoring-terms.ts';
import type { OpenedBundle } from './bundle-shelf.ts';
import type { ReleaseProof } from './release-proof.ts';

/**
 * The programs that compute features of a release; null where its contract names none. They run where its replicas run as
 * processes: whoever may release runs programs there anyway. In a cluster the control plane runs none of them.
 */
export function featureSetOf(
  { bundle, loaded }: Pick<OpenedBundle, 'bundle' | 'loaded'>,
  environment: string,
): CustomSet | null {
  const programs = loaded.contract.monitoring?.features;
  if (programs === undefined) return null;
  const files = bundledFiles(bundle, 'feature').map(({ path, digest, bytes }) => ({ path, digest, bytes }));
  const isCluster = loaded.contract.environments[environment]?.platform === 'kubernetes';
  return {
    digest: digestOfPrograms(programs, Object.fromEntries(files.map(({ path, digest }) => [path, digest]))),
    programs,
    files,
    refused: isCluster ? 'programs of a release run in its pods alone, and the control plane has none of them' : null,
  };
}

/** The reference without the features of other programs than those that look at live rows: they are other features. */
export function comparableReference(
  summary: ReferenceSummary | null,
  set: CustomSet | null,
  { locked }: Pick<ReleaseProof, 'locked'>,
): ReferenceSummary | null {
  if (summary === null || locked?.evidence.evaluation?.subjects['features'] === set?.digest) return summary;
  const custom = summary.features.filter(({ group }) => group === customGroup).map(({ name }) => name);
  const withoutCustom = <T extends Pick<ReferenceSummary, 'features'>>(of: T): T => ({
    ...of,
    features: of.features.filter(({ group }) => group !== customGroup),
  });
  const { slices } = summary;
  if (slices === undefined) return withoutCustom(summary);
  return { ...withoutCustom(summary), slices: slices.filter(({ by }) => !custom.includes(by)).map(withoutCustom) };
}
