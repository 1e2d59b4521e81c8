import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ModelVersion } from '../core/registry/model-version.ts';
import { PlimsollError } from '../core/units/errors.ts';
import { kindOf } from './source-file.ts';

type ModelFormat = ModelVersion['format'];

export interface ModelFile {
  /** Relative path in the version, `/` separated. */
  readonly path: string;
  readonly location: string;
  /** For people: as they named it. */
  readonly shown: string;
}

export interface GatheredModel {
  readonly files: readonly ModelFile[];
  /** The file whose ending gave the format. */
  readonly main: ModelFile;
  readonly format: ModelFormat;
  readonly fromFolder: boolean;
}

const filesAtMost = 10_000;
const depthAtMost = 16;

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
  const files = await walk(location, given);
  const { main, format } = chooseMain(files, given);
  return { files, main, format, fromFolder: true };
}

const knownEndings = formats.flatMap(([, endings]) => endings);

function requireFormat({ path: name, shown }: ModelFile): ModelFormat {
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
export function chooseMain(files: readonly ModelFile[], given: string): { main: ModelFile; format: ModelFormat } {
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

async function walk(root: string, given: string): Promise<readonly ModelFile[]> {
  const files: ModelFile[] = [];
  const visit = async (folder: string, prefix: string, depth: number): Promise<void> => {
    if (depth > depthAtMost) throw tooLarge(given, `folders nested more than ${depthAtMost} deep at ${prefix}`);
    for (const name of (await readdir(folder)).sort()) {
      if (name.startsWith('.')) continue;
      const location = path.join(folder, name);
      const stats = await stat(location);
      if (stats.isDirectory()) await visit(location, `${prefix}${name}/`, depth + 1);
      else if (stats.isFile())
        files.push({ path: `${prefix}${name}`, location, shown: path.join(given, prefix, name) });
      if (files.length > filesAtMost) throw tooLarge(given, `more than ${filesAtMost} files`);
    }
  };
  await visit(root, '', 1);
  return files;
}

function tooLarge(given: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'folder-too-large',
    category: 'input',
    message: `${given} does not look like a model: it has ${why}`,
    next: 'name the folder that holds just the model',
  });
}
