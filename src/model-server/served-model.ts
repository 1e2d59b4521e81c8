import type { Digest } from '../core/units/digest.ts';
import type { LoadedModel } from '../ports/serving/inference-engine.ts';
import type { Batcher } from './batching/batcher.ts';
import type { Signature } from './signature.ts';

/** One loaded version, ready to answer. */
export interface ServedModel {
  readonly name: string;
  /** As it stands in paths and answers. */
  readonly version: string;
  readonly digest: Digest;
  readonly signature: Signature;
  readonly batchable: boolean;
  readonly batcher: Batcher;
  readonly loaded: LoadedModel;
}
