import type { NodeFacts } from '../../core/hardware/node-facts.ts';
import { PlimsollError } from '../../core/units/errors.ts';

/** What `nvidia-smi` printed on one node, as files. */
export interface NvidiaSmiOutputs {
  /** `nvidia-smi -q -x` */
  readonly xml: Uint8Array;
  /** `nvidia-smi --query-gpu=... --format=csv`: the only one that tells the compute capability. */
  readonly csv?: Uint8Array | undefined;
  /** `nvidia-smi -L`: the only one that tells profiles and UUIDs of MIG instances. */
  readonly list?: Uint8Array | undefined;
  /** Name of the node: none of the outputs tells it. */
  readonly name: string;
  /** Null when it is not known: the time in the XML has no zone. */
  readonly takenAtMs: number | null;
}

/**
 * Facts of a node's accelerators, from one source or three merged by bus id, UUID and index.
 * @throws PlimsollError `nvidia-smi-invalid` (input).
 */
export function nodeFactsOfNvidiaSmi(_outputs: NvidiaSmiOutputs): NodeFacts {
  throw new PlimsollError({ code: 'nvidia-smi-invalid', category: 'input', message: 'not read yet' });
}
