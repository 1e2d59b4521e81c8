import type { CaseRow } from '../case-row.ts';

const triton = 'vLLM issue 13202 (2025-02-13)';
const sglang = 'SGLang issue 24302 (2026-05-03)';
const nunchaku = 'Nunchaku issue 216 (2025-03-30)';
const exllama = 'ExLlamaV3 issue 44 (2026-07-30)';
const deepspeed = 'DeepSpeed issue 1301 (2021-08-11); op_builder/transformer_inference.py';
const p100 = 'P100 550.54.14 12.4';
const t4 = 'T4 550.54.14 12.4';
const k80 = 'K80 470.82.01 11.4';
const v100 = 'V100 550.54.14 12.4';
const a100 = 'A100-40 550.54.14 12.4';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'engine-floor'];
const noJit: Answer = ['incompatible', 'jit-compiler'];

/** Kernels for every device, in folders that name no engine. */
const row = (
  name: string,
  device: string,
  python: Readonly<Record<string, string>>,
  [compatibility, rule]: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => ({ name, device, image: { python }, compatibility, rule, source, ...rest });

/** DeepSpeed in an image that the last driver of Kepler runs. */
const kepler = (python: Readonly<Record<string, string>>): Partial<CaseRow> => ({
  image: { cuda: '11.1', libraries: { 'app/libapp.so': 'sm_37' }, python: { deepspeed: '0.4.5', ...python } },
});

/** An image whose environment chooses the engine of vLLM. */
const v1 = (
  name: string,
  device: string,
  vllm: string,
  answer: Answer,
  env: Readonly<Record<string, string>> = { VLLM_USE_V1: '1' },
): CaseRow => ({
  ...row(name, device, {}, answer, 'vLLM issues 13398 and 15853; pull request 23614 (2025-08-26)'),
  image: { python: { vllm }, env },
});

const withShm = { shmBytes: 2 ** 30 };
/** An image of Triton Inference Server on a board of 5.2. */
const server = (
  name: string,
  env: Readonly<Record<string, string>>,
  answer: Answer,
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  ...row(name, p100, {}, answer, 'Triton pull request 474, issues 1246 and 8467 (2025-10-24)'),
  image: { env },
  deviceFacts: { computeCapability: '5.2', product: 'Tesla M40', migLayout: [], state: withShm },
  ...rest,
});
const lmcache = 'LMCache issue 412 (2025-04-01)';
/** An image whose environment chooses what vLLM computes attention by. */
const backend = (name: string, device: string, vllm: string, answer: Answer, value = 'FLASHINFER'): CaseRow => ({
  ...row(name, device, {}, answer, 'vLLM issues 8189, 8091 and 9922 (2025-02-10)'),
  image: { python: { vllm }, env: { VLLM_ATTENTION_BACKEND: value } },
});

export const engineFloorCases: readonly CaseRow[] = [
  row('vLLM 0.7 on Pascal', p100, { vllm: '0.7.2' }, refused, triton),
  row('the first vLLM that refuses Pascal', p100, { vllm: '0.7.0' }, refused, triton),
  row('vLLM 0.6 on Pascal, by kernels of its own', p100, { vllm: '0.6.3' }, native, triton),
  row('vLLM 0.7 on Volta', v100, { vllm: '0.7.2' }, native, triton),
  row(
    'vLLM 0.7 on a device of an unknown capability',
    v100,
    { vllm: '0.7.2' },
    ['unknown', 'engine-floor'],
    'what is not known is never a pass',
    { deviceFacts: { computeCapability: null } },
  ),
  v1('vLLM 0.7 whose V1 engine was chosen, on Volta', v100, '0.7.2', refused),
  v1('vLLM 0.8 whose V1 engine was chosen, on Turing', t4, '0.8.2', refused),
  v1('vLLM 0.7 whose V1 engine was chosen, on Ampere', a100, '0.7.2', native),
  v1('the first vLLM with a V1 engine, on Turing', t4, '0.6.0', refused),
  v1('vLLM before its V1 engine, on Turing', t4, '0.5.5', native),
  v1('the last vLLM whose V1 engine refuses Turing', t4, '0.10.1', refused),
  v1('the first vLLM whose V1 engine takes Turing', t4, '0.10.2', native),
  v1('vLLM 0.8 whose older engine was chosen, on Volta', v100, '0.8.2', native, { VLLM_USE_V1: '0' }),
  v1('vLLM 0.8 that chooses its engine itself, on Volta', v100, '0.8.2', native, {}),
  v1('vLLM 0.7 whose V1 engine was chosen, on Pascal', p100, '0.7.2', refused),
  backend('vLLM 0.7 whose backend was chosen, on Turing', t4, '0.7.2', refused),
  backend('vLLM 0.5 whose backend was chosen, on Turing', t4, '0.5.0', refused),
  backend('vLLM 0.4 whose backend was chosen, on Turing', t4, '0.4.3', native),
  backend('vLLM 0.8 whose backend was chosen, on Turing', t4, '0.8.0', native),
  backend('vLLM 0.7 whose backend was chosen, on Ampere', a100, '0.7.2', native),
  backend('vLLM 0.7 with another backend, on Turing', t4, '0.7.2', native, 'XFORMERS'),
  row('LMCache beside vLLM on Turing', t4, { vllm: '0.8.0', lmcache: '0.1.4' }, refused, lmcache),
  row('the first LMCache beside vLLM on Turing', t4, { vllm: '0.8.0', lmcache: '0.0.1' }, refused, lmcache),
  row('LMCache beside vLLM on Ampere', a100, { vllm: '0.8.0', lmcache: '0.1.4' }, native, lmcache),
  row('LMCache 0.2 beside vLLM on Turing', t4, { vllm: '0.8.0', lmcache: '0.2.0' }, native, lmcache),
  row('LMCache without vLLM on Turing', t4, { lmcache: '0.1.4' }, native, lmcache),
  row('SGLang 0.5 on Turing', t4, { sglang: '0.5.10' }, refused, sglang),
  row('the first SGLang that refuses Turing', t4, { sglang: '0.5.0' }, refused, sglang),
  row('SGLang 0.4 on Turing', t4, { sglang: '0.4.9' }, native, sglang),
  row('SGLang 0.5 on Ampere', a100, { sglang: '0.5.10' }, native, sglang),
  row('Nunchaku 0.1 on Turing', t4, { nunchaku: '0.1.4' }, refused, nunchaku),
  row('Nunchaku 0.2 on Turing', t4, { nunchaku: '0.2.0' }, native, nunchaku),
  row('Nunchaku 0.1 on Ampere', a100, { nunchaku: '0.1.4' }, native, nunchaku),
  row('ExLlamaV3 on Turing', t4, { exllamav3: '0.0.3' }, refused, exllama),
  row('the first ExLlamaV3 on Volta', v100, { exllamav3: '0.0.1' }, refused, exllama),
  row('ExLlamaV3 on Ampere', a100, { exllamav3: '0.0.3' }, native, exllama),
  row('DeepSpeed beside Transformers on Kepler', k80, {}, refused, deepspeed, kepler({ transformers: '4.9.2' })),
  row('DeepSpeed that nothing calls, on Kepler', k80, {}, native, deepspeed, kepler({})),
  row(
    'DeepSpeed beside Transformers on Maxwell',
    p100,
    { deepspeed: '0.14.4', transformers: '4.9.2' },
    refused,
    deepspeed,
    {
      deviceFacts: { computeCapability: '5.2', product: 'Tesla M40', migLayout: [] },
    },
  ),
  row(
    'DeepSpeed beside Transformers on Pascal',
    p100,
    { deepspeed: '0.4.5', transformers: '4.9.2' },
    native,
    deepspeed,
  ),
  server('Triton 2.26 on Maxwell', { TRITON_SERVER_VERSION: '2.26.0' }, refused),
  server('Triton 2.61 on Maxwell', { TRITON_SERVER_VERSION: '2.61.0' }, refused),
  server('the first Triton that leaves Maxwell out', { TENSORRT_SERVER_VERSION: '1.5.0' }, refused),
  server('Triton 1.4 on Maxwell', { TENSORRT_SERVER_VERSION: '1.4.0' }, native),
  server('Triton on Maxwell, whose version is no version', { TRITON_SERVER_VERSION: 'main' }, native),
  server('Triton on Pascal', { TRITON_SERVER_VERSION: '2.26.0' }, native, { deviceFacts: { state: withShm } }),
  server('Triton on Maxwell, whose arguments set the least', { TRITON_SERVER_VERSION: '2.26.0' }, native, {
    args: ['--model-repository=/models', '--min-supported-compute-capability=5.0'],
  }),
  server('Triton on Maxwell with other arguments', { TRITON_SERVER_VERSION: '2.26.0' }, refused, {
    args: ['--model-repository=/models'],
  }),
  row('the highest of two engines counts', t4, { vllm: '0.7.2', sglang: '0.5.1' }, refused, sglang),
  row('an engine whose version cannot be read', p100, { vllm: 'main' }, native, triton),
  row('Triton 3.1 on Pascal', p100, { vllm: '0.6.3', triton: '3.1.0' }, noJit, triton),
  row('Triton 2.0 on Pascal', p100, { vllm: '0.6.3', triton: '2.0.0' }, noJit, triton),
  row('Triton 1.1 on Pascal', p100, { vllm: '0.6.3', triton: '1.1.1' }, native, triton),
  row('Triton 3.1 on Volta', v100, { vllm: '0.6.3', triton: '3.1.0' }, native, triton),
  row('Triton 3.4 on Pascal', p100, { vllm: '0.6.3', triton: '3.4.0' }, noJit, triton),
  row('Triton 3.4 on Volta', v100, { vllm: '0.6.3', triton: '3.4.0' }, native, triton),
  row('Triton 3.6 on Pascal', p100, { vllm: '0.6.3', triton: '3.6.0' }, noJit, triton),
  row('Triton 3.6 on Volta', v100, { vllm: '0.6.3', triton: '3.6.0' }, native, triton),
  row('Triton 1.1 on Maxwell', p100, { vllm: '0.6.3', triton: '1.1.1' }, noJit, triton, {
    deviceFacts: { computeCapability: '5.2', product: 'Tesla M40', migLayout: [] },
  }),
];
