import type { ModelMemory } from '../../core/hardware/model/model-memory.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import type { ModelFileDetails } from '../../formats/model-file/model-hardware-facts.ts';
import type { PartFile } from '../../formats/model-file/sibling-file.ts';
import { onnxSignature, type OnnxModel } from '../../formats/onnx/parse-onnx.ts';
import type { OnnxValue } from '../../formats/onnx/value-info.ts';
import type { ModelConfig } from '../../formats/safetensors/model-config.ts';
import type { Tone } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';

type Row = readonly string[];
/** `details` of one format. */
type Of<Format extends ModelFileDetails['format']> = Extract<ModelFileDetails, { readonly format: Format }>;
type Paint = (tone: Tone, text: string) => string;

const filesShown = 40;
const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;

export function inspectText(
  shown: string,
  details: ModelFileDetails,
  memory: ModelMemory,
  paint: Paint,
): readonly string[] {
  const title = `${paint('strong', shown)}: ${titleOf(details)}`;
  if (details.format === 'unknown') return [title, `  ${details.facts.unknown['format'] ?? ''}`];
  return [
    title,
    ...alignedTable(rowsOf(details), '  '),
    ...section(paint('strong', 'accelerator memory'), memoryRows(memory, details)),
    ...section('left out of it', Object.entries(memory.leftOut)),
    ...section(paint('warn', 'unknown'), Object.entries(details.facts.unknown)),
  ];
}

const section = (title: string, rows: readonly Row[]): readonly string[] =>
  rows.length === 0 ? [] : ['', title, ...alignedTable(rows, '  ')];

function titleOf(details: ModelFileDetails): string {
  switch (details.format) {
    case 'onnx':
      return `ONNX, ${counted(details.model.nodes, 'operator')}`;
    case 'safetensors':
      return `safetensors, ${counted(details.files.length, 'file')}`;
    case 'gguf':
      return `GGUF version ${details.model.version}${details.files.length > 1 ? `, ${details.files.length} files` : ''}`;
    case 'tensorrt':
      return 'TensorRT engine';
    case 'unknown':
      return 'not a model that is read';
  }
}

function rowsOf(details: ModelFileDetails): readonly Row[] {
  switch (details.format) {
    case 'onnx':
      return onnxRows(details.model, details.external);
    case 'safetensors':
      return safetensorsRows(details);
    case 'gguf':
      return ggufRows(details);
    case 'tensorrt':
      return [['size', formatBytes(details.plan.fileBytes)]];
    case 'unknown':
      return [];
  }
}

function onnxRows(model: OnnxModel, external: Of<'onnx'>['external']): readonly Row[] {
  const signature = onnxSignature(model);
  return [
    [
      'opset',
      `${Object.entries(model.opsets)
        .map(([domain, version]) => `${domain} ${version}`)
        .join(', ')} (IR version ${model.irVersion})`,
    ],
    ...(model.producer.name === '' ? [] : [['producer', `${model.producer.name} ${model.producer.version}`.trim()]]),
    ...valueRows('inputs', model.inputs),
    ...valueRows('outputs', model.outputs),
    ...('reason' in signature ? [['protocol', `no signature: ${signature.reason}`]] : []),
    ['weights', `${counted(model.parameters, 'parameter')}, ${formatBytes(model.weightsBytes)}`],
    ...fileRows('external', external),
  ];
}

function valueRows(title: string, values: readonly OnnxValue[]): readonly Row[] {
  const rows = values
    .slice(0, filesShown)
    .map((value, index) => [index === 0 ? title : '', value.name, typeText(value)]);
  return values.length > filesShown ? [...rows, ['', `and ${values.length - filesShown} more`]] : rows;
}

/** `FP32 [batch, 4]`; in ONNX's words where the protocol has none. */
function typeText({ type, datatype, shape, dimensionNames }: OnnxValue): string {
  const sizes = shape?.map((size, axis) => (size === -1 ? (dimensionNames[axis] ?? '?') : String(size)));
  return `${datatype ?? type}${sizes === undefined ? ' of a rank that is not stated' : ` [${sizes.join(', ')}]`}`;
}

function safetensorsRows(details: Of<'safetensors'>): readonly Row[] {
  const written = details.metadata['format'];
  return [
    ...(details.config === null ? [] : configRows(details.config)),
    ['weights', `${counted(details.parameters, 'parameter')} in ${counted(details.tensors, 'tensor')}`],
    ...typeRows(details.dtypes),
    ...(written === undefined ? [] : [['written for', written.slice(0, 60)]]),
    ...fileRows('files', details.files),
  ];
}

function configRows(config: ModelConfig): readonly Row[] {
  const { architectures, modelType, layers, heads, kvHeads, headDim, contextTokens } = config;
  const kind = [...architectures, ...(modelType === null ? [] : [`(${modelType})`])];
  const attention = [
    ...(layers === null ? [] : [counted(layers, 'layer')]),
    ...(heads === null ? [] : [counted(heads, 'head')]),
    ...(kvHeads === null ? [] : [`${kvHeads} for keys and values`]),
    ...(headDim === null ? [] : [`of ${headDim}`]),
  ];
  return [
    ...(kind.length === 0 ? [] : [['model', kind.join(' ')]]),
    ...(attention.length === 0 ? [] : [['attention', attention.join(', ')]]),
    ...(contextTokens === null ? [] : [['context', `up to ${counted(contextTokens, 'token')}`]]),
  ];
}

function ggufRows({ model, files }: Of<'gguf'>): readonly Row[] {
  return [
    ...(model.name === null ? [] : [['name', model.name]]),
    ...(model.architecture === null ? [] : [['architecture', model.architecture]]),
    ...(model.layers === null ? [] : [['layers', String(model.layers)]]),
    ...(model.contextTokens === null ? [] : [['context', `up to ${counted(model.contextTokens, 'token')}`]]),
    ['weights', `${counted(model.parameters, 'parameter')} in ${counted(model.tensors, 'tensor')}`],
    ...typeRows(model.types),
    ...(files.length > 1 ? fileRows('files', files) : []),
  ];
}

function typeRows(
  types: Readonly<Record<string, { readonly tensors: number; readonly bytes: number | null }>>,
): readonly Row[] {
  return Object.entries(types).map(([name, { tensors, bytes }]) => [
    '',
    `${name}: ${bytes === null ? 'unknown' : formatBytes(bytes)} in ${counted(tensors, 'tensor')}`,
  ]);
}

function fileRows(title: string, files: readonly PartFile[]): readonly Row[] {
  // What is wrong comes first, so that no cut hides it.
  const inOrder = [...files].sort((one, other) => Number(one.problem === null) - Number(other.problem === null));
  const rows = inOrder
    .slice(0, filesShown)
    .map(({ path, bytes, problem }, index) => [
      index === 0 ? title : '',
      path,
      [bytes === null ? '' : formatBytes(bytes), problem ?? ''].filter((part) => part !== '').join(', '),
    ]);
  return files.length > filesShown ? [...rows, ['', `and ${files.length - filesShown} more`]] : rows;
}

function memoryRows(memory: ModelMemory, { facts }: ModelFileDetails): readonly Row[] {
  const bytes = (value: number | null): string => {
    if (value === null) return 'unknown';
    return value < 1024 ? counted(value, 'byte') : `${formatBytes(value)} (${counted(value, 'byte')})`;
  };
  const { load, kvBytesPerToken } = memory;
  const perToken =
    kvBytesPerToken === 0 ? 'none' : `${bytes(kvBytesPerToken)}${kvBytesPerToken === null ? '' : ' per token'}`;
  const [least, kvTotal] = [bytes(memory.totalBytes), bytes(memory.kvBytes)];
  return [
    ['weights', bytes(facts.weightsBytes)],
    ['KV cache', perToken],
    ...(load === null
      ? []
      : [
          ...(kvBytesPerToken === 0
            ? []
            : [
                ['', `${kvTotal} of ${counted(load.sequences, 'sequence')} of ${counted(load.contextTokens, 'token')}`],
              ]),
          ['at least', least],
        ]),
  ];
}
