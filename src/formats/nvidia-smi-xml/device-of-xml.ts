import type { DeviceState } from '../../core/pool/device-state.ts';
import { linkStateOf } from '../../core/pool/link-state.ts';
import type { DeviceFacts, LinkFacts } from '../../core/pool/node-facts.ts';
import { boardOf } from './boards.ts';
import { elementAt, ElementFacts } from './element-facts.ts';
import { migOfXml, type NumberedInstance } from './mig-of-xml.ts';
import { stateOfXml } from './state-of-xml.ts';
import {
  readBrand,
  readCount,
  readMebibytes,
  readName,
  readPciBusId,
  readPciDeviceId,
  readSwitch,
  readUuid,
  readWatts,
  readWidth,
} from './told-value.ts';
import type { XmlElement } from './xml-tree.ts';

export interface DeviceOfXml {
  readonly device: DeviceFacts;
  readonly instances: readonly NumberedInstance[];
}

/** Facts of the whole log that every device shares. */
export interface LogFacts {
  readonly driver: string | null;
  readonly driverCuda: string | null;
  readonly unknown: Readonly<Record<string, string>>;
}

/**
 * One `<gpu>`. Names of elements by driver, from captures of drivers 515 to 615:
 *
 * | fact | to 530 | from 535 | besides |
 * |---|---|---|---|
 * | power limit | power_readings/enforced_power_limit | gpu_power_readings/current_power_limit | 615 has it a second time under gpu_ceiling_power_limit |
 * | throttle | clocks_throttle_reasons | clocks_event_reasons | 615 adds board_limit and reliability |
 * | memory, MIG, ECC, PCI | unchanged | unchanged | |
 *
 * @param index position in the log, which lists boards by index; null when it does not list all of them.
 */
export function deviceOfXml(gpu: XmlElement, log: LogFacts, index: number | null): DeviceOfXml {
  const facts = new ElementFacts(gpu);
  const pciDeviceId = facts.read('pciDeviceId', ['pci/pci_device_id'], readPciDeviceId);
  const { mig, instances } = migOfXml(gpu, facts, pciDeviceId);
  const computeCapability = boardOf(pciDeviceId)?.computeCapability ?? null;
  const link = linkOf(facts);
  const throttleReasons = throttleReasonsOf(gpu, facts);
  const state = withLink(stateOfXml(gpu), linkStateOf(link, throttleReasons));
  const device: Omit<DeviceFacts, 'unknown'> = {
    index,
    uuid: facts.read('uuid', ['uuid'], readUuid),
    product: facts.read('product', ['product_name'], readName),
    brand: facts.read('brand', ['product_brand'], readBrand),
    architecture: facts.read('architecture', ['product_architecture'], readName),
    pciDeviceId,
    pciBusId: busIdOf(gpu, facts),
    computeCapability,
    memoryBytes: facts.read('memoryBytes', ['fb_memory_usage/total'], readMebibytes),
    reservedBytes: facts.read('reservedBytes', ['fb_memory_usage/reserved'], readMebibytes),
    driver: log.driver,
    driverCuda: log.driverCuda,
    mig,
    sharing: mig?.enabled === true ? 'mig' : null,
    eccEnabled: facts.read('eccEnabled', ['ecc_mode/current_ecc'], readSwitch),
    numaNode: null,
    link,
    powerLimitWatts: facts.read('powerLimitWatts', powerLimitPaths, readWatts),
    throttleReasons,
    ...(state === undefined ? {} : { state }),
    certainty: 'device',
  };
  return { device: { ...device, unknown: unknownOf(device, log, facts) }, instances };
}

const withLink = (state: DeviceState | undefined, link: DeviceState['link']): DeviceState | undefined =>
  link === undefined ? state : { ...state, link };

/** The limit that is enforced comes first; `power_limit` is the one that was asked for. */
const powerLimitPaths = [
  'gpu_power_readings/current_power_limit',
  'gpu_power_readings/gpu_ceiling_power_limit/current_power_limit',
  'power_readings/enforced_power_limit',
  'power_readings/power_limit',
];

function unknownOf(
  device: Omit<DeviceFacts, 'unknown'>,
  log: LogFacts,
  { unknown }: ElementFacts,
): Readonly<Record<string, string>> {
  const untold: Record<string, string> = { numaNode: 'nvidia-smi does not tell it' };
  if (device.index === null) untold['index'] = 'the log does not list every board';
  if (device.computeCapability === null) {
    untold['computeCapability'] = 'nvidia-smi -q -x does not tell it: add --query-gpu with compute_cap';
  }
  if (device.sharing === null && device.mig !== null) {
    untold['sharing'] = 'nvidia-smi does not tell time-slicing or MPS, which are set up beside the driver';
  }
  if (device.sharing === null && device.mig === null) untold['sharing'] = 'the MIG mode is not known';
  if (device.mig?.enabled === true && device.mig.instances.length > 0) {
    untold['mig.instances.profile'] =
      'nvidia-smi -q -x does not tell it, and it is inferred from memory and multiprocessors where only one fits: add nvidia-smi -L';
    untold['mig.instances.uuid'] = 'nvidia-smi -q -x does not tell it: add nvidia-smi -L';
    untold['mig.instances.placement'] = 'nvidia-smi -q -x does not tell it';
  }
  return { ...untold, ...log.unknown, ...unknown };
}

function busIdOf(gpu: XmlElement, facts: ElementFacts): string | null {
  const told = facts.read('pciBusId', ['pci/pci_bus_id'], readPciBusId);
  if (told !== null) return told;
  const id = readPciBusId(gpu.attributes['id'] ?? '');
  if (id !== null) delete facts.unknown['pciBusId'];
  return id;
}

function linkOf(facts: ElementFacts): LinkFacts | null {
  const base = 'pci/pci_gpu_link_info';
  const link: LinkFacts = {
    generation: facts.read('link.generation', [`${base}/pcie_gen/current_link_gen`], readCount),
    maxGeneration: facts.read('link.maxGeneration', [`${base}/pcie_gen/max_link_gen`], readCount),
    width: facts.read('link.width', [`${base}/link_widths/current_link_width`], readWidth),
    maxWidth: facts.read('link.maxWidth', [`${base}/link_widths/max_link_width`], readWidth),
  };
  return Object.values(link).every((value) => value === null) ? null : link;
}

const reasonBlocks = [
  { block: 'clocks_event_reasons', prefix: 'clocks_event_reason_' },
  { block: 'clocks_throttle_reasons', prefix: 'clocks_throttle_reason_' },
];

/** Both names of the block give the same names of reasons: `gpu_idle`, `sw_power_cap`. */
function throttleReasonsOf(gpu: XmlElement, facts: ElementFacts): readonly string[] | null {
  const field = 'throttleReasons';
  for (const { block, prefix } of reasonBlocks) {
    const element = elementAt(gpu, block);
    if (element === null) continue;
    const reasons = element.children.filter(({ name }) => name.startsWith(prefix));
    const told = reasons.filter(({ text }) => text === 'Active' || text === 'Not Active');
    if (told.length < reasons.length || told.length === 0) {
      const untold = reasons.find((reason) => !told.includes(reason));
      const text = untold?.text ?? element.text;
      facts.unknown[field] =
        `${untold === undefined ? block : `${block}/${untold.name}`} reads ${JSON.stringify(text)}`;
    }
    if (told.length === 0) return null;
    return told.filter(({ text }) => text === 'Active').map(({ name }) => name.slice(prefix.length));
  }
  facts.unknown[field] = `there is no element ${reasonBlocks.map(({ block }) => block).join(' or ')}`;
  return null;
}
