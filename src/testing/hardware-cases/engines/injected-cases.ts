import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { CaseRow } from '../case-row.ts';

const capabilities = 'NVIDIA Container Toolkit, "Driver Capabilities"; LocalAI issue 11973 (2026-09-11)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const none: Answer = ['incompatible', 'driver-capabilities'];
const open: Answer = ['unknown', 'driver-capabilities'];

const row = (
  name: string,
  written: string,
  containerRuntime: DeviceState['containerRuntime'],
  [compatibility, rule]: Answer,
  source = capabilities,
): CaseRow => ({
  name,
  device: 'A100-40 550.54.14 12.4',
  image: { env: { NVIDIA_DRIVER_CAPABILITIES: written } },
  deviceFacts: { state: containerRuntime === undefined ? {} : { containerRuntime } },
  compatibility,
  rule,
  source,
});

const handedIn: readonly CaseRow[] = [
  row('utility alone, in legacy mode', 'utility', 'legacy', none),
  row('utility alone, in legacy mode without checks', 'utility', 'unchecked', none),
  row('video and graphics, in legacy mode', 'graphics, video', 'legacy', none),
  row('utility alone, by CDI', 'utility', 'cdi', open, never),
  row('utility alone, in a mode that nobody read', 'utility', undefined, open, never),
  row('compute among others', 'utility, compute', 'legacy', native),
  row('all', 'all', 'legacy', native),
  row('none named', '', 'legacy', native),
  row('a name that only begins so', 'computer', 'legacy', none),
];

export const injectedCases: readonly CaseRow[] = handedIn;
