import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { CaseRow } from '../case-row.ts';
import { stateRow, type Answer } from '../states/state-cases.ts';

const issue = 'lmdeploy issue 3953 (2025-09-10); nvidia-docker issue 489 (2017-10-09)';
const never = 'what is not known is never a pass';
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'cuda-version'];
const open: Answer = ['unknown', 'cuda-version'];

const row = (
  name: string,
  containerRuntime: DeviceState['containerRuntime'],
  env: Readonly<Record<string, string>>,
  answer: Answer,
): CaseRow =>
  stateRow(
    `CUDA_VERSION: ${name}`,
    'L4 550.54.14 12.4',
    containerRuntime === undefined ? {} : { containerRuntime },
    answer,
    answer === open ? never : issue,
    { image: { cuda: '12.4', env } },
  );
const bad = { CUDA_VERSION: 'cu12.6' };

export const cudaVersionCases: readonly CaseRow[] = [
  row('no version, in mode csv', 'csv', bad, refused),
  {
    ...row('no version, of 81 letters', 'csv', { CUDA_VERSION: 'c'.repeat(81) }, refused),
    says: `CUDA_VERSION=${'c'.repeat(80)} of the image`,
  },
  row('no version, in mode legacy', 'legacy', bad, refused),
  row('no version, in mode legacy without checks', 'unchecked', bad, native),
  row('no version, in mode cdi', 'cdi', bad, native),
  row('no version, in mode jit-cdi', 'jit-cdi', bad, native),
  row('no version, and nobody read the mode', undefined, bad, open),
  row('no version beside a requirement', 'csv', { ...bad, NVIDIA_REQUIRE_CUDA: 'cuda>=12.0' }, native),
  row('no version beside an empty requirement', 'csv', { ...bad, NVIDIA_REQUIRE_CUDA: '' }, refused),
  row('no version where requirements are off', 'csv', { ...bad, NVIDIA_DISABLE_REQUIRE: 'true' }, native),
  row('a version', 'csv', { CUDA_VERSION: '12.4.1' }, native),
  row('a version with a v', 'csv', { CUDA_VERSION: 'v12.4' }, native),
  row('nothing written', 'csv', { CUDA_VERSION: '' }, native),
];
