import path from 'node:path';
import type { ModelVersion } from '../../core/registry/model-version.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { filesBelow, type FolderFile } from '../files/folder-files.ts';
import { kindOf } from '../files/source-file.ts';

type ModelFormat = ModelVersion['format'];

export interface GatheredModel {
  readonly files: readonly FolderFile[];
  /** The file whose ending gave the format. */
  readonly main: FolderFile;
  readonly format: ModelFormat;
  readonly fromFolder: boolean;
}

const filesAtMost = 10_000;

/** What a folder is searched for, in this order; the endings of the last are known but not parsed. */
const formats: readonly (readonly [format: ModelFormat, endings: readonly string[]])[] = [
  ['onnx', ['.onnx']],
  ['safetensors', ['.safetensors']],
  ['gguf', ['.gguf']],
  [
    'other',
    ['.plan', '.engine', '.pt', '.pth', '.pb', '.h5', '.keras', '.tflite', '.mlmodel', '.joblib', '.pkl', '.bin'],
  ],
];

/**
 * The files of a model: one file, or all of a folder and its folders. Links are followed, because caches of model hubs are
 * made of them; names that begin with a dot are left out.
 * @throws PlimsollError `file-missing`, `model-format-unknown`, `folder-without-model`, `model-ambiguous`, `folder-too-large` (input).
 */
export async function gatherModel(cwd: string, given: string): Promise<GatheredModel> {
  const location = path.resolve(cwd, given);
  if ((await kindOf({ location, shown: given })) === 'file') {
    const main = { path: path.basename(location), location, shown: given };
    return { files: [main], main, format: requireFormat(main), fromFolder: false };
  }
  const files = await filesBelow(location, given, filesAtMost, tooLarge);
  const { main, format } = chooseMain(files, given);
  return { files, main, format, fromFolder: true };
}

const knownEndings = formats.flatMap(([, endings]) => endings);

function requireFormat({ path: name, shown }: FolderFile): ModelFormat {
  const found = formats.find(([, endings]) => endings.some((ending) => name.toLowerCase().endsWith(ending)));
  if (found !== undefined) return found[0];
  throw new PlimsollError({
    code: 'model-format-unknown',
    category: 'input',
    message: `${shown} does not look like a model: its name ends in none of ${knownEndings.join(', ')}`,
    next: 'name the model file, or the folder that holds it',
  });
}

/** The file that gives the format. @throws as gatherModel. */
export function chooseMain(files: readonly FolderFile[], given: string): { main: FolderFile; format: ModelFormat } {
  const top = files.filter((file) => !file.path.includes('/'));
  for (const [format, endings] of formats) {
    const found = top.filter((file) => endings.some((ending) => file.path.toLowerCase().endsWith(ending)));
    const [first] = found;
    if (first === undefined) continue;
    const named = found.find((file) => file.path === 'model.onnx');
    if (format === 'onnx' && found.length > 1 && named === undefined) {
      throw new PlimsollError({
        code: 'model-ambiguous',
        category: 'input',
        message: `${given} holds several models: ${found.map((file) => file.path).join(', ')}`,
        next: 'name the one to serve model.onnx, or add one of them by its own path',
      });
    }
    return { main: named ?? first, format };
  }
  const listed = top.slice(0, 5).map((file) => file.path);
  throw new PlimsollError({
    code: 'folder-without-model',
    category: 'input',
    message: `the folder ${given} holds no model: no file at its top ends in ${formats
      .flatMap(([, endings]) => endings)
      .slice(0, 5)
      .join(
        ', ',
      )} or the like${listed.length === 0 ? '; it is empty' : ` (it has ${listed.join(', ')}${top.length > 5 ? ', ...' : ''})`}`,
    next: 'name the folder that holds the .onnx file, or the file itself',
  });
}

function tooLarge(given: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'folder-too-large',
    category: 'input',
    message: `${given} does not look like a model: it has ${why}`,
    next: 'name the folder that holds just the model',
  });
}
