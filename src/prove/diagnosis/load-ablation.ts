import type { Ablation } from '../../ports/nodes/ablation.ts';
import type { Ask } from '../capacity/closed-loop.ts';

/** One kind of request that a load sends. */
export interface RequestKind {
  readonly ask: Ask;
  /** Rows that one request carries: answers count by rows, so that larger requests can be compared. */
  readonly rows: number;
}

/** A load whose requests can be of another kind for a while. */
export interface SwitchedLoad {
  /** The kind at the moment. */
  readonly kind: () => RequestKind;
  /**
   * Returns an experiment that changes nothing but the requests of this program: prepared inputs (`synthetic-input`), requests to
   * the replica itself (`direct-to-replica`), or more rows in each (`larger-batch`). Nothing has to be undone on the node.
   */
  readonly ablateBy: (other: RequestKind) => Ablation;
}

/** After the last request of the kind before. */
const settleMs = 60;

export function switchLoad(usual: RequestKind): SwitchedLoad {
  let present = usual;
  const become = (kind: RequestKind) => (): Promise<void> => {
    present = kind;
    return Promise.resolve();
  };
  return {
    kind: () => present,
    ablateBy: (other) => ({ restoration: null, settleMs, apply: become(other), undo: become(usual) }),
  };
}
