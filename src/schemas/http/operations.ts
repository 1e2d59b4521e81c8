import type { EvidenceState, Waiver } from '../../core/evidence/lock/lock.ts';
import type { ReleaseCanary, ReleasedCode, ReleasedGolden, ReleasedModel } from '../../core/rollout/release.ts';

/** A release as the command line asks for it: subjects already pinned, evidence already judged, blobs already stored. */
export interface ReleaseRequest {
  readonly service: string;
  readonly environment: string;
  readonly owner?: string | undefined;
  readonly code: ReleasedCode;
  readonly model: ReleasedModel;
  readonly golden: ReleasedGolden | null;
  readonly evidence: readonly EvidenceState[];
  readonly waivers: readonly Waiver[];
  readonly replicas: { readonly min: number; readonly max: number };
  readonly keepPreviousMs: number;
  readonly startTimeoutMs?: number | undefined;
  readonly steps: readonly number[];
  readonly canary?: ReleaseCanary | undefined;
}
