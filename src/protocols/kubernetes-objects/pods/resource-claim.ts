import { arrayOf, isObject, objectAt, textOf, type JsonObject } from '../json-object.ts';
import { readKubernetesQuantity } from '../quantity.ts';

/** One device of a ResourceClaim, by the ResourceSlice that publishes it. */
export interface AllocatedDevice {
  readonly request: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: string;
  /** Of a device that is given to several claims. */
  readonly shareId: string | null;
  readonly shareBytes: number | null;
}

/**
 * The devices of a ResourceClaim of v1, v1beta2 or v1beta1; null while it has none.
 * https://kubernetes.io/docs/reference/kubernetes-api/resource/resource-claim-v1/
 */
export function readAllocation(claim: JsonObject): readonly AllocatedDevice[] | null {
  const allocation = objectAt(claim, 'status')['allocation'];
  if (!isObject(allocation)) return null;
  const results = arrayOf(objectAt(allocation, 'devices')['results']).filter(isObject);
  return results.flatMap((one) => {
    const [driver, pool, device] = [textOf(one['driver']), textOf(one['pool']), textOf(one['device'])];
    if (driver === null || pool === null || device === null || one['adminAccess'] === true) return [];
    return {
      // The choice within a request of several is written `REQUEST/CHOICE`.
      request: textOf(one['request'])?.split('/')[0] ?? '',
      driver,
      pool,
      device,
      shareId: textOf(one['shareID']),
      shareBytes: readKubernetesQuantity(objectAt(one, 'consumedCapacity')['memory']),
    };
  });
}
