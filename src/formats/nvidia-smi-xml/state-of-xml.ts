import type { DeviceState } from '../../core/pool/device-state.ts';
import { elementAt } from './element-facts.ts';
import type { XmlElement } from './xml-tree.ts';

/** By the text of nvidia-smi, in lower case. What is not here (`N/A`) tells nothing. */
const fabrics: Readonly<Record<string, DeviceState['fabric']>> = {
  completed: 'completed',
  'in progress': 'in-progress',
  'not started': 'not-started',
  'not supported': 'not-supported',
};
const recoveries: Readonly<Record<string, DeviceState['recovery']>> = {
  none: 'none',
  reset: 'gpu-reset',
  'gpu reset': 'gpu-reset',
  reboot: 'node-reboot',
  'node reboot': 'node-reboot',
  'drain p2p': 'drain-p2p',
  'drain and reset': 'drain-and-reset',
};
const licences: Readonly<Record<string, DeviceState['licence']>> = {
  licensed: 'licensed',
  unlicensed: 'unlicensed',
  'unlicensed (unrestricted)': 'unlicensed',
  'unlicensed (restricted)': 'unlicensed',
};

const computeModes: Readonly<Record<string, DeviceState['computeMode']>> = {
  exclusive_process: 'exclusive-process',
  exclusive_thread: 'exclusive-process',
  prohibited: 'prohibited',
};

/**
 * The state that one `<gpu>` tells; undefined where it tells nothing of it.
 *
 * | fact | element | from driver |
 * |---|---|---|
 * | fabric | fabric/state, and fabric/status once it is completed | 525 |
 * | recovery | gpu_recovery_action | 565 |
 * | rowRemapping | remapped_rows/remapped_row_pending and remapped_row_failure | 450 |
 * | computeMode | compute_mode | 450 |
 * | eccPending | ecc_mode/current_ecc and pending_ecc, where they differ | 450 |
 * | persistence | persistence_mode, where it is Disabled | 450 |
 * | licence | vgpu_software_licensed_product/license_status, of a virtual GPU | 450 |
 */
export function stateOfXml(gpu: XmlElement): DeviceState | undefined {
  const told = (path: string): string => elementAt(gpu, path)?.text.trim().toLowerCase() ?? '';
  const fabric = fabricOf(told('fabric/state'), told('fabric/status'));
  const recovery = recoveries[told('gpu_recovery_action')];
  const licence = licences[told('vgpu_software_licensed_product/license_status').replace(/ \(expiry.*$/, '')];
  const rowRemapping = remappingOf(
    told('remapped_rows/remapped_row_pending'),
    told('remapped_rows/remapped_row_failure'),
  );
  const degraded =
    fabric === 'completed' &&
    (told('fabric/health/bandwidth') === 'degraded' ||
      told('fabric/health/route_unhealthy') === 'true' ||
      told('fabric/health/summary') === 'unhealthy');
  const computeMode = computeModes[told('compute_mode')];
  const eccPending = eccPendingOf(told('ecc_mode/current_ecc'), told('ecc_mode/pending_ecc'));
  const state: DeviceState = {
    ...(computeMode === undefined ? {} : { computeMode }),
    ...(eccPending === undefined ? {} : { eccPending }),
    ...(told('persistence_mode') === 'disabled' ? { persistence: 'off' as const } : {}),
    ...(fabric === undefined ? {} : { fabric }),
    ...(degraded ? { fabricHealth: 'degraded' as const } : {}),
    ...(recovery === undefined ? {} : { recovery }),
    ...(licence === undefined ? {} : { licence }),
    ...(rowRemapping === undefined ? {} : { rowRemapping }),
  };
  return Object.keys(state).length === 0 ? undefined : state;
}

function fabricOf(state: string, status: string): DeviceState['fabric'] {
  if (state !== 'completed') return fabrics[state];
  return status === '' || status === 'success' || status === 'n/a' ? 'completed' : 'failed';
}

function eccPendingOf(current: string, pending: string): DeviceState['eccPending'] {
  if (current === 'disabled' && pending === 'enabled') return 'on';
  return current === 'enabled' && pending === 'disabled' ? 'off' : undefined;
}

function remappingOf(pending: string, failure: string): DeviceState['rowRemapping'] {
  if (failure === 'yes') return 'failed';
  if (pending === 'yes') return 'pending';
  return pending === 'no' && failure === 'no' ? 'none' : undefined;
}
