import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { CaseRow } from '../case-row.ts';

const capabilities = 'NVIDIA Container Toolkit, "Driver Capabilities"; LocalAI issue 11973 (2026-09-11)';
const ir = 'ONNX Runtime issues 15874, 20559 and 23602 (2025-02-06)';
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

const irRow = (version: string | null, written: number | undefined, [compatibility, rule]: Answer): CaseRow => ({
  name: `IR version ${written ?? 'not read'} by ONNX Runtime ${version ?? 'of no distribution'}`,
  device: 'A100-40 550.54.14 12.4',
  image: { python: version === null ? {} : { onnxruntime: version } },
  model: written === undefined ? {} : { onnxIrVersion: written },
  compatibility,
  rule,
  source: ir,
});

const newer: Answer = ['incompatible', 'onnx-ir'];
const irCases: readonly CaseRow[] = [
  irRow('1.12.0', 9, newer),
  irRow('1.14.1', 8, native),
  irRow('1.14.1', 9, newer),
  irRow('1.15.0', 9, native),
  irRow('1.17.1', 10, newer),
  irRow('1.17.3', 9, native),
  irRow('1.18.0', 10, native),
  irRow('1.20.1', 11, newer),
  irRow('1.22.0', 11, native),
  irRow('1.11.0', 9, native),
  irRow('main', 11, native),
  irRow('1.17.1', undefined, native),
  irRow(null, 11, native),
];

const forCuda = irRow('1.14.1', 9, newer);

export const injectedCases: readonly CaseRow[] = [
  ...handedIn,
  ...irCases,
  { ...forCuda, name: `${forCuda.name} for CUDA`, image: { python: { 'onnxruntime-gpu': '1.14.1' } } },
];
