import { readEvaluation } from '../../core/evidence/kinds/evaluation/evaluation-evidence.ts';
import { defaultLabelMarginShare, planLabels, type LabelPlan } from '../../core/monitoring/labels/label-plan.ts';
import type { StoreReader } from '../../ports/records/store.ts';
import type { ReleaseProof } from '../judging/release-proof.ts';

/** Older releases of the same pair than these have no prediction left that is not judged. */
const releasesAtMost = 50;

/** What labels of the shown release are judged by; null where its contract asks for none. */
export async function readLabelPlan(
  store: StoreReader,
  { release, loaded, locked }: ReleaseProof,
): Promise<LabelPlan | null> {
  const { monitoring, evaluation } = loaded.contract;
  if (monitoring?.labels === undefined) return null;
  const { withinMs, marginShare, errorAtMost } = monitoring.labels;
  const releases = await store.releases(release.service, release.environment);
  const same = releases.filter(
    ({ model, code }) => model.digest === release.model.digest && code.digest === release.code.digest,
  );
  return planLabels({
    releases: same.map(({ number }) => number).slice(-releasesAtMost),
    withinMs,
    marginShare: marginShare ?? defaultLabelMarginShare,
    errorAtMost: errorAtMost ?? null,
    gates: evaluation?.gates ?? [],
    measurements: readEvaluation(locked?.evidence.evaluation?.measurements ?? {}),
  });
}
