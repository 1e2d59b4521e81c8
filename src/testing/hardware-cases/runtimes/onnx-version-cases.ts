import type { ModelHardwareFacts } from '../../../core/hardware/model/model-facts.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';
import { native as pass, type Answer } from './runtime-case.ts';

const page = 'ONNX Runtime, "Compatibility", ONNX opset support (2024-11)';
const wheels = 'ONNX Runtime, wheels 1.2.0 to 1.32.0 asked with files of each version (2026-11-30)';
const never = 'what is not known is never a pass';
const native: Answer = pass;
const newerIr: Answer = ['incompatible', 'onnx-ir'];
const openIr: Answer = ['unknown', 'onnx-ir'];
const newerOpset: Answer = ['incompatible', 'onnx-opset'];

interface Written {
  readonly ir?: number;
  readonly opset?: number;
}
const modelOf = ({ ir, opset }: Written): Partial<ModelHardwareFacts> => ({
  ...(ir === undefined ? {} : { onnxIrVersion: ir }),
  ...(opset === undefined ? {} : { onnxOpset: opset }),
});

const row = (
  name: string,
  image: ImageRow,
  written: Written,
  [compatibility, rule]: Answer,
  source = wheels,
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device: 'A100-40 550.54.14 12.4',
  image,
  model: modelOf(written),
  compatibility,
  rule,
  source,
  ...rest,
});

type Line = readonly [version: string, written: Written, answer: Answer];
const lines: readonly Line[] = [
  ['0.2.1', { ir: 3 }, native],
  ['0.2.1', { ir: 4 }, newerIr],
  ['0.3.1', { ir: 8 }, native],
  ['0.4.0', { ir: 5 }, native],
  ['0.5.0', { ir: 6 }, newerIr],
  ['1.0.0', { ir: 6 }, native],
  ['1.1.2', { ir: 7 }, newerIr],
  ['1.1.2', { ir: 6, opset: 13 }, native],
  ['1.2.0', { ir: 6, opset: 11 }, native],
  ['1.2.0', { ir: 6, opset: 12 }, newerOpset],
  ['1.3.0', { ir: 7, opset: 12 }, native],
  ['1.5.2', { ir: 6, opset: 13 }, newerOpset],
  ['1.5.2', { ir: 8 }, newerIr],
  ['1.6.0', { ir: 7, opset: 13 }, native],
  ['1.7.0', { ir: 7, opset: 14 }, newerOpset],
  ['1.7.0', { ir: 8 }, newerIr],
  ['1.8.1', { ir: 7, opset: 14 }, native],
  ['1.8.1', { ir: 7, opset: 15 }, newerOpset],
  ['1.8.1', { ir: 8 }, newerIr],
  ['1.9.0', { ir: 8, opset: 15 }, native],
  ['1.10.0', { ir: 8, opset: 16 }, newerOpset],
  ['1.10.0', { ir: 9 }, newerIr],
  ['1.11.0', { ir: 8, opset: 16 }, native],
  ['1.11.0', { ir: 8, opset: 17 }, newerOpset],
  ['1.11.0', { ir: 9 }, newerIr],
  ['1.12.0', { ir: 9 }, newerIr],
  ['1.12.1', { ir: 8, opset: 17 }, native],
  ['1.13.1', { ir: 8, opset: 18 }, newerOpset],
  ['1.14.1', { ir: 8, opset: 18 }, native],
  ['1.14.1', { ir: 8, opset: 19 }, newerOpset],
  ['1.14.1', { ir: 9 }, newerIr],
  ['1.15.0', { ir: 9, opset: 19 }, native],
  ['1.16.3', { ir: 9, opset: 20 }, newerOpset],
  ['1.17.1', { ir: 10 }, newerIr],
  ['1.17.3', { ir: 9, opset: 20 }, native],
  ['1.17.3', { ir: 9, opset: 21 }, newerOpset],
  ['1.18.0', { ir: 10, opset: 21 }, native],
  ['1.20.1', { ir: 10, opset: 22 }, newerOpset],
  ['1.20.1', { ir: 11 }, newerIr],
  ['1.21.0', { ir: 10, opset: 22 }, native],
  ['1.22.0', { ir: 10, opset: 23 }, newerOpset],
  ['1.22.0', { ir: 11 }, newerIr],
  ['1.23.2', { ir: 11, opset: 23 }, native],
  ['1.23.2', { ir: 11, opset: 24 }, newerOpset],
  ['1.23.2', { ir: 12 }, newerIr],
  ['1.24.4', { ir: 13, opset: 25 }, native],
  ['1.24.4', { ir: 13, opset: 26 }, newerOpset],
  ['1.24.4', { ir: 14 }, newerIr],
  ['1.25.1', { ir: 13, opset: 26 }, native],
  ['1.31.1', { ir: 13, opset: 27 }, newerOpset],
  ['1.31.1', { ir: 14 }, newerIr],
  ['1.32.0', { ir: 14, opset: 28 }, native],
  ['1.32.0', { ir: 14, opset: 29 }, newerOpset],
  ['1.33.0', { ir: 15, opset: 30 }, native],
  ['main', { ir: 11 }, native],
  ['1.17.1', {}, native],
  ['1.17.1', { opset: 20 }, native],
  ['1.17.1', { opset: 21 }, newerOpset],
];
const byVersion: readonly CaseRow[] = lines.map(([version, written, answer]) =>
  row(
    `IR version ${written.ir ?? 'not read'}, operators ${written.opset ?? 'not read'} by ONNX Runtime ${version}`,
    { python: { onnxruntime: version } },
    written,
    answer,
    Number(version.split('.')[1]) < 2 ? page : wheels,
  ),
);

const newer: Written = { ir: 9 };
const gpu = { 'onnxruntime-gpu': '1.14.1' };
const cuda11: ImageRow = { cuda: '11.8', components: { cudnn: '8.7.0' }, python: gpu };
const library = { components: { onnxruntime: '1.6.0' } };
const old = { python: { onnxruntime: '1.8.1' } };
const allowed = { ALLOW_RELEASED_ONNX_OPSET_ONLY: '0' };
const others: readonly CaseRow[] = [
  row('no IR version read, by a version that opens less than exporters write', old, {}, openIr, never),
  row(
    'no IR version read, by the first version that opens what exporters write',
    { python: { onnxruntime: '1.9.0' } },
    {},
    native,
  ),
  row('no IR version read of an older version, and operators that it refuses', old, { opset: 15 }, newerOpset),
  row('no IR version read, and operators that it opens', old, { opset: 14 }, openIr, never),
  row('a model that may be an ONNX file by an older version', old, {}, openIr, never, { model: { format: 'unknown' } }),
  row('a model of a format that was looked at and is not known by an older version', old, {}, native, page, {
    model: { format: 'unknown', unknown: { format: 'no format that is known' } },
  }),
  row('a model of another format by an older version', old, {}, native, page, { model: { format: 'gguf' } }),
  row('an IR version that nothing of the image opens', {}, { ir: 15 }, native),
  row('a newer IR version by the build for CUDA', cuda11, newer, newerIr),
  row('a newer IR version, in words', { python: { onnxruntime: '1.14.1' } }, newer, newerIr, wheels, {
    says: 'the model has IR version 9, and ONNX Runtime 1.14.1 opens 8 at most',
  }),
  row('newer operators, in words', { python: { onnxruntime: '1.14.1' } }, { ir: 8, opset: 20 }, newerOpset, wheels, {
    says: 'the model has operator set 20, and ONNX Runtime 1.14.1 opens 18 at most',
  }),
  row('the library alone, of a program in another language', library, { ir: 8 }, newerIr),
  row('the library alone, and a file that it opens', library, { ir: 7, opset: 13 }, native),
  row(
    'the library alone beside TensorRT, which may open the file',
    { components: { onnxruntime: '1.6.0', tensorrt: '10.3.0' } },
    { ir: 8 },
    openIr,
    never,
    { says: 'and TensorRT may open it instead' },
  ),
  row(
    'the library alone beside TensorRT, and a file that both open',
    { components: { onnxruntime: '1.6.0', tensorrt: '10.3.0' } },
    { ir: 7 },
    native,
  ),
  row(
    'the library of Triton beside TensorRT, which opens engines there',
    { components: { onnxruntime: '1.6.0', tensorrt: '10.3.0' }, env: { TRITON_SERVER_VERSION: '2.6.0' } },
    { ir: 8 },
    newerIr,
  ),
  row(
    'the library of Triton beside a newer wheel, which belongs to scripts',
    { ...library, env: { TRITON_SERVER_VERSION: '2.6.0' }, python: { onnxruntime: '1.20.1' } },
    { ir: 8 },
    newerIr,
  ),
  row(
    'Triton without the library, beside a wheel',
    { env: { TRITON_SERVER_VERSION: '2.6.0' }, python: { onnxruntime: '1.20.1' } },
    { ir: 11 },
    newerIr,
  ),
  row(
    'a wheel beside an older library of another program',
    { ...library, python: { onnxruntime: '1.20.1' } },
    { ir: 8 },
    native,
  ),
  row(
    'a wheel beside TensorRT as a library, which Jetson images hold without calling it',
    { components: { tensorrt: '10.3.0' }, python: { onnxruntime: '1.14.1' } },
    newer,
    newerIr,
  ),
  row(
    'a wheel beside OpenVINO, which may open the file',
    { python: { onnxruntime: '1.14.1', openvino: '2024.6.0' } },
    newer,
    openIr,
    never,
    { says: 'and openvino may open it instead' },
  ),
  row(
    'a wheel beside onnx2torch, which may open the file',
    { python: { onnxruntime: '1.14.1', onnx2torch: '1.5.15' } },
    newer,
    openIr,
    never,
  ),
  row(
    'a wheel beside OpenVINO, and the contract names ONNX Runtime',
    { python: { onnxruntime: '1.14.1', openvino: '2024.6.0' } },
    newer,
    newerIr,
    wheels,
    { hardware: { runtime: { onnxruntime: '>=1.14' } } },
  ),
  row(
    'a wheel beside its companion for language models',
    { ...cuda11, python: { ...gpu, 'onnxruntime-genai-cuda': '0.5.0' } },
    newer,
    newerIr,
  ),
  row(
    'newer operators, which the image allows',
    { python: { onnxruntime: '1.14.1' }, env: allowed },
    { ir: 8, opset: 19 },
    native,
  ),
  row(
    'newer operators, which the image refuses',
    { python: { onnxruntime: '1.14.1' }, env: { ALLOW_RELEASED_ONNX_OPSET_ONLY: '1' } },
    { ir: 8, opset: 19 },
    newerOpset,
  ),
  row(
    'newer operators by the first version that looks at the variable',
    { python: { onnxruntime: '1.5.0' }, env: allowed },
    { ir: 7, opset: 13 },
    native,
  ),
  row(
    'newer operators by a version that does not look at the variable',
    { python: { onnxruntime: '1.4.0' }, env: allowed },
    { ir: 7, opset: 13 },
    newerOpset,
  ),
  row(
    'a newer IR version, which no variable allows',
    { python: { onnxruntime: '1.14.1' }, env: allowed },
    newer,
    newerIr,
  ),
];

/** ONNX files by their IR version and their operators, and what ONNX Runtime opens. */
export const onnxVersionCases: readonly CaseRow[] = [...byVersion, ...others];
