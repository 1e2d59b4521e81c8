import type { CaseRow } from '../case-row.ts';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
export const native: Answer = ['native', 'driver-native'];
export const unknownType: Answer = ['incompatible', 'model-type'];
export const openType: Answer = ['unknown', 'model-type'];

/** A model of a type beside distributions; the rest of the row as far as it differs. */
export const ofType = (
  modelType: string | undefined,
  python: Readonly<Record<string, string>>,
  answer: Answer,
  {
    format = 'safetensors',
    method,
    args,
    says,
    source = 'Transformers, release notes',
  }: {
    readonly format?: 'safetensors' | 'gguf' | 'onnx' | 'unknown';
    readonly method?: string;
    readonly args?: readonly string[];
    readonly says?: string;
    readonly source?: string;
  } = {},
): CaseRow => ({
  name: `${modelType ?? 'no type'} as ${method ?? format} in ${Object.entries(python).flat().join(' ')} ${args?.join(' ') ?? ''}`.trim(),
  device: 'H200 580.95.05 13.0',
  image: { python, instructions: {} },
  model: {
    format,
    precisions: ['bf16'],
    ...(method === undefined ? {} : { quantMethod: method }),
    ...(modelType === undefined ? {} : { modelType }),
  },
  ...(args === undefined ? {} : { args }),
  ...(says === undefined ? {} : { says }),
  compatibility: answer[0],
  rule: answer[1],
  source,
});
