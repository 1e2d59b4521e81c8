import { modelDiff, type ModelDiff } from '../../core/registry/model-diff.ts';
import type { ModelVersion } from '../../core/registry/model-version.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { resolveModel } from '../../prove/artifacts/registry-reference.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

const cellLengthAtMost = 80;

export async function runModelDiff(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const environment = await context.environment();
  const store = await context.store();
  const resolve = (given = ''): Promise<ModelVersion> => resolveModel(store, environment, given.replace('@', ':'));
  const [before, after] = [await resolve(args[0]), await resolve(args[1])];
  const diff = modelDiff(before, after);
  const title = `${before.name}:${before.version} -> ${after.name}:${after.version}`;
  const text = options['format'] === 'markdown' ? markdown(title, diff) : plain(title, diff);
  return { exit: 0, json: { environment, before, after, ...diff }, text };
}

function rowsOf({ sameContent, files, compatibility, changes }: ModelDiff): readonly (readonly string[])[] {
  const size = ({ bytes }: { readonly bytes: number }): string => formatBytes(bytes);
  const cell = (value: string | null): string =>
    value === null ? 'none' : value.length > cellLengthAtMost ? `${value.slice(0, cellLengthAtMost)}...` : value;
  return [
    ['content', sameContent ? 'the same' : 'differs'],
    ...changes.map(({ what, from, to }) => [what, `${cell(from)} -> ${cell(to)}`]),
    ...files.added.map((file) => ['file new', `${file.path} (${size(file)})`]),
    ...files.gone.map((file) => ['file gone', `${file.path} (${size(file)})`]),
    ...files.changed.map(({ path, from, to }) => ['file changed', `${path} (${size(from)} -> ${size(to)})`]),
    ...compatibility.reasons.map((reason, at) => [at === 0 ? `callers: ${compatibility.verdict}` : '', reason]),
  ];
}

function plain(title: string, diff: ModelDiff): string {
  return textOfLines([title, ...alignedTable(rowsOf(diff), '  ')]);
}

function markdown(title: string, diff: ModelDiff): string {
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell) => cell.replaceAll(/([|\\`])/g, '\\$1')).join(' | ')} |`;
  return textOfLines([`### Model ${title}`, '', '| what | |', '| --- | --- |', ...rowsOf(diff).map(line)]);
}
