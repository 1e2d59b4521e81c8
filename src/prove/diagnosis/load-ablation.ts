import type { Ablation } from '../../ports/nodes/ablation.ts';
import type { Ask } from '../capacity/closed-loop.ts';

/** A load whose requests can be of another kind for a while. */
export interface SwitchedLoad {
  /** Sends as it is switched at the moment. */
  readonly ask: () => Ask;
  /**
   * An experiment that changes nothing but the requests of this program: prepared inputs (`synthetic-input`), or requests to the
   * replica itself (`direct-to-replica`). Nothing has to be undone on the node.
   */
  readonly ablateBy: (other: Ask) => Ablation;
}

/** After the last request of the other kind. */
const settleMs = 60;

export function switchLoad(usual: Ask): SwitchedLoad {
  let present = usual;
  return {
    ask: () => present,
    ablateBy: (other) => ({
      restoration: null,
      settleMs,
      apply: () => {
        present = other;
        return Promise.resolve();
      },
      undo: () => {
        present = usual;
        return Promise.resolve();
      },
    }),
  };
}
