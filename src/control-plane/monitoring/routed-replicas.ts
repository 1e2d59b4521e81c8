import type { CapturedSample } from '../../core/monitoring/samples/sample.ts';
import type { RoutingTable } from '../../core/rollout/routing/routing.ts';

/** Replicas that are remembered; those that came first go. */
const replicasAtMost = 5_000;

/** Replicas that requests of one service may have been sent to: what a gateway says of any other is made up. */
export class RoutedReplicas {
  readonly #ids = new Set<string>();

  add({ splits, shadow }: Pick<RoutingTable, 'splits' | 'shadow'>): void {
    for (const { replicaId } of [...splits, ...(shadow === undefined ? [] : [shadow])].flatMap(
      (each) => each.replicas,
    )) {
      this.#ids.delete(replicaId);
      this.#ids.add(replicaId);
    }
    for (const oldest of this.#ids) {
      if (this.#ids.size <= replicasAtMost) return;
      this.#ids.delete(oldest);
    }
  }

  /** Whether every replica that the sample names is one of them: who answered, who was drawn, who could have been. */
  knowsAllOf({ replicaId, control }: Pick<CapturedSample, 'replicaId' | 'control'>): boolean {
    const drawn = control === null ? [] : [control.drawn, ...control.eligible.map((each) => each.replicaId)];
    return [...(replicaId === null ? [] : [replicaId]), ...drawn].every((id) => this.#ids.has(id));
  }
}
