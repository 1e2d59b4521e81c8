import type { ModelHardwareFacts } from '../../../core/hardware/model/model-facts.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';

const wheels = 'bitsandbytes, files of the wheels 0.35.4 to 0.49.0';
const sources = 'bitsandbytes issues 487 and 679 (2023-08-07)';
const byRuntime = 'bitsandbytes issues 70 and 118 (2023-01-05); cuda_setup/main.py of 0.40.0 and 0.40.1';
const loader = 'bitsandbytes issues 631 and 1848';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const lacking: Answer = ['incompatible', 'bitsandbytes-cuda'];
const every = 'sm_60 sm_70 sm_75 sm_80 sm_86 sm_90';

const row = (
  name: string,
  bitsandbytes: string,
  torch: string,
  [compatibility, rule]: Answer,
  source: string,
  {
    image = {},
    model = { precisions: ['int8'] },
  }: { readonly image?: ImageRow; readonly model?: Partial<ModelHardwareFacts> } = {},
): CaseRow => ({
  name: `bitsandbytes ${bitsandbytes} beside torch ${torch}, ${name}`,
  device: 'A100-40 580.65.06 13.0',
  image: {
    cuda: '11.8',
    libraries: { 'x/torch/lib/libtorch_cuda.so': every },
    ...image,
    python: { torch, bitsandbytes, transformers: '4.30.0', ...image.python },
  },
  model: { format: 'safetensors', ...model },
  compatibility,
  rule,
  source,
});

const ofMethod = { model: { quantMethod: 'bitsandbytes', precisions: ['bf16'] } } as const;
const inFp16 = { model: { precisions: ['fp16'] } } as const;
const ofAnother = { model: { quantMethod: 'compressed-tensors', precisions: ['int8'] } } as const;
const whole = (version: string): { readonly image: ImageRow } => ({
  image: {
    libraries: { [`x/bitsandbytes/libbitsandbytes_cuda${version}.so`]: every, 'x/torch/lib/libtorch_cuda.so': every },
  },
});

/** Libraries of bitsandbytes that are not there: by its wheel, or because sources were not built. */
export const bitsandbytesCases: readonly CaseRow[] = [
  row('whose wheel has none for it', '0.42.0', '2.4.0+cu124', lacking, wheels),
  row('whose wheel has none for it, for a model of its method', '0.44.1', '2.6.0+cu126', lacking, wheels, ofMethod),
  row('whose wheel has one for it', '0.45.0', '2.6.0+cu126', native, wheels, ofMethod),
  row('whose wheel dropped it', '0.46.0', '2.0.1+cu117', lacking, wheels),
  row('before wheels had it', '0.45.2', '2.7.0+cu128', lacking, wheels),
  row('in the first wheel that has it', '0.45.3', '2.7.0+cu128', native, wheels),
  row('before wheels had CUDA 13', '0.47.0', '2.9.0+cu130', lacking, wheels),
  row('in the first wheel that has CUDA 13', '0.48.0', '2.9.0+cu130', native, wheels),
  row('of a version that no row has', '0.50.0', '2.9.0+cu130', native, wheels),
  row('in FP16', '0.42.0', '2.4.0+cu124', native, wheels, inFp16),
  row('quantized by another method', '0.42.0', '2.4.0+cu124', native, wheels, ofAnother),
  row('for Arm', '0.44.1', '2.6.0+cu126', native, wheels, { image: { architecture: 'arm64', pageSizes: {} } }),
  row('beside another engine', '0.42.0', '2.4.0+cu124', native, wheels, {
    image: { python: { exllamav2: '0.1.0', transformers: '4.30.0' } },
  }),
  row('for a model that names no method in words', '0.42.0', '2.4.0+cu124', lacking, wheels, {
    model: { precisions: ['int8'], quantMethod: 'none' },
  }),
  row('which looks for the CUDA runtime, and has it', '0.36.0.post2', '1.13.1+cu117', native, byRuntime, {
    ...ofMethod,
    image: { cuda: '11.8.89', ...whole('118').image },
  }),
  row('which looks for the CUDA runtime, and has that of torch', '0.36.0.post2', '2.0.1+cu117', lacking, byRuntime, {
    ...ofMethod,
    ...whole('117'),
  }),
  row('the last that looks for the CUDA runtime', '0.40.0', '2.0.1+cu117', native, byRuntime, {
    ...ofMethod,
    ...whole('118'),
  }),
  row('the first that asks torch', '0.40.1', '2.0.1+cu117', lacking, byRuntime, { ...ofMethod, ...whole('118') }),
  row('installed from sources that were not built', '0.39.0', '2.0.1+cu118', lacking, sources),
  row('installed from sources that were built', '0.39.0', '2.0.1+cu118', native, sources, whole('118')),
  row('installed from later sources', '0.43.0', '2.0.1+cu118', native, sources),
  row(
    'of sources between two releases, which were not built',
    '0.45.4.dev0',
    '2.6.0+cu124',
    lacking,
    sources,
    ofMethod,
  ),
  row('of such sources, and built', '0.45.4.dev0', '2.6.0+cu124', native, sources, { ...ofMethod, ...whole('124') }),
  row('of such sources, and nothing that opens it', '0.45.4.dev0', '2.6.0+cu124', native, sources, inFp16),
  row(
    'of such sources, whose file the image names',
    '0.45.4.dev0',
    '2.6.0+cu124',
    ['unknown', 'bitsandbytes-cuda'],
    'what is not known is never a pass',
    { ...inFp16, image: { env: { BNB_CUDA_VERSION: '124' } } },
  ),
  row('whose file the image names, and that is there', '0.45.4', '2.6.0+cu124', native, sources, {
    ...inFp16,
    image: { ...whole('124').image, env: { BNB_CUDA_VERSION: '124' } },
  }),
  row('whose file the image names, for a model of another method', '0.45.4.dev0', '2.6.0+cu124', native, sources, {
    ...ofAnother,
    image: { env: { BNB_CUDA_VERSION: '124' } },
  }),
  row(
    'in an image that was not read whole',
    '0.39.0',
    '2.0.1+cu118',
    ['unknown', 'kernels'],
    'what is not known is never a pass',
    {
      image: { unknown: { libraries: 'a layer could not be read' } },
    },
  ),
  row(
    'from sources, in an image of which no library was listed',
    '0.39.0',
    '2.0.1+cu118',
    ['unknown', 'kernels'],
    'what is not known is never a pass',
    { image: { libraries: {} } },
  ),
  row('with a file for another, quantized by another method', '0.42.0', '2.4.0+cu124', native, loader, {
    ...whole('118'),
    ...ofAnother,
  }),
  row('with a file for another, for a model of its method', '0.42.0', '2.4.0+cu124', lacking, loader, {
    ...whole('118'),
    ...ofMethod,
  }),
  row(
    'whose precision nobody read',
    '0.42.0',
    '2.4.0+cu124',
    ['unknown', 'bitsandbytes-cuda'],
    'what is not known is never a pass',
    {
      model: {},
    },
  ),
  {
    ...row('in words', '0.42.0', '2.4.0+cu124', lacking, wheels),
    says: 'bitsandbytes 0.42.0 looks for libbitsandbytes_cuda124.so, and its wheel holds 110, 111, 114, 115, 117, 118, 120, 121, 122, 123',
  },
];
