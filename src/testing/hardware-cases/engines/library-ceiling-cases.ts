import type { CaseRow, ImageRow } from '../case-row.ts';

const source =
  'electra issue 136 (2022-12-27), CasRel issue 62 (2021-11-12), AD-NeRF issue 132 (2023-09-17), transfuser issue 14 (2021-09-04)';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'library-ceiling'];

/** Code that the driver compiles for every device. */
const row = (
  name: string,
  device: string,
  cuda: string,
  python: Readonly<Record<string, string>>,
  [compatibility, rule]: Answer,
  rest: Partial<CaseRow> & { readonly image?: ImageRow } = {},
): CaseRow => ({
  name,
  device: `${device} 535.183.01 12.2`,
  compatibility,
  rule,
  source,
  ...rest,
  image: { cuda, python, libraries: { 'app/libapp.so': 'sm_37 sm_70 sm_75 compute_37' }, ...rest.image },
});

export const libraryCeilingCases: readonly CaseRow[] = [
  row('torch of CUDA 10.2 and PTX on Ampere', 'A10', '10.2', { torch: '1.6.0' }, refused, {
    says: 'torch calls cuBLAS and cuDNN of CUDA 10.2, which have no code from capability 8.0 on; the device is 8.6',
  }),
  row('torch of CUDA 10.2 and PTX on the first Ampere', 'A100-40', '10.2', { torch: '1.6.0' }, refused),
  row('torch of CUDA 10.2 and PTX on Hopper', 'H200', '10.2', { torch: '1.6.0' }, refused, {
    device: 'H200 580.95.05 13.0',
  }),
  row('torch of CUDA 10.2 on Turing', 'T4', '10.2', { torch: '1.6.0' }, native),
  row('torch of CUDA 11.0 and PTX on Ampere', 'A10', '11.0', { torch: '1.7.0' }, native),
  row('TensorFlow 1.15 of CUDA 10.0 on Ada', 'L4', '10.0', { 'tensorflow-gpu': '1.15.2' }, refused),
  row('the plain name of TensorFlow, of CUDA 10.1', 'A10', '10.1', { tensorflow: '2.1.0' }, refused, {
    image: { components: { cudnn: '7.6.5' } },
  }),
  row('MXNet of CUDA 10.1 on Ampere', 'A10', '10.1', { 'mxnet-cu101': '1.6.0' }, refused),
  row('PaddlePaddle of CUDA 10.2 on Ampere', 'A10', '10.2', { 'paddlepaddle-gpu': '2.0.0' }, refused),
  row('a program of its own, whose PTX the driver compiles', 'A10', '10.2', { numpy: '1.19.5' }, native),
  row('a newer toolkit of a wheel beside an old one', 'A10', '10.2', { torch: '1.9.0+cu111' }, native),
  row(
    'torch of CUDA 10.2 on a device that nobody knows',
    'A10',
    '10.2',
    { torch: '1.6.0' },
    ['unknown', 'library-ceiling'],
    {
      deviceFacts: { computeCapability: null },
    },
  ),
];
