import type { DeviceState } from '../../core/pool/device-state.ts';
import type { CaseRow, HardwareRow, ImageRow } from './case-row.ts';
import { stateRow } from './states/state-cases.ts';

const runtime = 'nvidia-container-toolkit issue 1470 (2025-11)';
const contract = 'docs/reference/contract.md: hardware.require';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const h100 = 'H100 550.54.14 12.4';
const l40s = 'L40S 550.54.14 12.4';
const two: HardwareRow = { devices: 2 };

const strict: ImageRow = { cuda: '12.9', env: { NVIDIA_REQUIRE_CUDA: 'cuda>=12.9' } };
const asked: HardwareRow = { require: ['container-runtime'] };
const noBrand = { deviceFacts: { brand: null } };
const unnamed: readonly CaseRow[] = [
  stateRow(
    'a runtime that checks, and a brand that nobody read',
    'H100 575.57.08 12.9',
    { containerRuntime: 'legacy' },
    ['unknown', 'require-enforced'],
    'what is not known is never a pass',
    { image: strict, ...noBrand },
  ),
  stateRow(
    'a runtime that checks, an unread brand, and nothing required',
    h100,
    { containerRuntime: 'legacy' },
    native,
    runtime,
    noBrand,
  ),
  stateRow('the mode is asked for, an unread brand, and nothing required', h100, {}, native, contract, {
    ...noBrand,
    hardware: asked,
  }),
  stateRow('the mode is asked for, an unread brand, and the check is off', h100, {}, native, contract, {
    ...noBrand,
    hardware: asked,
    image: { env: { NVIDIA_REQUIRE_CUDA: 'cuda>=12.9', NVIDIA_DISABLE_REQUIRE: 'true' } },
  }),
  stateRow(
    'the mode is asked for of a command',
    h100,
    {},
    ['unknown', 'image-accelerator'],
    'what is not known is never a pass',
    { image: null, hardware: asked },
  ),
];
const enforced: readonly CaseRow[] = [
  ...unnamed,
  stateRow(
    'a runtime that checks refuses',
    'RTX-4090 570.211.01 12.8',
    { containerRuntime: 'legacy' },
    ['incompatible', 'require-enforced'],
    runtime,
    { image: strict },
  ),
  stateRow(
    'a runtime that checks lets pass',
    'RTX-4090 575.57.08 12.9',
    { containerRuntime: 'legacy' },
    native,
    runtime,
    {
      image: strict,
    },
  ),
  stateRow(
    'a runtime that does not check',
    'RTX-4090 570.211.01 12.8',
    { containerRuntime: 'jit-cdi' },
    ['minor-version', 'driver-minor-version'],
    runtime,
    { image: strict, warnings: ['require-false-refusal'] },
  ),
  stateRow(
    'a runtime whose mode nobody read',
    'RTX-4090 570.211.01 12.8',
    {},
    ['minor-version', 'driver-minor-version'],
    runtime,
    { image: strict, warnings: ['require-false-refusal'] },
  ),
  stateRow(
    'a runtime that checks, and the check is off',
    'RTX-4090 570.211.01 12.8',
    { containerRuntime: 'legacy' },
    ['minor-version', 'driver-minor-version'],
    runtime,
    { image: { ...strict, env: { ...strict.env, NVIDIA_DISABLE_REQUIRE: 'true' } } },
  ),
  stateRow(
    'a runtime that checks what it cannot read',
    'RTX-4090 575.57.08 12.9',
    { containerRuntime: 'legacy' },
    ['incompatible', 'require-enforced'],
    runtime,
    { image: { ...strict, env: { NVIDIA_REQUIRE_CUDA: 'cuda>=' } } },
  ),
  stateRow(
    'a runtime that checks, and nothing is required',
    'RTX-4090 570.211.01 12.8',
    { containerRuntime: 'legacy' },
    ['minor-version', 'driver-minor-version'],
    runtime,
    { image: { cuda: '12.9' } },
  ),
];

const required = (
  name: string,
  device: string,
  state: DeviceState,
  require: HardwareRow['require'],
  answer: Answer,
  rest: Partial<CaseRow> = {},
): CaseRow =>
  stateRow(name, device, state, answer, contract, {
    ...rest,
    hardware: { ...rest.hardware, ...(require === undefined ? {} : { require }) },
  });
const unmet: Answer = ['incompatible', 'required-facts'];
const requirements: readonly CaseRow[] = [
  required('the fabric must have been read', h100, {}, ['fabric'], unmet),
  required('the fabric was read', h100, { fabric: 'completed' }, ['fabric'], native),
  required('the fabric must have been read, and the board has none', 'A100-40 550.54.14 12.4', {}, ['fabric'], native),
  required('the kernel module must have been read on Blackwell', 'B200 570.124.06 12.8', {}, ['kernel-module'], unmet),
  required('the kernel module must have been read on Volta', 'V100 550.54.14 12.4', {}, ['kernel-module'], unmet),
  required(
    'the kernel module was read on Volta',
    'V100 550.54.14 12.4',
    { kernelModule: 'proprietary' },
    ['kernel-module'],
    native,
  ),
  required(
    'the kernel module must have been read on Turing, where both run',
    'T4 550.54.14 12.4',
    {},
    ['kernel-module'],
    native,
  ),
  required(
    'the kernel module must have been read, and the capability is not known',
    'T4 550.54.14 12.4',
    {},
    ['kernel-module'],
    ['unknown', 'required-facts'],
    { deviceFacts: { computeCapability: null } },
  ),
  required(
    'the fabric must have been read, and the product is not known',
    h100,
    {},
    ['fabric'],
    ['unknown', 'required-facts'],
    {
      deviceFacts: { product: null },
    },
  ),
  required('the IOMMU must have been read for two devices', 'A100-40 550.54.14 12.4', {}, ['iommu'], unmet, {
    hardware: two,
  }),
  required('the IOMMU was read for two devices', 'A100-40 550.54.14 12.4', { iommu: 'off' }, ['iommu'], native, {
    hardware: two,
  }),
  required('the IOMMU must have been read for one device', 'A100-40 550.54.14 12.4', {}, ['iommu'], native),
  required('the health must have been read', h100, {}, ['health'], unmet),
  required('the health was read by its rows', h100, { rowRemapping: 'none' }, ['health'], native),
  required('the health was read by what the driver asks for', h100, { recovery: 'none' }, ['health'], native),
  required('the confidential mode must have been read', h100, {}, ['confidential-mode'], unmet),
  required('the confidential mode was read', h100, { confidential: 'ready' }, ['confidential-mode'], native),
  required('a board without a confidential mode', l40s, {}, ['confidential-mode'], native),
  required(
    'what becomes of devices must have been read',
    l40s,
    { containerRuntime: 'legacy' },
    ['container-devices'],
    unmet,
  ),
  required('the same where nothing is checked', l40s, { containerRuntime: 'unchecked' }, ['container-devices'], unmet),
  required(
    'what becomes of devices was read',
    l40s,
    { containerRuntime: 'legacy', containerDevices: 'kept' },
    ['container-devices'],
    native,
  ),
  required('devices under CDI', l40s, { containerRuntime: 'cdi' }, ['container-devices'], native),
  required('one of two was read', h100, { recovery: 'none' }, ['fabric', 'health'], unmet),
  required('both were read', h100, { recovery: 'none', fabric: 'completed' }, ['fabric', 'health'], native),
  required(
    'the mode of the runtime must have been read where it would refuse',
    'RTX-4090 570.211.01 12.8',
    {},
    ['container-runtime'],
    unmet,
    { image: strict },
  ),
  required(
    'the mode of the runtime was read where it would refuse',
    'RTX-4090 570.211.01 12.8',
    { containerRuntime: 'cdi' },
    ['container-runtime'],
    ['minor-version', 'driver-minor-version'],
    { image: strict },
  ),
  required(
    'the mode of the runtime must have been read where nothing refuses',
    'RTX-4090 575.57.08 12.9',
    {},
    ['container-runtime'],
    native,
    { image: strict },
  ),
  required('the mode of the runtime is asked for, and nothing is required', h100, {}, ['container-runtime'], native),
];

export const requirementCases: readonly CaseRow[] = [...enforced, ...requirements];
