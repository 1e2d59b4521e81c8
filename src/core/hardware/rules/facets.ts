import type { DeviceState } from '../../pool/device-state.ts';
import {
  brokenPeersOf,
  cudaOfProfile,
  hasNvLink,
  isBehindNvSwitch,
  isWsl,
  needsOpen,
  unifiedMemoryOf,
} from './product-traits.ts';
import type { UnitFacts } from './unit-facts.ts';

/** Equal states have equal keys, in whichever order their facts were read. */
export const stateKey = (state: DeviceState | undefined): string =>
  state === undefined
    ? ''
    : Object.entries(state)
        .map(([name, value]) => `${name}=${value}`)
        .sort()
        .join(' ');

/**
 * The facts that a rule uses, as one key: devices of equal keys get equal answers, so that a pool of 80,000 devices with
 * 12 drivers asks the rule about drivers 12 times. A rule that used a fact outside of its facet would answer for the wrong
 * device, which the property "many at once is the same as one by one" would show. Where a rule asks one thing of the product, its
 * facet has the answer and not the name: of 80,000 products that differ it is asked a few times.
 */
export const facets = {
  cuda: ({ driverText, driverCuda, brand, capability }) => `${driverText}|${driverCuda}|${brand}|${capability}`,
  support: ({ capability, branch }) => (capability ?? -1) * 10_000 + (branch ?? -1),
  capability: ({ capability }) => capability ?? -1,
  driver: ({ driverText }) => driverText ?? '',
  driverCuda: ({ driverCuda }) => driverCuda ?? -1,
  engine: ({ capability, product }) => `${capability}|${product}`,
  kind: ({ kind }) => kind,
  memory: ({ memoryBytes, sharing, replicas }) => `${memoryBytes}|${sharing}|${replicas}`,
  sharing: ({ sharing }) => sharing ?? '',
  sharingSupport: ({ sharing, capability, kind }) => `${sharing}|${capability}|${kind}`,
  fabric: ({ state }) => state.fabric ?? '',
  health: ({ state }) => `${state.recovery}|${state.rowRemapping}`,
  kernelModule: (unit) => `${unit.state.kernelModule}|${unit.capability}|${unit.product === null}|${needsOpen(unit)}`,
  confidential: ({ state }) => state.confidential ?? '',
  driverLibrary: ({ state }) => state.driverLibrary ?? '',
  hostLibrary: (unit) => `${unit.branch}|${unit.driverCuda}|${unit.brand}|${unit.capability}|${isWsl(unit)}`,
  uvm: ({ state }) => state.uvm ?? '',
  containerDevices: ({ state, branch }) =>
    `${state.containerDevices}|${state.containerDevices === 'partial' ? branch : ''}`,
  lockedMemory: ({ state }) => `${state.rdma}|${state.memlockBytes}`,
  pageBytes: ({ state }) => `${state.pageBytes}`,
  hugePages: ({ state }) => `${state.hugePageBytes}`,
  unifiedMemory: (unit) => `${unifiedMemoryOf(unit)}|${unit.state.unifiedMemory}|${unit.virtual}`,
  memoryServices: (unit) =>
    `${unifiedMemoryOf(unit)}|${unit.virtual}|${unit.capability}|${unit.driverCuda}|${isWsl(unit)}`,
  sharedDevices: ({ sharing, replicas, kind }) => `${sharing}|${replicas === 1}|${kind === 'instance'}`,
  virtualProfile: (unit) => `${cudaOfProfile(unit)}|${unit.product === null}`,
  timeSlices: ({ sharing, replicas }) => (sharing === 'time-slicing' ? `${replicas}` : ''),
  mpsClients: ({ sharing, replicas, product }) => (sharing === 'mps' ? `${replicas}|${product}` : ''),
  nvSwitches: ({ state }) => `${state.nvSwitches}|${state.fabric}`,
  cdiSpec: ({ state }) => `${state.containerRuntime}|${state.cdiSpec}`,
  clone3: ({ state }) => state.clone3 ?? '',
  wsl: (unit) => `${isWsl(unit)}`,
  wslDriver: (unit) => `${isWsl(unit)}|${unit.branch}`,
  driverFiles: (unit) => `${unit.driverText}|${isWsl(unit)}|${unit.state.containerRuntime}`,
  licence: ({ state, virtual }) => `${state.licence}|${virtual}`,
  peers: (unit) =>
    `${unit.state.iommu}|${unit.state.peerAccess}|${unit.product === null}|${hasNvLink(unit)}|${brokenPeersOf(unit)?.product}`,
  sharedMemory: (unit) =>
    `${unit.state.shmBytes}|${unit.state.peerAccess}|${hasNvLink(unit)}|${isBehindNvSwitch(unit)}`,
  containerRuntime: ({ state }) => state.containerRuntime ?? '',
  computeMode: ({ state, sharing }) => `${state.computeMode}|${sharing}`,
  everything: ({ state, capability, brand, product, driverText, driverCuda }) =>
    `${stateKey(state)}|${capability}|${brand}|${product}|${driverText}|${driverCuda}`,
  // Where the runtime does not check, nothing else matters.
  require: ({ state, driverText, driverCuda, brand, capability }) =>
    state.containerRuntime === 'legacy' ? `${driverText}|${driverCuda}|${brand}|${capability}` : '',
} as const satisfies Readonly<Record<string, (unit: UnitFacts) => string | number>>;

export type Facet = keyof typeof facets;
