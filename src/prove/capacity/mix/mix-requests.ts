import type { RequestSizes } from '../../../core/evidence/kinds/capacity/request-mix.ts';
import type { TensorSpec } from '../../../core/units/tensor.ts';
import type { Ask } from '../closed-loop.ts';

/** The replica that requests go to. */
export interface AskedReplica {
  readonly endpoint: string;
  readonly model: string;
  readonly inputs: readonly TensorSpec[];
}

/** Requests of a mix, whatever protocol they are sent by. */
export interface MixRequests {
  /** For people. */
  readonly of: string;
  /** The requests of the mix, in turn. */
  askMixed(): Promise<Ask>;
  /** Requests of one size. */
  askOf(sizes: RequestSizes): Promise<Ask>;
}
