import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { CaseRow } from '../case-row.ts';
import { stateRow, type Answer } from '../states/state-cases.ts';

const fabric = 'NVIDIA Fabric Manager User Guide (2025-05-06); lisa issue 2823 (2023-06-27)';
const cdi = 'NVIDIA Container Toolkit, "Support for Container Device Interface" (2026-11)';
const groups = 'libnvidia-container, release 1.8.0 (2022-02-04)';
const docker = 'Docker Engine release notes, 20.10.10 (2021-10-25)';
const mps = 'k8s-device-plugin issue 1208 (2025-03-25) and pull request 1762 (2026-05-13)';
const slices = 'gpu-operator issue 386 (2022-08-06)';
const runtimeClasses = 'K3s issues 8700 (2023-10-19) and 9702; Kubernetes, "Runtime Class"';
const never = 'what is not known is never a pass';
const named = 'a pass names what nobody read';

const native: Answer = ['native', 'driver-native'];
const l40s = 'L40S 550.90.07 12.4';
const a100 = 'A100-40 550.90.07 12.4';
const health = 'health of the device';

const switches: Answer = ['incompatible', 'nvswitches'];
const nvSwitches: readonly CaseRow[] = [
  stateRow('NVSwitches without a Fabric Manager', a100, { nvSwitches: 'unmanaged' }, switches, fabric, {
    says: 'error 802',
  }),
  stateRow(
    'NVSwitches without a Fabric Manager, on Hopper that says nothing',
    'H100 550.90.07 12.4',
    { nvSwitches: 'unmanaged' },
    switches,
    fabric,
  ),
  stateRow(
    'NVSwitches that were set up before the Fabric Manager ended',
    'H100 550.90.07 12.4',
    { nvSwitches: 'unmanaged', fabric: 'completed' },
    native,
    fabric,
  ),
  stateRow(
    'NVSwitches of boards that say that they have none',
    a100,
    { nvSwitches: 'unmanaged', fabric: 'not-supported' },
    switches,
    fabric,
  ),
  stateRow('NVSwitches with a Fabric Manager', a100, { nvSwitches: 'managed' }, native, fabric, {
    notChecked: [health],
  }),
  stateRow('a node without NVSwitches', a100, { nvSwitches: 'none' }, native, fabric, { notChecked: [health] }),
  stateRow('NVSwitches that nobody read', a100, {}, native, named, {
    notChecked: [health, 'NVSwitches and their Fabric Manager'],
  }),
  stateRow('the same with a fabric that is up', a100, { fabric: 'completed' }, native, named, { notChecked: [health] }),
  stateRow('NVSwitches of a board on PCIe, which has none', l40s, {}, native, named, { notChecked: [health] }),
];

const hook = 'moby, daemon/nvidia_linux.go (2025); nvdiffrast issue 26 (2021-04-30)';
const glibc = 'gpu-operator issues 72 (2021-04-23) and 755 (2024-06-13)';
const files = 'LXD issue 5625 (2019-04-02); libnvidia-container, nvc.c (2018)';
const lost: Answer = ['incompatible', 'container-devices'];
const withoutImage: Answer = ['unknown', 'image-accelerator'];
const stale: Answer = ['incompatible', 'cdi-specification'];
const containers: readonly CaseRow[] = [
  stateRow(
    'a specification of CDI for another driver',
    l40s,
    { containerRuntime: 'cdi', cdiSpec: 'stale' },
    stale,
    cdi,
  ),
  stateRow(
    'a specification of CDI for this driver',
    l40s,
    { containerRuntime: 'cdi', cdiSpec: 'current' },
    native,
    cdi,
  ),
  stateRow('a specification of CDI that nobody read', l40s, { containerRuntime: 'cdi' }, native, cdi),
  stateRow(
    'an old specification beside a runtime that writes its own',
    l40s,
    { containerRuntime: 'jit-cdi', cdiSpec: 'stale' },
    native,
    cdi,
  ),
  stateRow(
    'an old specification beside a runtime that uses none',
    l40s,
    { containerRuntime: 'legacy', cdiSpec: 'stale' },
    native,
    cdi,
  ),
  stateRow(
    'no specification of CDI where containers get devices by it',
    l40s,
    { containerRuntime: 'cdi', cdiSpec: 'missing' },
    ['incompatible', 'cdi-specification'],
    'k8s-device-plugin issue 1203 (2025-03-14); nvidia-container-toolkit issue 1239 (2025-08-11)',
    { says: 'unresolvable CDI devices' },
  ),
  ...(['jit-cdi', 'legacy'] as const).map((containerRuntime) =>
    stateRow(
      `no specification of CDI in the mode ${containerRuntime}`,
      l40s,
      { containerRuntime, cdiSpec: 'missing' },
      native,
      cdi,
    ),
  ),
  stateRow('an old specification, and a mode that nobody read', l40s, { cdiSpec: 'stale' }, native, cdi),
  stateRow(
    'a toolkit that does not know the control groups of the node',
    l40s,
    { containerDevices: 'unsupported' },
    ['incompatible', 'container-devices'],
    groups,
    { says: 'older than 1.8.0' },
  ),
  ...(
    [
      ['no-toolkit', 'no NVIDIA container toolkit', hook],
      ['broken', 'nvidia-container-cli does not work', glibc],
      ['closed', 'not for everybody', files],
    ] as const
  ).flatMap(([containerDevices, says, source]) => [
    stateRow(`devices of containers: ${containerDevices}`, l40s, { containerDevices }, lost, source, { says }),
    stateRow(
      `a service without an image where devices of containers are ${containerDevices}`,
      l40s,
      { containerDevices },
      withoutImage,
      source,
      { image: null },
    ),
  ]),
  stateRow(
    'pods that containerd starts by another runtime',
    l40s,
    { containerDevices: 'other-runtime' },
    ['unknown', 'container-devices'],
    never,
    { says: 'only CDI or a runtime class hands a device in' },
  ),
  stateRow(
    'pods of a runtime class that containerd starts by another runtime',
    l40s,
    { containerDevices: 'other-runtime' },
    native,
    runtimeClasses,
    { runtimeClass: 'nvidia' },
  ),
  ...[undefined, 'nvidia'].map((runtimeClass) =>
    stateRow(
      `pods of ${runtimeClass ?? 'no'} runtime class beside a containerd that does not know the runtime of NVIDIA`,
      l40s,
      { containerDevices: 'untold-runtime' },
      ['unknown', 'container-devices'],
      never,
      { says: 'does not know that one', ...(runtimeClass === undefined ? {} : { runtimeClass }) },
    ),
  ),
  ...(
    [
      ['RTX-4090 560.81 12.6', ['incompatible', 'container-devices']],
      ['RTX-4090 555.85 12.5', ['incompatible', 'container-devices']],
      ['RTX-4090 552.44 12.4', native],
      ['RTX-4090 551.86 12.4', native],
    ] satisfies readonly (readonly [string, Answer])[]
  ).map(([device, answer]) =>
    stateRow(
      `a toolkit under WSL that leaves a library out, with driver ${device.split(' ')[1]}`,
      device,
      { host: 'wsl', containerRuntime: 'legacy', containerDevices: 'partial' },
      answer,
      'nvidia-container-toolkit issue 520 (2024-05-29); tensorflow issue 68711 (2024-06-01)',
    ),
  ),
  stateRow(
    'a toolkit under WSL that leaves a library out, with a driver that nobody read',
    'RTX-4090',
    { host: 'wsl', containerRuntime: 'legacy', containerDevices: 'partial' },
    ['unknown', 'container-devices'],
    never,
  ),
  stateRow(
    'a toolkit under WSL that leaves nothing out',
    'RTX-4090 560.81 12.6',
    { host: 'wsl', containerRuntime: 'legacy', containerDevices: 'kept' },
    native,
    'nvidia-container-toolkit issue 520 (2024-05-29)',
  ),
];

const noThread: Answer = ['incompatible', 'thread-start'];
const threadRow = (
  name: string,
  glibc: string | undefined,
  state: DeviceState,
  answer: Answer,
  source = docker,
): CaseRow => stateRow(name, l40s, state, answer, source, { image: glibc === undefined ? {} : { glibc } });
const threads: readonly CaseRow[] = [
  threadRow('glibc 2.35 where containers may not call clone3', '2.35', { clone3: 'refused' }, noThread),
  threadRow('glibc 2.34 where containers may not call clone3', '2.34', { clone3: 'refused' }, noThread),
  threadRow('glibc 2.31 where containers may not call clone3', '2.31', { clone3: 'refused' }, native),
  threadRow(
    'a glibc that nobody read, where containers may not call clone3',
    undefined,
    { clone3: 'refused' },
    ['unknown', 'thread-start'],
    never,
  ),
  threadRow('glibc 2.39 where containers may call clone3', '2.39', { clone3: 'allowed' }, native),
  threadRow('glibc 2.39, and nobody asked Docker', '2.39', {}, native),
];

const sharedRow = (
  name: string,
  facts: CaseRow['deviceFacts'],
  devices: number,
  answer: Answer,
  source: string,
): CaseRow => ({
  name,
  device: l40s,
  deviceFacts: { state: { iommu: 'off' }, ...facts },
  hardware: { devices, memoryGib: 2, sharing: ['exclusive', 'mps', 'time-slicing'] },
  compatibility: answer[0],
  rule: answer[1],
  source,
});
const shared: readonly CaseRow[] = [
  sharedRow(
    'two devices of boards that are shared by MPS',
    { sharing: 'mps', replicas: 10 },
    2,
    ['incompatible', 'shared-devices'],
    mps,
  ),
  sharedRow('one device of a board that is shared by MPS', { sharing: 'mps', replicas: 10 }, 1, native, mps),
  sharedRow(
    'two devices of boards that are shared in turn',
    { sharing: 'time-slicing', replicas: 4 },
    2,
    ['unknown', 'shared-devices'],
    slices,
  ),
  sharedRow(
    'two devices of boards that are shared in turn by a number that nobody told',
    { sharing: 'time-slicing' },
    2,
    ['unknown', 'shared-devices'],
    slices,
  ),
  sharedRow('two devices of boards with one slice each', { sharing: 'time-slicing', replicas: 1 }, 2, native, slices),
  sharedRow(
    'one device of a board that is shared in turn',
    { sharing: 'time-slicing', replicas: 4 },
    1,
    native,
    slices,
  ),
  sharedRow('two devices of boards that nobody shares', { sharing: 'exclusive' }, 2, native, slices),
];

export const containerHostCases: readonly CaseRow[] = [...nvSwitches, ...containers, ...threads, ...shared];
