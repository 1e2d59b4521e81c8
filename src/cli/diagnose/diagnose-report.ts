import type { StartDiagnosis } from '../../core/diagnosis/coldstart/diagnose-start.ts';
import type { Finding } from '../../core/diagnosis/finding/finding.ts';
import type { Observation, ObservedService } from '../../prove/diagnosis/observe.ts';

/** What `plimsoll diagnose --json` prints. */
export interface DiagnoseReport extends Observation {
  /** Null with `--node`. */
  readonly service: ObservedService | null;
  readonly finding: Finding;
  /** The last start of the replica that experiments run on; null where none is known. */
  readonly start: StartDiagnosis | null;
}
