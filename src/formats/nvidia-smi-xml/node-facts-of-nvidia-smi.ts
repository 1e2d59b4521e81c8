import type { Sharing } from '../../core/contract/contract.ts';
import type { DeviceFacts, NodeFacts } from '../../core/pool/node-facts.ts';
import { readDeviceList } from '../nvidia-smi-lines/device-list.ts';
import { readQueryCsv } from '../nvidia-smi-lines/query-csv.ts';
import { deviceOfXml, type LogFacts } from './device-of-xml.ts';
import { ElementFacts } from './element-facts.ts';
import { readCount, readCuda, readDriver } from './told-value.ts';
import { withList } from './with-list.ts';
import { withQuery } from './with-query.ts';
import { readXmlTree, type XmlElement } from './xml-tree.ts';

/** What `nvidia-smi` printed on one node, as files. */
export interface NvidiaSmiOutputs {
  /** `nvidia-smi -q -x` */
  readonly xml: Uint8Array;
  /** `nvidia-smi --query-gpu=... --format=csv`: the only one that tells the compute capability. */
  readonly csv?: Uint8Array | undefined;
  /** `nvidia-smi -L`: the only one that tells profiles and UUIDs of MIG instances. */
  readonly list?: Uint8Array | undefined;
  /** Name of the node: none of the outputs tells it. */
  readonly name: string;
  /** Null when it is not known: the time in the XML has no zone. */
  readonly takenAtMs: number | null;
  /** How whole boards are handed out, where somebody states it: the driver does not tell. */
  readonly sharing?: Exclude<Sharing, 'mig'> | undefined;
}

const ofNode = 'nvidia-smi tells of the devices only';

/**
 * Facts of a node's accelerators, from one source or three merged by bus id, UUID and index. The compute capability is the
 * CSV's; without it, that of boards whose PCI device number is certain; else unknown.
 * @throws PlimsollError `nvidia-smi-invalid` (input).
 */
export function nodeFactsOfNvidiaSmi({ xml, csv, list, name, takenAtMs, sharing }: NvidiaSmiOutputs): NodeFacts {
  const log = readXmlTree(xml, 'nvidia_smi_log');
  const gpus = log.children.filter((child) => child.name === 'gpu');
  const unknown: Record<string, string> = {
    cpu: ofNode,
    memoryBytes: ofNode,
    kernel: ofNode,
    containerToolkit: ofNode,
  };
  const whole = countedAll(log, gpus.length, unknown);
  const logFacts = logFactsOf(log);
  const found = gpus.map((gpu, position) => deviceOfXml(gpu, logFacts, whole ? position : null));
  const query = csv === undefined ? { devices: [], problems: [] } : readQueryCsv(csv);
  const queried = withQuery(
    found.map(({ device }) => device),
    query.devices,
  );
  const listed = withList(
    found.map((one, at) => ({ ...one, device: queried[at] ?? one.device })),
    list === undefined ? [] : readDeviceList(list),
  );
  const devices = listed.map((device) => withSharing(device, sharing));
  if (query.problems.length > 0) unknown['devices'] = query.problems.join('; ');
  if (takenAtMs === null) unknown['takenAtMs'] = 'the time in the XML has no time zone';
  return { ...emptyNode, name, takenAtMs, devices: devicesOf(devices, gpus.length, whole), unknown };
}

/** Only of boards that are certainly whole. */
function withSharing(device: DeviceFacts, sharing: Sharing | undefined): DeviceFacts {
  if (sharing === undefined || device.sharing !== null || device.mig?.enabled !== false) return device;
  const { sharing: _untold, ...unknown } = device.unknown;
  return { ...device, sharing, unknown };
}

const emptyNode = {
  source: 'nvidia-smi',
  labels: {},
  allocatable: {},
  cpu: null,
  memoryBytes: null,
  kernel: null,
  containerToolkit: null,
} as const;

/** No board in the log is none on the node only where the log says that it counted none. */
function devicesOf(devices: readonly DeviceFacts[], listed: number, whole: boolean): readonly DeviceFacts[] | null {
  return listed === 0 && !whole ? null : devices;
}

/** `nvidia-smi -q -x -i 3` writes one board and counts all; a board that fell off the bus may be missing too. */
function countedAll(log: XmlElement, listed: number, unknown: Record<string, string>): boolean {
  const facts = new ElementFacts(log);
  const attached = facts.read('devices', ['attached_gpus'], readCount);
  if (attached === listed) return true;
  unknown['devices'] =
    facts.unknown['devices'] ??
    `attached_gpus reads ${attached}, and ${listed === 0 ? 'none is' : `${listed} are`} listed`;
  return false;
}

/** 615 writes both names, and says that the first ends with CUDA 14. */
function logFactsOf(log: XmlElement): LogFacts {
  const facts = new ElementFacts(log);
  return {
    driver: facts.read('driver', ['driver_version', 'kmd_version'], readDriver),
    driverCuda: facts.read('driverCuda', ['cuda_version', 'cuda_umd_version'], readCuda),
    unknown: facts.unknown,
  };
}
