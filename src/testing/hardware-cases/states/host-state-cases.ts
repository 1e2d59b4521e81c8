import type { CaseRow, ImageRow } from '../case-row.ts';
import { stateRow, type Answer } from './state-cases.ts';

const nvtrust = 'NVIDIA nvtrust issue 56 (2024-08-21)';
const uvm = 'NVIDIA AI Enterprise, "Unified Virtual Memory (UVM)" (2026-11); NCCL issue 2101 (2026-04-13)';
const never = 'what is not known is never a pass';
const native: Answer = ['native', 'driver-native'];
const notReady: Answer = ['incompatible', 'confidential-mode'];
const h100 = 'H100 550.90.07 12.4';

const confidential: readonly CaseRow[] = [
  stateRow(
    'a board in confidential mode that nobody set ready',
    h100,
    { confidential: 'not-ready' },
    notReady,
    nvtrust,
  ),
  stateRow('a board in confidential mode that is ready', h100, { confidential: 'ready' }, native, nvtrust),
  stateRow('a board outside of confidential mode', h100, { confidential: 'off' }, native, nvtrust),
  stateRow('a board whose confidential mode was not read', h100, {}, native, nvtrust),
];

const wheel = (version: string): ImageRow => ({ python: { 'nvidia-nccl-cu12': version } });
/** Two virtual GPUs of whole boards, licensed, whose IOMMU is off. */
const virtual = (
  name: string,
  unifiedMemory: 'on' | 'off' | undefined,
  answer: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow =>
  stateRow(
    name,
    'L40S 570.133.20 12.8',
    { licence: 'licensed', iommu: 'off', shmBytes: 2 ** 30, ...(unifiedMemory === undefined ? {} : { unifiedMemory }) },
    answer,
    source,
    {
      image: wheel('2.27.5'),
      hardware: { devices: 2 },
      ...rest,
      deviceFacts: { product: 'NVIDIA L40S-48C', brand: 'nvidia-vcs', ...rest.deviceFacts },
    },
  );
const health = 'health of the device';
const off: Answer = ['incompatible', 'unified-memory'];
const open: Answer = ['unknown', 'unified-memory'];

const unifiedMemory: readonly CaseRow[] = [
  virtual('NCCL over virtual GPUs without unified memory', 'off', off, uvm),
  virtual('NCCL over virtual GPUs with unified memory', 'on', native, uvm),
  virtual('NCCL over virtual GPUs of which nobody read it', undefined, open, never),
  virtual('the first NCCL that makes a pool, without unified memory', 'off', off, uvm, { image: wheel('2.23.4') }),
  virtual('that NCCL without an update', 'off', off, uvm, { image: wheel('2.23') }),
  virtual('NCCL that makes no pool, without unified memory', 'off', open, uvm, { image: wheel('2.22.3') }),
  virtual('NCCL of an unreadable version, without unified memory', 'off', open, never, { image: wheel('main') }),
  virtual('one virtual GPU without unified memory', 'off', native, uvm, { hardware: {} }),
  virtual('two virtual GPUs without NCCL', 'off', native, uvm, { image: {} }),
  virtual('two virtual GPUs without NCCL, of which nobody read it', undefined, native, uvm, {
    image: {},
    notChecked: [health, 'unified memory of the virtual GPUs'],
  }),
  virtual('two virtual GPUs without NCCL, with unified memory', 'on', native, uvm, { image: {}, notChecked: [health] }),
  virtual('one virtual GPU without NCCL, of which nobody read it', undefined, native, uvm, {
    image: {},
    hardware: {},
    notChecked: [health],
  }),
  virtual('two virtual GPUs with NCCL and unified memory', 'on', native, uvm, { notChecked: [health] }),
  virtual('two whole boards without NCCL', undefined, native, uvm, {
    image: {},
    deviceFacts: { product: 'NVIDIA L40S', brand: 'nvidia' },
    notChecked: [health],
  }),
  virtual('two whole boards, of which nobody read it', undefined, native, uvm, {
    deviceFacts: { product: 'NVIDIA L40S', brand: 'nvidia' },
  }),
];

export const hostStateCases: readonly CaseRow[] = [...confidential, ...unifiedMemory];
