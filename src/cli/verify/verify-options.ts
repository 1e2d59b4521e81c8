import type { ReportFormat } from '../report/report.ts';
import type { EmitForm } from './verify-emit.ts';

export interface VerifyOptions {
  readonly pool: readonly string[];
  readonly every?: true | readonly string[];
  readonly format: VerifyFormat;
  readonly whatIf: readonly string[];
  readonly emit?: EmitForm;
  /** Stated for nodes whose source does not tell it. */
  readonly architecture?: string;
  readonly dryRun?: boolean;
  /** File of a policy: by whom image and model have to be signed. */
  readonly trust?: string;
}

export type VerifyFormat = ReportFormat | 'json';
