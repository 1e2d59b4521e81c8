import type { ImageFacts } from '../../image/image-facts.ts';
import { stateSources } from '../tables/device-states.ts';
import type { DeviceRule } from './device-rules.ts';
import { found, notKnown } from './finding.ts';
import { capabilityText } from './numbers.ts';
import type { Plain } from './outcome.ts';
import { brokenPeersOf, hasNvLink, needsOpen, openNotBelow, openProductsOf } from './product-traits.ts';
import type { UnitFacts } from './unit-facts.ts';

/** CUDA starts on a board behind NVSwitches once the fabric took it in; where that was not read the rule says nothing. */
export const fabricRule: DeviceRule = {
  facet: 'fabric',
  decide: ({ state: { fabric } }) =>
    fabric === undefined || fabric === 'completed' || fabric === 'not-supported' ? 'native' : 'incompatible',
  explain: ({ state }, decided) =>
    found({
      rule: 'fabric',
      compatibility: decided,
      message:
        decided === 'incompatible'
          ? `the NVSwitch fabric is ${state.fabric}: CUDA does not start (error 802)`
          : `nothing speaks against the fabric (${state.fabric ?? 'not read'})`,
      facts: { fabric: state.fabric ?? null },
      source: stateSources.fabric,
      fix: decided === 'incompatible' ? 'start nvidia-fabricmanager of the version of the driver' : undefined,
    }),
};

/**
 * | capability | open | proprietary |
 * |---|---|---|
 * | below 7.5 | does not run | runs |
 * | 7.5 to 8.x | runs | runs |
 * | 9.0 | runs | runs; not on Grace Hopper; unknown where the product is |
 * | from 10.0 on | runs | does not run |
 */
export const kernelModuleRule: DeviceRule = {
  facet: 'kernelModule',
  decide: (unit) => {
    const { state, capability } = unit;
    if (capability === null || state.kernelModule === undefined) return 'native';
    if (state.kernelModule === 'open') return capability >= openNotBelow ? 'native' : 'incompatible';
    if (needsOpen(unit)) return 'incompatible';
    return unit.product === null && capability === openProductsOf ? 'unknown' : 'native';
  },
  explain: ({ state, capability, product }, decided) => {
    if (decided === 'unknown') return notKnown('kernel-module', 'product', 'Grace Hopper runs with open modules alone');
    return found({
      rule: 'kernel-module',
      compatibility: decided,
      message:
        decided === 'incompatible'
          ? `the ${state.kernelModule} kernel module does not drive ${product ?? 'a board'} (capability ${capabilityText(capability ?? 0)})`
          : `nothing speaks against the kernel module (${state.kernelModule ?? 'not read'})`,
      facts: { kernelModule: state.kernelModule ?? null },
      source: state.kernelModule === 'open' ? stateSources.kernelModule : stateSources.openOnly,
      fix:
        decided === 'incompatible'
          ? `the ${state.kernelModule === 'open' ? 'proprietary' : 'open'} kernel module of the same driver`
          : undefined,
    });
  },
};

/** A virtual GPU without a licence refuses CUDA; whether it has one must be known. */
export const licenceRule: DeviceRule = {
  facet: 'licence',
  decide: ({ virtual, state: { licence } }) => {
    if (virtual === false || licence === 'licensed') return 'native';
    return virtual === null || licence === undefined ? 'unknown' : 'incompatible';
  },
  explain: ({ state, product }, decided) =>
    decided === 'unknown'
      ? notKnown(
          'vgpu-licence',
          'licence',
          `${product ?? 'the device'} is a virtual GPU, or may be one, which refuses CUDA without one`,
        )
      : found({
          rule: 'vgpu-licence',
          compatibility: decided,
          message:
            decided === 'incompatible'
              ? `${product ?? 'the device'} is a virtual GPU without a licence: calls of CUDA fail (operation not supported)`
              : 'the device is no virtual GPU, or has its licence',
          facts: { licence: state.licence ?? null },
          source: stateSources.licence,
          fix: decided === 'incompatible' ? 'license the virtual machine (gridd.conf, client token)' : undefined,
        }),
};

/**
 * Several devices of one replica exchange memory.
 *
 * | peers by | IOMMU | answer |
 * |---|---|---|
 * | NVLink, or NCCL_P2P_DISABLE=1 in the image | any | native |
 * | PCIe, and the product is not known | any | unknown |
 * | PCIe, by a driver that offers what hangs (`brokenPeers`) | any | incompatible |
 * | nothing: the driver offers no peer access, and they go through the host | any | native |
 * | PCIe | off or passthrough | native |
 * | PCIe | translating | incompatible: transfers hang or come out wrong |
 * | PCIe | not read | unknown |
 */
export function peerRule(devices: number, image: ImageFacts | null): DeviceRule {
  const avoids = image?.env['NCCL_P2P_DISABLE'] === '1';
  const decide = (unit: UnitFacts): Plain => {
    const { state } = unit;
    if (avoids || hasNvLink(unit)) return 'native';
    if (unit.product === null) return 'unknown';
    if (brokenPeersOf(unit) !== undefined) return 'incompatible';
    if (state.peerAccess === 'none') return 'native';
    if (state.iommu === undefined) return 'unknown';
    return state.iommu === 'translating' ? 'incompatible' : 'native';
  };
  return {
    facet: 'peers',
    decide,
    explain: (unit, decided) => {
      const { state } = unit;
      const broken = decided === 'incompatible' ? brokenPeersOf(unit) : undefined;
      if (broken !== undefined) {
        return found({
          rule: 'peer-access',
          compatibility: decided,
          message: `${devices} devices exchange memory, and driver ${unit.driverText} offers peer access that hangs on ${unit.product}`,
          facts: { driver: unit.driverText, devices: String(devices) },
          source: broken.source,
          fix: `driver ${broken.beforeDriver} or newer, or set NCCL_P2P_DISABLE=1`,
        });
      }
      return decided === 'unknown'
        ? notKnown(
            'peer-access',
            unit.product === null ? 'product' : 'iommu',
            `${devices} devices exchange memory over PCIe, which an IOMMU that translates stops`,
          )
        : found({
            rule: 'peer-access',
            compatibility: decided,
            message:
              decided === 'incompatible'
                ? `${devices} devices exchange memory over PCIe, and the IOMMU translates: transfers hang or come out wrong`
                : 'nothing stops the devices from exchanging memory',
            facts: { iommu: state.iommu ?? null, devices: String(devices) },
            source: stateSources.peerAccess,
            fix:
              decided === 'incompatible'
                ? 'boot with iommu=pt (or turn ACS and the IOMMU off), or set NCCL_P2P_DISABLE=1'
                : undefined,
          });
    },
  };
}

/**
 * | compute mode | handed out | answer |
 * |---|---|---|
 * | default | any | native |
 * | exclusive-process | in turn (time-slicing) | incompatible: the second process is refused |
 * | exclusive-process | any other way | native |
 * | prohibited | any | incompatible: no process opens a context |
 */
export const computeModeRule: DeviceRule = {
  facet: 'computeMode',
  decide: ({ state: { computeMode }, sharing }) =>
    computeMode === 'prohibited' || (computeMode === 'exclusive-process' && sharing === 'time-slicing')
      ? 'incompatible'
      : 'native',
  explain: ({ state: { computeMode }, sharing }, decided) =>
    found({
      rule: 'compute-mode',
      compatibility: decided,
      message:
        decided === 'incompatible'
          ? `the compute mode is ${computeMode}${sharing === 'time-slicing' ? ', and several processes share the device' : ''}: CUDA says that devices are busy or unavailable`
          : `nothing speaks against the compute mode (${computeMode ?? 'default, or not read'})`,
      facts: { computeMode: computeMode ?? null, sharing },
      source: stateSources.computeMode,
      fix: decided === 'incompatible' ? 'nvidia-smi -c DEFAULT on the node' : undefined,
    }),
};

/** A device that asks to be reset, or whose memory has no spare rows left, runs nothing reliably. */
export const healthRule: DeviceRule = {
  facet: 'health',
  decide: ({ state: { recovery, rowRemapping } }) =>
    (recovery === undefined || recovery === 'none') && rowRemapping !== 'failed' ? 'native' : 'incompatible',
  explain: ({ state: { recovery, rowRemapping } }, decided) =>
    found({
      rule: 'health',
      compatibility: decided,
      message:
        decided === 'incompatible'
          ? `the driver asks for ${recovery === undefined || recovery === 'none' ? 'another board: no spare rows are left' : `recovery: ${recovery}`}`
          : recovery === undefined && rowRemapping === undefined
            ? 'nothing speaks against the health of the device (not read)'
            : `the driver asks for no recovery${rowRemapping === 'pending' ? '; rows are remapped at the next reset' : ''}`,
      facts: { recovery: recovery ?? null, rowRemapping: rowRemapping ?? null },
      source: stateSources.recovery,
      fix: decided === 'incompatible' ? 'drain the node, then reset or replace the board' : undefined,
    }),
};

/** In confidential mode a board takes work once somebody set it ready; where that was not read the rule says nothing. */
export const confidentialRule: DeviceRule = {
  facet: 'confidential',
  decide: ({ state: { confidential } }) => (confidential === 'not-ready' ? 'incompatible' : 'native'),
  explain: ({ state: { confidential } }, decided) =>
    found({
      rule: 'confidential-mode',
      compatibility: decided,
      message:
        decided === 'incompatible'
          ? 'the board is in confidential mode and not ready: CUDA does not start'
          : `nothing speaks against the confidential mode (${confidential ?? 'not read'})`,
      facts: { confidential: confidential ?? null },
      source: stateSources.confidential,
      fix: decided === 'incompatible' ? 'attest the board, then nvidia-smi conf-compute -srs 1 on the node' : undefined,
    }),
};
