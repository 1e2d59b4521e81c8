import { isGrantedTo, readReplicaSecret } from '../../../../core/contract/secrets/secret-grant.ts';
import type { Clock } from '../../../../ports/process/clock.ts';
import type { ReplicaOwner, Workload } from '../../../../ports/serving/platform.ts';
import type { PodObject } from '../../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { readSecretChange } from '../../../../protocols/kubernetes-objects/secret-change.ts';
import type { ApiClient } from '../../api/api-client.ts';
import type { ManifestOptions } from '../../manifests/placement.ts';
import { BoundedLooks } from './bounded-looks.ts';

interface Known {
  /** When its values were last written; null where that is not known. */
  readonly changedAtMs: number | null;
  readonly readAtMs: number;
}

const everyMs = 10_000;
/** Without the right to read it nothing comes of asking often. */
const refusedMs = 60_000;
const mostAtOnce = 8;
const patienceMs = 3_000;
const rememberedAtMost = 10_000;
/** Answers with the metadata alone: no value of a Secret comes into this program. */
export const metadataOnly = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/**
 * Looks when Secrets were last written whose values replicas have as variables. It takes the right `get` on these Secrets, which the
 * installation does not give; without it nothing is known.
 *
 * | the Secret | the replica |
 * |---|---|
 * | was written after the pod was made | is outdated |
 * | was written before | has its value |
 * | is not there, may not be read, or tells no time | is not known to be outdated |
 *
 * Both times are of the API server. A pod that is made again is newer than the Secret, so that replacing ends.
 */
export class SecretChanges {
  readonly #client: ApiClient;
  readonly #manifest: Pick<ManifestOptions, 'namespace' | 'secretGrants'>;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #looks = new BoundedLooks(mostAtOnce);

  constructor(client: ApiClient, manifest: Pick<ManifestOptions, 'namespace' | 'secretGrants'>, clock: Clock) {
    this.#client = client;
    this.#manifest = manifest;
    this.#clock = clock;
  }

  /** Why a pod of this workload is to be replaced, in words; null: it need not be. */
  outdated(pod: Pick<PodObject, 'createdAtMs'>, { secrets }: Pick<Workload, 'secrets'>): string | null {
    const changed = valuesOf(secrets)
      .filter(({ name }) => (this.#known.get(name)?.changedAtMs ?? -Infinity) > pod.createdAtMs)
      .map(({ variable }) => variable)
      .sort();
    if (changed.length === 0) return null;
    return `the Secret of ${changed.join(', ')} was written since its start`;
  }

  /**
   * Begins the looks that are due, and returns at once.
   * @param changed called after a look that found a newer time.
   */
  look(
    owner: ReplicaOwner,
    workloads: readonly Pick<Workload, 'secrets'>[],
    changed: () => void,
    signal: AbortSignal,
  ): void {
    const names = new Set(workloads.flatMap(({ secrets }) => valuesOf(secrets)).map(({ name }) => name));
    for (const name of names) {
      if (!this.#looks.hasRoom(name) || !this.#isDue(name)) continue;
      if (!isGrantedTo(this.#manifest.secretGrants(name), owner)) continue;
      this.#looks.begin(name, async () => {
        const isNewer = await this.#read(name, signal);
        if (isNewer && !signal.aborted) changed();
      });
    }
  }

  #isDue(name: string): boolean {
    const known = this.#known.get(name);
    return known === undefined || this.#clock.monotonicMs() >= known.readAtMs + everyMs;
  }

  /** True where a newer time was found. What cannot be read now has not changed. */
  async #read(name: string, signal: AbortSignal): Promise<boolean> {
    const before = this.#known.get(name)?.changedAtMs ?? null;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    const path = `/api/v1/namespaces/${this.#manifest.namespace}/secrets/${encodeURIComponent(name)}`;
    try {
      const { status, body } = await this.#client.call({ method: 'GET', path, accept: metadataOnly, signal: limit });
      const found = status === 200 ? readSecretChange(body) : null;
      this.#keep(name, found ?? before, 0);
      return found !== null && found !== before;
    } catch {
      this.#keep(name, before, refusedMs - everyMs);
      return false;
    }
  }

  #keep(name: string, changedAtMs: number | null, laterMs: number): void {
    this.#known.delete(name);
    this.#known.set(name, { changedAtMs, readAtMs: this.#clock.monotonicMs() + laterMs });
    const [oldest] = this.#known.keys();
    if (this.#known.size > rememberedAtMost && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** Secrets whose values are in variables: a kubelet renews files by itself. */
function valuesOf(secrets: Workload['secrets']): readonly { readonly variable: string; readonly name: string }[] {
  return Object.entries(secrets).flatMap(([variable, reference]) => {
    const named = readReplicaSecret(reference);
    return named?.use === 'value' ? [{ variable, name: named.name }] : [];
  });
}
