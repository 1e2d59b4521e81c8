import type { ServiceDemands } from '../../compatibility.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import type { VersionNumbers } from '../../../units/version.ts';
import { ggufEngine, ggufPrograms, ggufReaders, ggufReadersSource } from '../../tables/packages/gguf-readers.ts';
import { valueOf } from '../arguments/arguments.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';

const mayBeGguf: readonly string[] = ['gguf', 'unknown'];

/** The first minor version of the table that is as new; null where the image's is newer than all. */
function firstReader(version: VersionNumbers): string | null {
  const row = ggufReaders.find((one) => compareVersions(version.slice(0, 2), versionOf(one.version) ?? []) <= 0);
  return row?.version ?? null;
}

/** What a version of the table reads: its own architectures and those of every version before it. */
const readBy = (version: string): readonly string[] =>
  ggufReaders.slice(0, ggufReaders.findIndex((one) => one.version === version) + 1).flatMap(({ adds }) => adds);

/**
 * Whether vLLM opens a GGUF file, for whose configuration it asks Transformers.
 *
 * | architecture of the file | answer |
 * |---|---|
 * | of the first version of the table that is as new as that of the image, or the image's is newer than all | null |
 * | not of it, so that no older version reads it either | incompatible; unknown where nobody knows the format of the file |
 * | another program of the image reads GGUF, or an argument names another configuration | null |
 */
export function ggufReaderFinding({ image, model, args = [] }: ServiceDemands): Found | null {
  if (image === null || model?.modelType === undefined || !mayBeGguf.includes(model.format)) return null;
  const engine = versionOf(distribution(image, [ggufEngine.engine]));
  const text = distribution(image, ['transformers']);
  const version = versionOf(text);
  if (engine === null || version === null || rowOf([{ from: '0', to: ggufEngine.to }], engine) === null) return null;
  if (distribution(image, ggufPrograms) !== null || valueOf(args, [ggufEngine.unless]) !== undefined) return null;
  const reader = firstReader(version);
  if (reader === null || readBy(reader).includes(model.modelType)) return null;
  if (model.format === 'unknown')
    return notKnown('gguf-reader', 'model', `${ggufEngine.engine} opens it as safetensors, and not as GGUF`);
  return found({
    rule: 'gguf-reader',
    compatibility: 'incompatible',
    message: `${ggufEngine.engine} asks Transformers for the configuration of a GGUF file, and ${text} of the image reads none of architecture ${model.modelType}`,
    facts: { transformers: text, modelType: model.modelType },
    source: ggufReadersSource,
    fix: `the model as safetensors, an image of llama.cpp, or ${ggufEngine.unless} in code.args`,
  });
}
