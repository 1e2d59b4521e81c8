import type { ReplicaOwner, Workload } from '../../../ports/serving/platform.ts';
import type { LocalMachine } from '../local-machine.ts';
import { hasEnded, replicaFolder, type ReplicaRecord } from '../replica/replica-record.ts';
import { refreshSecrets } from './give-secrets.ts';

/** What is renewed: a replica of the set, as far as it is needed here. */
export interface RenewedReplica {
  readonly record: ReplicaRecord;
  /** Why it has to be replaced, in words; null: it need not. */
  setOutdated(reason: string | null): void;
}

const lookEveryMs = 10_000;

/** Looks now and then whether secrets of the replicas of a set changed. One look at a time, however long a store of secrets takes. */
export class SecretRenewal {
  readonly #machine: LocalMachine;
  readonly #owner: ReplicaOwner;
  #nextMs = 0;
  #looking: Promise<void> | null = null;

  constructor(machine: LocalMachine, owner: ReplicaOwner) {
    this.#machine = machine;
    this.#owner = owner;
  }

  /** Begins a look where one is due, and returns at once. */
  look(replicas: readonly RenewedReplica[], workload: Workload): void {
    const nowMs = this.#machine.clock.monotonicMs();
    if (Object.keys(workload.secrets).length === 0 || this.#looking !== null || nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + lookEveryMs;
    this.#looking = this.#lookAt(replicas, workload).finally(() => (this.#looking = null));
  }

  async #lookAt(replicas: readonly RenewedReplica[], workload: Workload): Promise<void> {
    for (const replica of replicas) {
      const { record } = replica;
      if (record.pid === null || hasEnded(record) || record.state === 'draining') continue;
      const folder = replicaFolder(this.#machine.stateFolder, record.replicaId);
      const changed = await refreshSecrets(this.#machine, workload, this.#owner, folder).catch(() => []);
      replica.setOutdated(changed.length === 0 ? null : outdatedBy(changed));
    }
  }
}

const outdatedBy = (variables: readonly string[]): string =>
  `${variables.join(', ')} ${variables.length === 1 ? 'has another value' : 'have other values'} since its start`;
