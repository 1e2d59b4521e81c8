import type { ModelHardwareFacts, Precision } from '../../../core/hardware/model/model-facts.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';

const table = 'vLLM, "Quantization, Supported Hardware" (2026-02)';
const bf16 = 'vLLM issue 1144 (2023-09)';
const marlin = 'vLLM pull request 5975 (2024-07)';
const sm121 = 'vLLM pull request 41215 (2026-04-29)';
const fp4 = 'vLLM issue 23826 (2025-08)';
const mxfp4 = 'vLLM issues 22422 and 23203 (2025-08)';
const int4 = 'llm-compressor issue 1258 (2025-03-17); vLLM pull request 29901 (2025-12)';
const awqFirst = 'vLLM issue 1282 (2023-10-07)';
const library = 'Transformer Engine issues 15 and 1159 (2024-09-05); KTransformers issue 851 (2025-03-10)';
const int8 = 'vLLM issue 54311 (2026-08-29)';
const moe = 'vLLM issues 17581, 17764 and 18182 (2025-05-07)';
const sglang = 'SGLang issues 5871, 7715 and 38291 (2026-09-07)';
const onnx = 'TensorRT, "Support Matrix"; Model-Optimizer issue 70 (2024-09-11)';
const awq = 'AutoAWQ, README (2025-05)';
const fp4OfTensorRtLlm = 'TensorRT-LLM issue 6717 (2025-08-07); pull request 14775 (2026-05-30)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'precision'];
const open: Answer = ['unknown', 'precision'];

const everything = 'sm_60 sm_70 sm_75 sm_80 sm_86 sm_89 sm_90 sm_100 sm_120 sm_121f';

function row(
  name: string,
  device: string,
  [version, precision]: readonly [version: string | null, precision: Precision | null],
  [compatibility, rule]: Answer,
  source: string,
  { image, model }: { readonly image?: ImageRow; readonly model?: Partial<ModelHardwareFacts> | null } = {},
): CaseRow {
  const facts: Partial<ModelHardwareFacts> = {
    format: 'safetensors',
    ...(precision === null ? {} : { precisions: [precision] }),
    ...model,
  };
  return {
    name,
    device,
    image: {
      cuda: '12.4',
      libraries: { 'x/vllm/_C.abi3.so': everything },
      python: version === null ? {} : { vllm: version },
      ...image,
    },
    model: model === null ? null : facts,
    ...(model === null ? { hardware: { memoryGib: 4 } } : {}),
    compatibility,
    rule,
    source,
  };
}

const t4 = 'T4 550.54.14 12.4';
const v100 = 'V100 550.54.14 12.4';
const a6000 = 'RTX-A6000 550.54.14 12.4';
const l4 = 'L4 550.54.14 12.4';
const gb10 = 'GB10 580.95.05 13.0';
const rtx5090 = 'RTX-5090 580.95.05 13.0';
const p100 = 'P100 550.54.14 12.4';

const family = (targets: string): { readonly image: ImageRow } => ({
  image: { libraries: { 'x/vllm/_C.abi3.so': targets } },
});

const health = 'health of the device';
const precisionOpen = 'precision of the ONNX file';
/** What a pass names beside TensorRT, where some precision of an ONNX file would be refused. */
const naming = (
  name: string,
  device: string,
  tensorrt: string | null,
  model: Partial<ModelHardwareFacts>,
  notChecked: readonly string[],
): CaseRow => ({
  ...row(name, device, [null, null], native, onnx, {
    image: {
      components: tensorrt === null ? {} : { tensorrt, cudnn: '9.1.0' },
      libraries: { 'x/app/libapp.so': everything },
      python: {},
    },
    model,
  }),
  notChecked,
});
const namedCases: readonly CaseRow[] = [
  naming('an ONNX file beside TensorRT on Ampere', a6000, '10.3.0', { format: 'onnx' }, [health, precisionOpen]),
  naming('an ONNX file beside TensorRT on Hopper', 'H100 550.54.14 12.4', '10.3.0', { format: 'onnx' }, [
    'fabric state',
    health,
    'confidential mode',
  ]),
  naming('an ONNX file without TensorRT on Ampere', a6000, null, { format: 'onnx' }, [health]),
  naming('an ONNX file in float16 beside TensorRT', a6000, '10.3.0', { format: 'onnx', precisions: ['fp16'] }, [
    health,
  ]),
  naming('safetensors beside TensorRT', a6000, '10.3.0', { format: 'safetensors' }, [health]),
];

const ofTensorRtLlm = (version: string, device: string, precision: Precision, answer: Answer): CaseRow =>
  row(`${precision} by TensorRT-LLM ${version} on ${device}`, device, [null, precision], answer, fp4OfTensorRtLlm, {
    image: {
      libraries: { 'x/tensorrt_llm/libs/libtensorrt_llm.so': everything },
      python: { 'tensorrt-llm': version, torch: '2.8.0' },
    },
  });
const tensorRtLlmCases: readonly CaseRow[] = [
  ofTensorRtLlm('1.1.0', l4, 'mxfp4', refused),
  ofTensorRtLlm('1.3.0rc20', l4, 'mxfp4', refused),
  ofTensorRtLlm('1.1.0', 'H200 570.133.20 12.8', 'mxfp4', native),
  ofTensorRtLlm('1.2.1', 'H200 570.133.20 12.8', 'fp4', refused),
  ofTensorRtLlm('1.3.0rc20', 'H200 570.133.20 12.8', 'fp4', native),
  ofTensorRtLlm('1.3.0rc20', l4, 'fp4', refused),
  ofTensorRtLlm('1.2.1', 'B200 570.133.20 12.8', 'fp4', native),
];

export const precisionCases: readonly CaseRow[] = [
  ...tensorRtLlmCases,
  ...namedCases,
  row('bfloat16 on Turing by vLLM 0.7', t4, ['0.7.3', 'bf16'], refused, bf16),
  row('bfloat16 on Turing by vLLM 0.8', t4, ['0.8.5', 'bf16'], refused, bf16),
  row('bfloat16 on Turing by vLLM 0.9, which loads float16', t4, ['0.9.0', 'bf16'], native, bf16),
  row('bfloat16 on Volta by vLLM 0.9, which loads float16', v100, ['0.9.0', 'bf16'], native, bf16),
  row('bfloat16 on Pascal by vLLM 0.9', p100, ['0.9.0', 'bf16'], refused, bf16),
  row('bfloat16 on Ampere by vLLM 0.7', 'A100-40 550.54.14 12.4', ['0.7.3', 'bf16'], native, bf16),
  row('float16 on Turing by vLLM 0.7', t4, ['0.7.3', 'fp16'], native, bf16),
  row('FP8 on Ampere by vLLM 0.4', a6000, ['0.4.1', 'fp8'], refused, marlin),
  row('FP8 on Ampere by vLLM 0.5.0', a6000, ['0.5.0.post1', 'fp8'], refused, marlin),
  row('FP8 on Ada by vLLM 0.4', l4, ['0.4.1', 'fp8'], native, marlin),
  row('FP8 of compressed-tensors on Ampere by vLLM 0.5.3', a6000, ['0.5.3.post1', 'fp8'], refused, marlin, {
    model: { quantMethod: 'compressed-tensors' },
  }),
  row('FP8 of compressed-tensors on Ampere by vLLM 0.5.4', a6000, ['0.5.4', 'fp8'], native, marlin, {
    model: { quantMethod: 'compressed-tensors' },
  }),
  row('FP8 of compressed-tensors on Ada by vLLM 0.5.3', l4, ['0.5.3.post1', 'fp8'], native, marlin, {
    model: { quantMethod: 'compressed-tensors' },
  }),
  row('FP8 on Ampere by vLLM 0.5.1', 'A100-40 550.54.14 12.4', ['0.5.1', 'fp8'], native, marlin),
  row('FP8 on Turing by vLLM 0.15', t4, ['0.15.1', 'fp8'], refused, marlin),
  row('FP8 on Turing by vLLM 0.16', t4, ['0.16.0', 'fp8'], native, sm121),
  row('FP8 on Volta by vLLM 0.19', v100, ['0.19.1', 'fp8'], refused, sm121),
  row('FP8 on Turing by vLLM 0.20', t4, ['0.20.0', 'fp8'], native, sm121),
  row('FP8 on Volta by vLLM 0.20', v100, ['0.20.0', 'fp8'], refused, sm121),
  row('FP8 on 12.1 by vLLM 0.15', gb10, ['0.15.0', 'fp8'], refused, sm121),
  row('FP8 on 12.1 by vLLM 0.19', gb10, ['0.19.0', 'fp8'], refused, sm121),
  row('FP8 on 12.0 by vLLM 0.19', rtx5090, ['0.19.0', 'fp8'], native, sm121),
  row('FP8 on 12.1 by vLLM 0.20', gb10, ['0.20.0', 'fp8'], native, sm121),
  row('FP8 on 12.1 by a vLLM whose version is not known', gb10, [null, 'fp8'], open, sm121),
  row('FP8 on 12.0 by a vLLM whose version is not known', rtx5090, [null, 'fp8'], native, sm121),
  row(
    'FP8 on Ampere by a vLLM whose version is not known: the newest row counts',
    a6000,
    [null, 'fp8'],
    native,
    marlin,
  ),
  row('FP8 on Volta by a vLLM whose version is not known', v100, [null, 'fp8'], refused, marlin),
  row('FP4 on 12.0 without kernels of its family', rtx5090, ['0.10.1', 'fp4'], refused, fp4, family('sm_80 sm_120')),
  row('FP4 on 12.0 with 12.0a', rtx5090, ['0.10.1', 'fp4'], native, fp4, family('sm_80 sm_120 sm_120a')),
  row('FP4 on 12.1 with 12.0f', gb10, ['0.20.0', 'fp4'], native, fp4, family('sm_80 sm_120f')),
  row('FP4 on 12.1 with 12.0a', gb10, ['0.20.0', 'fp4'], refused, fp4, family('sm_120 sm_120a')),
  row(
    'FP4 on 10.0 without kernels of its family',
    'B200 580.95.05 13.0',
    ['0.10.1', 'fp4'],
    refused,
    fp4,
    family('sm_90a sm_100'),
  ),
  row('FP4 on Ampere by weights alone', 'A100-40 550.54.14 12.4', ['0.10.1', 'fp4'], native, fp4),
  row('FP4 on Turing', t4, ['0.10.1', 'fp4'], refused, fp4),
  row('family kernels of another library do not count', rtx5090, ['0.10.1', 'fp4'], refused, fp4, {
    image: { libraries: { 'x/vllm/_C.abi3.so': 'sm_120', 'x/other/libx.so': 'sm_120a' } },
  }),
  row('MXFP4 on Turing', t4, ['0.10.1', 'mxfp4'], refused, mxfp4),
  row('MXFP4 on Ampere by the first vLLM', a6000, ['0.10.0', 'mxfp4'], refused, mxfp4),
  row('MXFP4 on Blackwell by the first vLLM', rtx5090, ['0.10.0', 'mxfp4'], native, mxfp4),
  row('MXFP4 on Ampere by the second', 'A100-40 550.54.14 12.4', ['0.10.1', 'mxfp4'], native, mxfp4),
  row('nobody read the precision of the first vLLM', 'A100-40 550.54.14 12.4', ['0.10.0', null], open, mxfp4),
  row('MXFP4 by a vLLM before the first', 'A100-40 550.54.14 12.4', ['0.9.2', 'mxfp4'], native, mxfp4),
  row('W4A16 on Volta', v100, ['0.7.3', 'int4'], refused, int4),
  row('W4A16 on Turing by vLLM 0.12', t4, ['0.12.0', 'int4'], refused, int4),
  row('W4A16 on Turing by vLLM 0.13', t4, ['0.13.0', 'int4'], native, int4),
  row('W4A16 on Volta by vLLM 0.13', v100, ['0.13.0', 'int4'], refused, int4),
  row('W4A16 on Ampere', 'A100-40 550.54.14 12.4', ['0.7.3', 'int4'], native, int4),
  row('AWQ on Turing by vLLM 0.2.0', t4, ['0.2.0', 'awq'], refused, awqFirst),
  row('AWQ on Ampere by vLLM 0.2.0', 'A100-40 550.54.14 12.4', ['0.2.0', 'awq'], native, awqFirst),
  ...(
    [
      ['FP8 by Transformer Engine on Ampere', a6000, { 'transformer-engine': '1.9.0' }, refused],
      ['FP8 by Transformer Engine on Ada', l4, { 'transformer-engine': '1.9.0' }, native],
      ['FP8 by an old Transformer Engine on Ada', l4, { 'transformer-engine': '0.7.0' }, refused],
      ['FP8 by the first Transformer Engine with Ada', l4, { 'transformer-engine': '0.8.0' }, native],
      ['FP8 by an old Transformer Engine on Hopper', 'H100 550.54.14 12.4', { 'transformer-engine': '0.1' }, native],
      ['FP8 by KTransformers on Ampere', a6000, { ktransformers: '0.2.3' }, refused],
      ['FP8 by KTransformers on Ada', l4, { ktransformers: '0.2.3' }, native],
      ['FP8 by vLLM, beside Transformer Engine', a6000, { vllm: '0.9.2', 'transformer-engine': '1.9.0' }, native],
    ] as const
  ).map(([name, device, python, answer]) =>
    row(name, device, [null, 'fp8'], answer, library, {
      image: { libraries: { 'x/app/libapp.so': everything }, python },
    }),
  ),
  row('Transformer Engine, and nobody read the precision', a6000, [null, null], open, library, {
    image: { libraries: { 'x/app/libapp.so': everything }, python: { 'transformer-engine': '1.9.0' } },
  }),
  row('AWQ on Volta', v100, ['0.2.1', 'awq'], refused, table),
  row('AWQ on Turing', t4, ['0.2.1', 'awq'], native, table),
  row('GPTQ on Volta', v100, ['0.2.6', 'gptq'], native, table),
  row('GPTQ on Pascal', p100, ['0.2.1', 'gptq'], refused, table),
  row('INT8 on Volta', v100, ['0.9.2', 'int8'], refused, table),
  row('INT8 on Turing', t4, ['0.9.2', 'int8'], native, table),
  row('INT8 on GeForce Blackwell by vLLM', rtx5090, ['0.20.1', 'int8'], refused, int8),
  row('INT8 on GB10 by vLLM', gb10, ['0.20.1', 'int8'], refused, int8),
  row('INT8 on B200 by vLLM', 'B200 580.95.05 13.0', ['0.20.1', 'int8'], native, int8),
  ...(
    [
      ['a mixture of experts in FP8 on Ampere by vLLM 0.8', a6000, '0.8.5', 'fp8', true, refused],
      ['a mixture of experts in FP8 on Ada by vLLM 0.8', l4, '0.8.5', 'fp8', true, native],
      ['a mixture of experts in FP8 on Ampere by vLLM 0.9', a6000, '0.9.0', 'fp8', true, native],
      ['a mixture of experts in BF16 on Ampere by vLLM 0.8', a6000, '0.8.5', 'bf16', true, native],
      ['a dense model in FP8 on Ampere by vLLM 0.8', a6000, '0.8.5', 'fp8', false, native],
    ] as const
  ).map(([name, device, version, precision, experts, answer]) =>
    row(name, device, [version, precision], answer, moe, { model: { experts } }),
  ),
  ...(
    [
      ['FP8 by SGLang on Ampere', a6000, 'fp8', refused],
      ['FP8 by SGLang on Ada', l4, 'fp8', native],
      ['BF16 by SGLang on Ampere', a6000, 'bf16', native],
    ] as const
  ).map(([name, device, precision, answer]) =>
    row(name, device, [null, precision], answer, sglang, {
      image: { libraries: { 'x/app/libapp.so': everything }, python: { sglang: '0.4.6' } },
    }),
  ),
  ...(
    [
      ['FP8 of an ONNX file by TensorRT on Ampere', a6000, ['fp8', 'fp32'], {}, refused],
      ['FP8 of an ONNX file by TensorRT on Ada', l4, ['fp8', 'fp32'], {}, native],
      ['BF16 of an ONNX file by TensorRT on Turing', t4, ['bf16'], {}, refused],
      ['BF16 of an ONNX file by TensorRT on Ampere', 'A100-40 550.54.14 12.4', ['bf16'], {}, native],
      ['INT8 of an ONNX file by TensorRT on Turing', t4, ['int8'], {}, native],
      ['FP8 by TensorRT on Ampere, beside ONNX Runtime', a6000, ['fp8'], { 'onnxruntime-gpu': '1.20.1' }, open],
      ['nobody read the precision of an ONNX file beside TensorRT', a6000, null, {}, native],
    ] as const
  ).map(([name, device, precisions, python, answer]) =>
    row(name, device, [null, null], answer, onnx, {
      image: {
        components: { tensorrt: '10.3.0', cudnn: '9.1.0' },
        libraries: { 'x/app/libapp.so': everything },
        python,
      },
      model: { format: 'onnx', ...(precisions === null ? {} : { precisions }) },
    }),
  ),
  row('FP4 of an ONNX file by TensorRT on Blackwell', 'B200 580.95.05 13.0', [null, null], native, onnx, {
    image: { cuda: '12.8', components: { tensorrt: '10.9.0' }, libraries: { 'x/app/libapp.so': everything } },
    model: { format: 'onnx', precisions: ['fp4'] },
  }),
  row('FP4 of an ONNX file by TensorRT on Ada', l4, [null, null], refused, onnx, {
    image: { cuda: '12.8', components: { tensorrt: '10.8.0' }, libraries: { 'x/app/libapp.so': everything } },
    model: { format: 'onnx', precisions: ['fp4'] },
  }),
  row('FP8 of an ONNX file by a TensorRT before FP8', a6000, [null, null], native, onnx, {
    image: { cuda: '12.1', components: { tensorrt: '8.6.1' }, libraries: { 'x/app/libapp.so': everything } },
    model: { format: 'onnx', precisions: ['fp8'] },
  }),
  row('FP8 of safetensors beside TensorRT', a6000, [null, 'fp8'], native, onnx, {
    image: { components: { tensorrt: '10.3.0' }, libraries: { 'x/app/libapp.so': everything } },
  }),
  row('AWQ by AutoAWQ on Volta', v100, [null, 'awq'], refused, awq, {
    image: { libraries: { 'x/app/libapp.so': everything }, python: { autoawq: '0.2.5' } },
  }),
  row('AWQ by AutoAWQ on Turing', t4, [null, 'awq'], native, awq, {
    image: { libraries: { 'x/app/libapp.so': everything }, python: { autoawq: '0.2.5' } },
  }),
  row('nobody read the precision, and some are refused', t4, ['0.7.3', null], open, never),
  row('nobody read the precision, and none is refused', 'A100-40 550.54.14 12.4', ['0.9.2', null], native, table),
  row('nobody looked at the model, and some precision is refused', t4, ['0.7.3', null], open, never, { model: null }),
  row(
    'nobody read the precision of an ONNX file, which its runtime takes as it is',
    t4,
    ['0.7.3', null],
    native,
    table,
    { model: { format: 'onnx' } },
  ),
  row('nobody read the precision of a GGUF file, which brings kernels of its own', t4, ['0.7.3', null], native, table, {
    model: { format: 'gguf' },
  }),
  row('an engine that no table names', t4, [null, null], native, table, {
    image: { libraries: { 'x/app/libapp.so': everything } },
  }),
  row('two precisions, of which one is refused', t4, ['0.7.3', null], refused, bf16, {
    model: { precisions: ['fp16', 'bf16'] },
  }),
  row('family kernels in one of two libraries of the engine', rtx5090, ['0.10.1', 'fp4'], native, fp4, {
    image: { libraries: { 'x/vllm/_C.abi3.so': 'sm_120', 'x/vllm/_moe_C.abi3.so': 'sm_120a' } },
  }),
  row('one precision is open and another is refused', gb10, [null, null], refused, fp4, {
    image: { libraries: { 'x/vllm/_C.abi3.so': 'sm_120' } },
    model: { precisions: ['fp8', 'fp4'] },
  }),
  row('nobody read the precision of a TensorRT engine', t4, ['0.7.3', null], native, table, {
    image: { components: { tensorrt: '10.3.0' } },
    model: {
      format: 'tensorrt',
      engine: {
        version: '10.3.0',
        computeCapability: '7.5',
        product: 'Tesla T4',
        hardwareCompatibility: 'none',
        versionCompatible: false,
      },
    },
  }),
];
