import type { CaseRow } from '../case-row.ts';
import type { Answer } from '../states/state-cases.ts';

const never = 'what is not known is never a pass';
const native: Answer = ['native', 'driver-native'];

const profile =
  'NVIDIA vGPU User Guide, "OpenCL and CUDA Application Support" (2026-11); vgpu_unlock issue 70 (2021-08-22)';
const kepler = 'NiceHashMiner issue 133 (2017-08-09); virtuallyvisual, "NVIDIA M60 GPUs" (2016-02-05)';
const noCuda: Answer = ['incompatible', 'virtual-profile'];
const profileRow = (
  name: string,
  product: string,
  [compatibility, rule]: Answer,
  source = profile,
  says?: string,
): CaseRow => ({
  name,
  device: 'T4 550.90.07 12.4',
  deviceFacts: { product, brand: 'grid', state: { licence: 'licensed' } },
  hardware: { memoryGib: 1 },
  compatibility,
  rule,
  source,
  ...(says === undefined ? {} : { says }),
});
/** Boards whose name begins as that of a virtual GPU: they have no licence, and need none. */
const gridBoard = (product: string, [compatibility, rule]: Answer): CaseRow => ({
  name: `${product} by its name and brand`,
  device: 'K80 470.82.01 11.4',
  image: { cuda: '10.2', libraries: { 'app/libapp.so': 'sm_30 sm_35' } },
  deviceFacts: { product, brand: 'grid', computeCapability: '3.0' },
  hardware: { memoryGib: 1 },
  compatibility,
  rule,
  source:
    'NiceHashMiner issue 133 (2017-08-09): a board that is handed in whole is detected; nvidia-docker issue 191 (2016-09-06): GRID K520 of nvidia-smi',
});
const gridBoards: readonly CaseRow[] = [
  ...['GRID K1', 'GRID K2', 'GRID K340', 'GRID K520', 'NVIDIA GRID K2'].map((product) => gridBoard(product, native)),
  gridBoard('GRID K5200', ['unknown', 'vgpu-licence']),
];
const profiles: readonly CaseRow[] = [
  profileRow('a virtual GPU for applications', 'GRID T4-8A', ['incompatible', 'virtual-profile']),
  profileRow('a virtual GPU for applications with a newer name', 'NVIDIA A16-16A', ['incompatible', 'virtual-profile']),
  profileRow('a virtual GPU for desktops', 'GRID T4-2B', ['unknown', 'virtual-profile']),
  profileRow('a virtual GPU for workstations', 'GRID T4-8Q', native),
  profileRow('a virtual GPU for computing', 'GRID T4-8C', native),
  ...['GRID K260Q', 'GRID K280Q', 'GRID K100', 'GRID K140Q', 'NVIDIA GRID K200'].map((product) =>
    profileRow(`a virtual GPU of Kepler, ${product}`, product, noCuda, kepler, 'of a Kepler board'),
  ),
  ...['GRID M60-4Q', 'GRID M60-1B', 'GRID M10-0Q', 'GRID M6-2Q', 'NVIDIA GRID M10-0B'].map((product) =>
    profileRow(`a virtual GPU of Maxwell, ${product}`, product, noCuda, profile, 'a part of a Maxwell board'),
  ),
  ...['GRID M60-8Q', 'GRID M10-8Q', 'GRID M6-8Q', 'GRID P40-4Q', 'GRID M60-8C'].map((product) =>
    profileRow(`a virtual GPU with CUDA, ${product}`, product, native),
  ),
];

const withoutName: CaseRow = {
  name: 'a virtual GPU whose name nobody told',
  device: 'T4 550.90.07 12.4',
  deviceFacts: { product: null, brand: 'grid', state: { licence: 'licensed' } },
  hardware: { memoryGib: 1 },
  compatibility: 'unknown',
  rule: 'virtual-profile',
  source: never,
};

/** Virtual GPUs by the profile in their name, and boards whose names look like one. */
export const virtualProfileCases: readonly CaseRow[] = [...profiles, ...gridBoards, withoutName];
