import type { NodeFacts } from '../../../../core/pool/node-facts.ts';
import type { ReplicaDevice, ReplicaDevices } from '../../../../core/rollout/replica-devices.ts';
import type { PodDevices } from '../../../../protocols/kubernetes-objects/pods/pod-devices.ts';
import type { ClaimedDevices } from './pod-claims.ts';

export interface TellsOfDevices {
  /** Null for a pod without claims. */
  readonly claimed: ClaimedDevices | null;
  /** What the replica printed of itself; null where it printed nothing. */
  readonly said: readonly ReplicaDevice[] | null;
  /** Facts of its node; null where they are not read. */
  readonly node: NodeFacts | null;
}

const bare: ReplicaDevice = { name: null, uuid: null, product: null, mig: null, share: null, memoryBytes: null };

/**
 * Who is believed, first to last:
 *
 * | of | tells |
 * |---|---|
 * | nothing asked for | none |
 * | ResourceClaim | each device, by its ResourceSlice |
 * | kubelet | the ids of the device plugin: UUIDs, and the share of one |
 * | the replica | what it sees itself |
 * | labels of the node | what its devices are, where all of them are alike |
 */
export function describeDevices(pod: PodDevices, { claimed, said, node }: TellsOfDevices): ReplicaDevices {
  const asked = Object.entries(pod.asked);
  if (asked.length === 0 && claimed === null) return { toldBy: 'request', devices: [], unknown: null };
  if (claimed !== null && claimed.devices !== null) {
    return { toldBy: 'resource-claim', devices: claimed.devices, unknown: claimed.unknown };
  }
  if (pod.allocated.length > 0) return { toldBy: 'kubelet', ...ofKubelet(pod, node) };
  if (said !== null) return { toldBy: 'replica', devices: said, unknown: null };
  if (claimed !== null) return { toldBy: null, devices: null, unknown: claimed.unknown };
  const resources = asked.map(([name]) => name).join(', ');
  const silent = `neither the kubelet (ResourceHealthStatus) nor the replica tells which of ${resources} it has`;
  const alike = alikeOn(node);
  if (alike === null) return { toldBy: null, devices: null, unknown: silent };
  const count = asked.reduce((sum, [, each]) => sum + each, 0);
  return { toldBy: 'node-labels', devices: Array.from({ length: count }, () => alike), unknown: silent };
}

/** `GPU-...::3` is the share 3 of a device that the plugin hands out several times. */
const idPattern = /^((?:GPU|MIG)-[0-9A-Za-z/-]+)(?:::(\d{1,4}))?$/;

function ofKubelet({ allocated }: PodDevices, node: NodeFacts | null): Omit<ReplicaDevices, 'toldBy'> {
  const devices = allocated.map(({ id }): ReplicaDevice => {
    const [, uuid = null, share = null] = idPattern.exec(id) ?? [];
    return { ...bare, ...knownByUuid(node, uuid), name: id, uuid, share };
  });
  const other = allocated.find((_, at) => devices[at]?.uuid === null);
  const unknown = other === undefined ? null : `${other.id} of ${other.resource} is no UUID of NVIDIA`;
  return { devices, unknown };
}

/** What the facts of the node say of one board or instance; of a board by its labels, where all are alike. */
function knownByUuid(node: NodeFacts | null, uuid: string | null): Partial<ReplicaDevice> {
  const boards = node?.devices ?? [];
  for (const board of uuid === null ? [] : boards) {
    const { product, memoryBytes, mig } = board;
    if (board.uuid === uuid) return { product, memoryBytes };
    const instance = mig?.instances.find((each) => each.uuid === uuid);
    if (instance === undefined) continue;
    const { profile, memoryBytes: own } = instance;
    return { product, memoryBytes: own, mig: { profile, parentUuid: board.uuid } };
  }
  if (uuid?.startsWith('MIG-') === true) return { mig: { profile: null, parentUuid: null } };
  return { product: alikeOn(node)?.product ?? null };
}

/** A device as labels tell it; null where a node may hold several kinds. */
function alikeOn(node: NodeFacts | null): ReplicaDevice | null {
  const [first, ...others] = node?.devices ?? [];
  if (first === undefined || first.certainty !== 'device') return null;
  if (others.some(({ product }) => product !== first.product)) return null;
  return { ...bare, product: first.product, memoryBytes: first.sharing === 'exclusive' ? first.memoryBytes : null };
}
