import type { Sharing } from '../contract/contract.ts';
import type { DeviceFacts, NodeFacts } from './node-facts.ts';

/** What a person says of nodes whose source does not tell it. */
export interface StatedFacts {
  readonly sharing?: Exclude<Sharing, 'mig'>;
  /** As Node says it: `x64`, `arm64`. */
  readonly architecture?: string;
}

/** Fills what is not known, and never contradicts what a source tells: a board with MIG instances stays one. */
export function withStatedFacts(node: NodeFacts, { sharing, architecture }: StatedFacts): NodeFacts {
  const devices =
    sharing === undefined || node.devices === null ? node.devices : node.devices.map((each) => shared(each, sharing));
  if (architecture === undefined || node.cpu !== null) return { ...node, devices };
  const { cpu: _cpu, ...unknown } = node.unknown;
  const why = 'only its architecture was stated';
  return {
    ...node,
    devices,
    cpu: { architecture, model: null, cores: null, features: null },
    unknown: { ...unknown, 'cpu.model': why, 'cpu.cores': why, 'cpu.features': why },
  };
}

function shared(device: DeviceFacts, sharing: Sharing): DeviceFacts {
  if (device.sharing !== null) return device;
  const { sharing: _why, ...unknown } = device.unknown;
  return { ...device, sharing, unknown };
}
