import type { StartDiagnosis } from '../../core/diagnosis/coldstart/diagnose-start.ts';
import type { Finding } from '../../core/diagnosis/finding/finding.ts';
import type { Observation } from '../../core/diagnosis/report/diagnosis-record.ts';
import type { AcceleratorPrice } from '../../core/diagnosis/report/tell-finding.ts';
import type { ObservedService } from '../../prove/diagnosis/observe.ts';

/** What `plimsoll diagnose --json` prints. */
export interface DiagnoseReport extends Observation {
  /** Null with `--node`. */
  readonly service: ObservedService | null;
  readonly finding: Finding;
  /** By which the cost of the finding is money; null where none is known. */
  readonly price: AcceleratorPrice | null;
  /** The last start of the replica that experiments run on, or whose container is looked at; null where none is known. */
  readonly start: StartDiagnosis | null;
}
