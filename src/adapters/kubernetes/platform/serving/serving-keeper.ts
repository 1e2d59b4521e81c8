import type { Clock } from '../../../../ports/process/clock.ts';
import type { AdmittedReplicas, ReplicaOwner } from '../../../../ports/serving/platform.ts';
import type { PlatformNotice } from '../../../../ports/serving/platform-notice.ts';
import type { PodObject } from '../../../../protocols/kubernetes-objects/pods/pod-object.ts';
import type { ApiClient } from '../../api/api-client.ts';
import type { ManifestOptions } from '../../manifests/placement.ts';
import { makeEndpointSlices, makeService, serviceLabels } from '../../manifests/service.ts';
import { servingPods } from './decide-gate.ts';
import { GateWriter } from './gate-writer.ts';
import { ObjectKeeper } from './object-keeper.ts';
import type { OwnedObject } from './owned-object.ts';

export interface ServingKeeperParts {
  readonly owner: ReplicaOwner;
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly manifest: ManifestOptions;
  readonly notice: (notice: Omit<PlatformNotice, 'atMs'>) => void;
}

/** What the watches show of an owner. */
export interface SeenServing {
  readonly pods: readonly PodObject[];
  readonly services: readonly OwnedObject[];
  readonly slices: readonly OwnedObject[];
}

/** Keeps the readiness gates of an owner's pods, and its Service with the slices that lead to its live, admitted pods. */
export class ServingKeeper {
  readonly #parts: ServingKeeperParts;
  readonly #gates: GateWriter;
  readonly #services: ObjectKeeper;
  readonly #slices: ObjectKeeper;

  constructor(parts: ServingKeeperParts) {
    const { owner, client, clock, manifest, notice } = parts;
    const { namespace, installation } = manifest;
    this.#parts = parts;
    this.#gates = new GateWriter(client, namespace, clock);
    const shared = { client, clock, notice, labels: serviceLabels(installation, owner) };
    this.#services = new ObjectKeeper({ ...shared, path: `/api/v1/namespaces/${namespace}/services` });
    this.#slices = new ObjectKeeper({
      ...shared,
      path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    });
  }

  /** Gates first: a pod that others look at says first that it is ready. @throws PlimsollError as `ObjectKeeper.keep`. */
  async keep({ admitted, live }: AdmittedReplicas, seen: SeenServing, signal: AbortSignal): Promise<void> {
    const { owner, manifest } = this.#parts;
    await this.#gates.keep(seen.pods, admitted, signal);
    const serving = live === null ? [] : servingPods(seen.pods, { admitted, live });
    await this.#slices.keep(makeEndpointSlices(owner, serving, manifest), seen.slices, signal);
    await this.#services.keep(live === null ? [] : [makeService(owner, manifest)], seen.services, signal);
  }
}
