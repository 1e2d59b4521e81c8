import type { Workload } from '../../../ports/serving/platform.ts';
import type { LocalMachine } from '../local-machine.ts';
import type { LocalSpare } from '../spares/local-spare.ts';

/** Where replicas get spares. */
export interface SpareShelf {
  /**
   * Returns a free spare that a replica of this workload can be made of, which is then nobody else's; null without one, or where those that are
   * free are promised to other services.
   */
  take(of: { readonly service: string; readonly environment: string }, workload: Workload): LocalSpare | null;
  /** It was not used, and is as it was. */
  giveBack(spare: LocalSpare): Promise<void>;
}

/** What every replica of one state folder shares. */
export interface ReplicaMachine extends LocalMachine {
  readonly spares: SpareShelf;
}
