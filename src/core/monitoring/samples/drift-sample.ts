import type { RequestSizes } from '../../evidence/kinds/capacity/request-mix.ts';
import type { FeatureValue } from '../detectors/control-learners.ts';

/** A captured request that people may look at. */
export interface DriftSample {
  readonly requestId: string;
  readonly atMs: number;
  readonly release: number;
  readonly replicaId: string | null;
  /** The replica that was drawn for it, where it was of the random share. */
  readonly drawn: string | null;
  readonly values: Readonly<Record<string, FeatureValue>>;
  /** Sizes of the request, of an answer that came: what the request mix is told by. Absent of older samples. */
  readonly sizes?: RequestSizes;
  /** Bodies as text, only where the contract says that they are kept. */
  readonly content?: { readonly request: string; readonly response: string };
}

/** Samples of a service that are kept: the newest ones. */
export const driftSamplesAtMost = 500;
