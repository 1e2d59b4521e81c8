import type { ModelVersion } from '../../core/registry/model-version.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { onnxSignature, parseOnnx, type OnnxModel } from '../../formats/onnx/parse-onnx.ts';
import type { FolderFile } from '../files/folder-files.ts';
import { withSourceFile } from '../files/source-file.ts';

/** What the format's parser found in a model's main file. */
export type ParsedModel = Pick<ModelVersion, 'signature' | 'facts'> & { readonly onnx: OnnxModel | null };

/** @throws PlimsollError `onnx-invalid`, `onnx-truncated` (input), naming the file. */
export async function parseModel(
  main: FolderFile,
  format: ModelVersion['format'],
  signal: AbortSignal,
): Promise<ParsedModel> {
  if (format !== 'onnx') return { signature: null, facts: {}, onnx: null };
  const onnx = await withSourceFile(main, signal, ({ source }) => parseOnnx(source)).catch((thrown: unknown) => {
    if (!(thrown instanceof PlimsollError) || !thrown.code.startsWith('onnx-')) throw thrown;
    throw new PlimsollError({
      ...thrown.toJSON(),
      message: `${main.shown}: ${thrown.message}`,
      details: thrown.details,
      cause: thrown,
    });
  });
  const signature = onnxSignature(onnx);
  const dimensions = [...onnx.inputs, ...onnx.outputs].filter(({ dimensionNames }) => dimensionNames.some(Boolean));
  return {
    onnx,
    signature: 'reason' in signature ? null : signature,
    facts: {
      irVersion: onnx.irVersion,
      opsets: onnx.opsets,
      producer: onnx.producer,
      nodes: onnx.nodes,
      parameters: onnx.parameters,
      weightsBytes: onnx.weightsBytes,
      dimensionNames: Object.fromEntries(dimensions.map(({ name, dimensionNames }) => [name, dimensionNames])),
      ...('reason' in signature ? { noSignature: signature.reason } : {}),
      ...(onnx.external.length === 0 ? {} : { external: onnx.external }),
    },
  };
}

/**
 * Weights that the model keeps in files beside it must be part of the version, and whole.
 * @throws PlimsollError `external-data-missing`, `external-data-short` (input).
 */
export function requireExternalData(
  onnx: OnnxModel,
  main: FolderFile,
  files: readonly { readonly path: string; readonly bytes: number }[],
  fromFolder: boolean,
): void {
  for (const { path, bytesAtLeast } of onnx.external) {
    const file = files.find((candidate) => candidate.path === path.replace(/^\.\//, ''));
    if (file === undefined) {
      throw new PlimsollError({
        code: 'external-data-missing',
        category: 'input',
        message: `${main.shown} keeps weights in ${path}, which is not ${fromFolder ? 'in its folder' : 'part of a single file'}`,
        next: fromFolder ? `put ${path} beside the model` : 'add the folder that holds both, and nothing else',
        details: { path },
      });
    }
    if (file.bytes < bytesAtLeast) {
      throw new PlimsollError({
        code: 'external-data-short',
        category: 'input',
        message: `${path} has ${file.bytes} bytes, and ${main.shown} refers to ${bytesAtLeast} of it`,
        next: 'copy or download that file again',
        details: { path, bytes: file.bytes, bytesAtLeast },
      });
    }
  }
}
