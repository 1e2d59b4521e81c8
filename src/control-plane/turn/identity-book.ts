import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Protocol } from '../../core/contract/contract.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ReadIdentity } from '../../ports/serving/replica-identity.ts';
import { nameOfIdentity } from '../../protocols/replica-identity/replica-identity.ts';

interface Asked {
  readonly replicaId: string;
  readonly endpoint: string;
  readonly protocol: Protocol;
}

const atOnce = 4;

/** What replicas told of themselves, for gateways that ask them again; null for one that tells nothing. */
export class IdentityBook {
  readonly #read: ReadIdentity | undefined;
  readonly #known = new Map<string, string | null>();
  readonly #asking = new Set<string>();

  /** @param read left out where addresses are not used again: then nobody is asked. */
  constructor(read: ReadIdentity | undefined) {
    this.#read = read;
  }

  known(): ReadonlyMap<string, string | null> {
    return this.#known;
  }

  /**
   * Who answers at the endpoint of a replica.
   * @throws PlimsollError `replica-mistaken` (unavailable) where it is another one; `replica-unreachable`.
   */
  async ask({ replicaId, endpoint, protocol }: Asked, signal: AbortSignal): Promise<string | null> {
    const told = (await this.#read?.(protocol, endpoint, signal)) ?? null;
    if (told !== null && nameOfIdentity(told) !== podOf(replicaId)) throw mistaken(replicaId, endpoint, told);
    return told;
  }

  keep(replicaId: string, identity: string | null): void {
    if (this.#read !== undefined) this.#known.set(replicaId, identity);
  }

  /** Asks, beside the turn, who was admitted by an earlier control plane; forgets who is gone. */
  consider(admitted: readonly Asked[], present: ReadonlySet<string>, signal: AbortSignal): void {
    for (const id of this.#known.keys()) if (!present.has(id)) this.#known.delete(id);
    if (this.#read === undefined) return;
    for (const asked of admitted) {
      const { replicaId } = asked;
      if (this.#known.has(replicaId) || this.#asking.has(replicaId) || this.#asking.size >= atOnce) continue;
      this.#asking.add(replicaId);
      void this.ask(asked, signal)
        .then((told) => this.#known.set(replicaId, told))
        .catch((thrown: unknown) => {
          // A name that nobody tells there: no gateway sends anything to that address.
          if (thrown instanceof PlimsollError && thrown.code === 'replica-mistaken')
            this.#known.set(replicaId, podOf(replicaId));
        })
        .finally(() => this.#asking.delete(replicaId));
    }
  }
}

/** The pod knows its own name alone: what stands behind the dot counts the starts in it. */
const podOf = (replicaId: string): string => replicaId.replace(/\..*$/, '');

const mistaken = (replicaId: string, endpoint: string, told: string): PlimsollError =>
  new PlimsollError({
    code: 'replica-mistaken',
    category: 'unavailable',
    message: `${told.slice(0, 300)} answers at ${endpoint}, and not ${replicaId}`,
    next: nextStep(controlPlaneSteps, 'replica-mistaken'),
  });
