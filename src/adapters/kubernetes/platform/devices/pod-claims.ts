import type { ReplicaDevice } from '../../../../core/rollout/replica-devices.ts';
import { asPlimsollError, PlimsollError } from '../../../../core/units/errors.ts';
import type { Clock } from '../../../../ports/process/clock.ts';
import { arrayOf, isObject, type JsonObject } from '../../../../protocols/kubernetes-objects/json-object.ts';
import type { PodObject } from '../../../../protocols/kubernetes-objects/pods/pod-object.ts';
import { readAllocation, type AllocatedDevice } from '../../../../protocols/kubernetes-objects/pods/resource-claim.ts';
import {
  resourceSliceOf,
  type ResourceSlice,
  type SliceDevice,
} from '../../../../protocols/kubernetes-objects/resource-slice.ts';
import type { ApiClient } from '../../api/api-client.ts';
import { chooseServedVersion, noReadableVersion } from '../../served-version.ts';

/** What the claims of a pod say. */
export interface ClaimedDevices {
  readonly devices: readonly ReplicaDevice[] | null;
  readonly unknown: string | null;
}

type Slices = readonly ResourceSlice[] | { readonly unreadable: string };

const mostAtOnce = 8;
const patienceMs = 3_000;
/** What could not be read whole is read again after this time. */
const retryMs = 30_000;
/** Slices of one node with 64 devices each: far more than a node has. */
const mostSlices = '200';

/**
 * The devices of pods with ResourceClaims, read once for each pod: an allocation does not change while a pod has it. Without
 * the right to list ResourceSlices, devices have their names alone.
 */
export class PodClaims {
  readonly #client: ApiClient;
  readonly #namespace: string;
  readonly #clock: Clock;
  readonly #known = new Map<string, ClaimedDevices & { readonly readAtMs: number }>();
  #version: string | null = null;

  constructor(client: ApiClient, namespace: string, clock: Clock) {
    this.#client = client;
    this.#namespace = namespace;
    this.#clock = clock;
  }

  /** Null for a pod without claims. */
  of({ uid, devices }: PodObject): ClaimedDevices | null {
    if (devices.claims.length === 0) return null;
    return this.#known.get(uid) ?? { devices: null, unknown: 'its ResourceClaims are not read yet' };
  }

  /** Reads those of pods with a node. Never rejects for what cannot be read: the pod then says why. */
  async look(pods: readonly PodObject[], signal: AbortSignal): Promise<void> {
    const due = pods.filter((pod) => pod.node !== null && pod.devices.claims.length > 0 && this.#isDue(pod));
    if (due.length === 0) return;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    const slices = new Map<string, Promise<Slices>>();
    const slicesOf = (node: string): Promise<Slices> => {
      const reading = slices.get(node) ?? this.#readSlices(node, limit);
      slices.set(node, reading);
      return reading;
    };
    await Promise.all(
      due.slice(0, mostAtOnce).map(async (pod) => {
        const read = await this.#readPod(pod, slicesOf, limit).catch((thrown: unknown) => {
          signal.throwIfAborted();
          return { devices: null, unknown: `its ResourceClaims cannot be read: ${asPlimsollError(thrown).message}` };
        });
        this.#known.set(pod.uid, { ...read, readAtMs: this.#clock.monotonicMs() });
      }),
    );
  }

  forgetGone(pods: ReadonlyMap<string, PodObject>): void {
    if (this.#known.size <= 2 * pods.size + 100) return;
    for (const uid of this.#known.keys()) if (!pods.has(uid)) this.#known.delete(uid);
  }

  #isDue({ uid }: PodObject): boolean {
    const known = this.#known.get(uid);
    return known === undefined || (known.unknown !== null && this.#clock.monotonicMs() - known.readAtMs >= retryMs);
  }

  async #readPod(
    { node, devices }: PodObject,
    slicesOf: (node: string) => Promise<Slices>,
    signal: AbortSignal,
  ): Promise<ClaimedDevices> {
    const version = await this.#readVersion(signal);
    const allocated: AllocatedDevice[] = [];
    for (const { claim, requests } of devices.claims) {
      const path = `/apis/resource.k8s.io/${version}/namespaces/${this.#namespace}/resourceclaims/${claim}`;
      const { status, body } = await this.#client.call({ method: 'GET', path, signal });
      const found = status === 200 ? readAllocation(body) : null;
      if (found === null) return { devices: null, unknown: `the ResourceClaim ${claim} has no devices yet` };
      allocated.push(...found.filter(({ request }) => requests?.includes(request) ?? true));
    }
    return nameDevices(allocated, await slicesOf(node ?? ''));
  }

  async #readVersion(signal: AbortSignal): Promise<string> {
    if (this.#version !== null) return this.#version;
    const { body } = await this.#client.call({ method: 'GET', path: '/apis/resource.k8s.io', signal });
    this.#version = chooseServedVersion(body) ?? null;
    if (this.#version !== null) return this.#version;
    const next = 'kubectl api-versions | grep resource.k8s.io';
    throw new PlimsollError({ code: 'cluster-too-old', category: 'unavailable', message: noReadableVersion, next });
  }

  async #readSlices(node: string, signal: AbortSignal): Promise<Slices> {
    try {
      const path = `/apis/resource.k8s.io/${await this.#readVersion(signal)}/resourceslices`;
      const query = { fieldSelector: `spec.nodeName=${node}`, limit: mostSlices };
      const { body } = await this.#client.call({ method: 'GET', path, query, signal });
      return arrayOf(body['items'])
        .filter(isObject)
        .flatMap((object: JsonObject) => resourceSliceOf(object) ?? []);
    } catch (thrown) {
      return { unreadable: `the ResourceSlices of ${node} cannot be read: ${asPlimsollError(thrown).message}` };
    }
  }
}

/** Devices with what their ResourceSlices say of them. */
export function nameDevices(allocated: readonly AllocatedDevice[], slices: Slices): ClaimedDevices {
  const reasons = new Set<string>('unreadable' in slices ? [slices.unreadable] : []);
  const devices = allocated.map((one): ReplicaDevice => {
    const found = 'unreadable' in slices ? null : findDevice(one, slices);
    const name = `${one.driver}/${one.pool}/${one.device}`;
    if (found === null && !('unreadable' in slices)) reasons.add(`no ResourceSlice of its node has the device ${name}`);
    return { name, share: one.shareId, ...attributesOf(found), ...bytesOf(one, found) };
  });
  return { devices, unknown: reasons.size === 0 ? null : [...reasons].join('; ') };
}

/** In the newest generation of its pool alone: older slices tell of what was there. */
function findDevice({ driver, pool, device }: AllocatedDevice, slices: readonly ResourceSlice[]): SliceDevice | null {
  const own = slices.filter((slice) => slice.driver === driver && slice.pool === pool);
  const newest = Math.max(...own.map(({ generation }) => generation));
  const devices = own.filter(({ generation }) => generation === newest).flatMap((slice) => [...slice.devices.values()]);
  return devices.flat().find(({ name }) => name === device) ?? null;
}

function attributesOf(found: SliceDevice | null): Pick<ReplicaDevice, 'uuid' | 'product' | 'mig'> {
  const text = (key: string): string | null => {
    const value = found?.attributes[key];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  const mig = text('type') === 'mig' ? { profile: text('profile'), parentUuid: text('parentUUID') } : null;
  return { uuid: text('uuid'), product: text('productName'), mig };
}

const bytesOf = ({ shareBytes }: AllocatedDevice, found: SliceDevice | null): Pick<ReplicaDevice, 'memoryBytes'> => ({
  memoryBytes: shareBytes ?? found?.capacity['memory'] ?? null,
});
