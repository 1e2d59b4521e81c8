import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { indexEnding } from '../../formats/safetensors/model-index.ts';

const shard = /-\d{5}-of-\d{5}\./;
const others = ['.engine', '.plan', '.trt', '.pt', '.pth', '.bin', '.pkl', '.joblib', '.h5', '.keras', '.tflite'];

/**
 * The file of a folder that stands for its model, by the names at its top. The order is that of `plimsoll model add`: ONNX,
 * safetensors (its index first), GGUF, then what is known and not read.
 * @throws PlimsollError `folder-without-model`, `model-ambiguous` (input).
 */
export function chooseModelFile(folder: string, names: readonly string[]): string {
  const kinds: readonly (readonly [endings: readonly string[], usual: string])[] = [
    [['.onnx'], 'model.onnx'],
    [[indexEnding], `model${indexEnding}`],
    [['.safetensors'], 'model.safetensors'],
    [['.gguf'], 'model.gguf'],
    [others, ''],
  ];
  for (const [endings, usual] of kinds) {
    const found = names.filter((name) => endings.some((ending) => name.toLowerCase().endsWith(ending))).sort();
    const [first] = found;
    if (first === undefined) continue;
    if (found.includes(usual)) return usual;
    if (found.length === 1 || oneModel(found) || endings === others) return first;
    throw ambiguous(folder, found);
  }
  throw withoutModel(folder, names);
}

/** All of them are files of one sharded model. */
function oneModel(names: readonly string[]): boolean {
  return (
    names.every((name) => shard.test(name)) && new Set(names.map((name) => name.replace(/\d{5}-of/, ''))).size === 1
  );
}

function ambiguous(folder: string, found: readonly string[]): PlimsollError {
  const listed = found.slice(0, 8).join(', ');
  return new PlimsollError({
    code: 'model-ambiguous',
    category: 'input',
    message: `${folder} holds several models: ${listed}${found.length > 8 ? `, and ${found.length - 8} more` : ''}`,
    next: nextStep(cliSteps, 'model-ambiguous', { path: `${folder.replace(/\/+$/, '')}/${found[0] ?? ''}` }),
  });
}

function withoutModel(folder: string, names: readonly string[]): PlimsollError {
  const listed = names.slice(0, 5).join(', ');
  return new PlimsollError({
    code: 'folder-without-model',
    category: 'input',
    message: `the folder ${folder} holds no model${names.length === 0 ? '; it is empty' : ` (it has ${listed}${names.length > 5 ? ', ...' : ''})`}`,
    next: 'name the folder that holds the .onnx, .safetensors or .gguf file, or the file itself',
  });
}
