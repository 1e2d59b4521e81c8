import type { DeviceFacts, MigInstance } from '../../core/pool/node-facts.ts';
import type { ListedDevice, ListedInstance } from '../nvidia-smi-lines/device-list.ts';
import type { DeviceOfXml } from './device-of-xml.ts';
import type { NumberedInstance } from './mig-of-xml.ts';
import { isSame, notOneNode } from './with-query.ts';

/**
 * The devices with profiles and UUIDs of their MIG instances. Instances go together by their number on the board; one that
 * only one output has is kept as it is, and `unknown` says so.
 * @throws PlimsollError `nvidia-smi-invalid` (input) for a board of another node.
 */
export function withList(
  devices: readonly (DeviceOfXml & { readonly device: DeviceFacts })[],
  listed: readonly ListedDevice[],
): readonly DeviceFacts[] {
  for (const board of listed) {
    if (devices.some(({ device }) => matches(device, board))) continue;
    throw notOneNode(`nvidia-smi -L has GPU ${board.index} (${board.uuid}), which is not in the XML`);
  }
  return devices.map(({ device, instances }) => {
    const board = listed.find((one) => matches(device, one));
    return board === undefined ? device : completed(device, instances, board);
  });
}

const matches = (device: DeviceFacts, { index, uuid }: ListedDevice): boolean => isSame(device, { index, uuid });

function completed(device: DeviceFacts, instances: readonly NumberedInstance[], board: ListedDevice): DeviceFacts {
  const index = device.index ?? board.index;
  const unknown: Record<string, string> = { ...device.unknown };
  if (device.index === null) delete unknown['index'];
  if (device.product === null) delete unknown['product'];
  const product = device.product ?? board.product;
  if (device.mig?.enabled !== true) {
    if (board.instances.length > 0)
      unknown['mig'] = 'nvidia-smi -L lists MIG instances, and the XML says that MIG is not on';
    return { ...device, index, product, mig: board.instances.length > 0 ? null : device.mig, unknown };
  }
  delete unknown['mig.instances.profile'];
  delete unknown['mig.instances.uuid'];
  const merged = mergedInstances(instances, board.instances);
  if (merged.onlyOneTells) {
    unknown['mig.instances'] =
      `the XML lists ${instances.length} instances and nvidia-smi -L ${board.instances.length}: not every one is whole`;
  } else if (board.instances.length > 0) delete unknown['mig.instances'];
  return { ...device, index, product, mig: { ...device.mig, instances: merged.instances }, unknown };
}

function mergedInstances(
  told: readonly NumberedInstance[],
  listed: readonly ListedInstance[],
): { readonly instances: readonly MigInstance[]; readonly onlyOneTells: boolean } {
  const byIndex = new Map(listed.map((one) => [one.index, one]));
  const known = told.map(({ index, instance }) => {
    const line = index === null ? undefined : byIndex.get(index);
    return line === undefined ? instance : { ...instance, profile: line.profile, uuid: line.uuid };
  });
  const toldIndexes = new Set(told.map(({ index }) => index));
  const added = listed
    .filter(({ index }) => !toldIndexes.has(index))
    .map(({ profile, uuid }) => ({ profile, uuid, memoryBytes: null, multiprocessors: null, placement: null }));
  const instances = [...known, ...added];
  const onlyOneTells = added.length > 0 || known.some(({ profile }) => profile === null);
  return { instances, onlyOneTells };
}
