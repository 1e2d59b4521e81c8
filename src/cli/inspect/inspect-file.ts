import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { estimateModelMemory } from '../../core/hardware/model/model-memory.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { readModelFile, type ModelFileDetails } from '../../formats/model-file/model-hardware-facts.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { chooseModelFile } from './inspect-file-choice.ts';
import { readLoad } from './inspect-file-load.ts';
import { siblingsIn } from './inspect-file-siblings.ts';
import { inspectText } from './inspect-file-text.ts';
import { painter } from '../terminal/paint.ts';
import { kindOf, withSourceFile } from '../../prove/files/source-file.ts';
import { textOfLines } from '../terminal/table.ts';

/**
 * `plimsoll inspect FILE`: what a model's file, or a folder that holds one, tells of itself and of the accelerator memory
 * that follows. `file` is as it was named on the command line; options `context` and `sequences` are read from `input`.
 *
 * Exit status 0 when the weights are known and whole; 3 when the format, the weights, a file of the model or a total that was
 * asked for is not known.
 */
export async function inspectFile(context: CliContext, file: string, input: CommandInput): Promise<CommandResult> {
  const load = readLoad(input.options);
  const main = await mainFile(context, file);
  const siblings = await siblingsIn(path.dirname(main.location), main.location, context.signal);
  const details = await withSourceFile(main, context.signal, ({ source }) =>
    readModelFile(source, path.basename(main.location), siblings),
  ).catch((thrown: unknown) => {
    throw named(main.shown, thrown);
  });
  const memory = estimateModelMemory(details.facts, load);
  const whole = details.facts.weightsBytes !== null && !hasBadPart(details);
  const asked = load === null || memory.totalBytes !== null;
  const { facts, ...rest } = details;
  return {
    exit: whole && asked ? 0 : 3,
    json: { file, facts, memory, details: rest },
    text: textOfLines([
      ...inspectText(main.shown, details, memory, painter(context.terminal.colour)),
      ...(whole && asked ? [] : [`next: ${nextOf(details, main.shown)}`]),
    ]),
  };
}

async function mainFile(context: CliContext, given: string): Promise<{ location: string; shown: string }> {
  const location = path.resolve(context.cwd, given);
  if ((await kindOf({ location, shown: given })) === 'file') return { location, shown: given };
  const names = (await readdir(location)).filter((name) => !name.startsWith('.'));
  const name = chooseModelFile(given, names);
  return { location: path.join(location, name), shown: path.join(given, name) };
}

/** The file's name in front of what its parser says. */
function named(shown: string, thrown: unknown): unknown {
  if (!(thrown instanceof PlimsollError) || !/^(?:onnx|safetensors|gguf)-/.test(thrown.code)) return thrown;
  const message = thrown.details['path'] === undefined ? `${shown}: ${thrown.message}` : thrown.message;
  return new PlimsollError({ ...thrown.toJSON(), message, details: thrown.details, cause: thrown });
}

function hasBadPart(details: ModelFileDetails): boolean {
  if (details.format === 'onnx') return details.external.some(({ problem }) => problem !== null);
  if (details.format === 'tensorrt' || details.format === 'unknown') return false;
  return details.files.some(({ problem }) => problem !== null);
}

function nextOf(details: ModelFileDetails, shown: string): string {
  if (details.format === 'tensorrt') return `polygraphy inspect model ${shown} --model-type engine`;
  if (details.format === 'unknown') return 'name an .onnx, .safetensors or .gguf file, or a folder that holds one';
  if (hasBadPart(details)) return `put the missing files into ${path.dirname(shown)}, then plimsoll inspect ${shown}`;
  return `plimsoll inspect ${shown} --json`;
}
