import { nextSteps } from '../../../src/core/units/next-steps/table.ts';
import { filledIn } from '../../../src/testing/suggestions/source-texts.ts';
import type { Taken } from './follow-suggestions.ts';
import { suggestedCommands } from '../../../src/testing/suggestions/suggested-command.ts';

/** A row of the table of next steps. */
export type Row = keyof typeof nextSteps;

/** A word as `shellWord` prints it. */
const word = String.raw`(?:'[^']*'|\\'|[^\s'])+`;
const place = String.raw`((?: --(?:contract|environment|state|server|context|namespace)[ =]${word})*)`;
/** `NAME` or `FILE`, and not what stands in quotes. */
const placeholder = /"[^"]*"|'[^']*'|(?<![\w\u0001-])[A-Z][A-Z_-]{2,}(?![\w\u0001])/g;
/** Rows with the text of another row: the code of the error tells them apart. */
export const ambiguous: ReadonlySet<string> = new Set(
  Object.entries<string>(nextSteps)
    .filter(([row, text]) => Object.entries<string>(nextSteps).some(([other, its]) => other !== row && its === text))
    .map(([row]) => row),
);
/** What stands in braces, and where the place that was typed is put in. */
const open = /\{(\w+)\}|plimsoll [a-z][a-z-]*(?![\w-])/g;

/**
 * The commands that a printed next step names when it is this row, as printed, but for placeholders, in whose place is what was chosen; null when it is
 * another row.
 */
export async function readStep({ row, take, chosen = {} }: Taken, printed: string): Promise<readonly string[] | null> {
  const written = typeof row === 'string' ? nextSteps[row] : row.text;
  const template = ['model', 'data']
    .map((kind) => written.replace('plimsoll {kind}', `plimsoll ${kind}`))
    .find((one) => patternOf(one).test(printed));
  const found = template === undefined ? null : patternOf(template).exec(printed);
  if (template === undefined || found === null) return null;
  const captured = found.slice(1);
  const names = [...template.matchAll(open)].map(([, name]) => name);
  // A name that is the command's own word has to be there before the command can be read.
  const isWord = (name: string | undefined): boolean => name === 'kind' || name === 'command';
  let at = -1;
  const marked = template.replace(open, (all, name: string | undefined) => {
    at += 1;
    if (name === undefined) return all;
    return isWord(name) ? (captured[at] ?? '') : filledIn;
  });
  const values = captured.filter((_, index) => names[index] !== undefined && !isWord(names[index]));
  const places = captured.filter((_, index) => names[index] === undefined);
  const commands: string[] = [];
  let read = 0;
  let index = -1;
  for (const { typed } of await suggestedCommands(marked)) {
    const start = marked.indexOf(typed, read);
    if (start < 0) throw new Error(`${typed} is not in ${marked}`);
    const before = marked.slice(0, start);
    let value = before.split(filledIn).length - 1;
    const spot = [...before.matchAll(/plimsoll [a-z][a-z-]*(?![\w-])/g)].length;
    read = start + typed.length;
    index += 1;
    if (take?.includes(index) === false) continue;
    commands.push(
      typed
        .replace(placeholder, (name) => {
          if (/^["']/.test(name)) return name;
          const given = chosen[name];
          if (given === undefined) throw new Error(`${template} asks for a ${name}, and nothing is chosen for it`);
          return given;
        })
        .replaceAll(filledIn, () => values[value++] ?? '')
        .replace(/^plimsoll [a-z][a-z-]*/, (all) => all + (places[spot] ?? '')),
    );
  }
  return commands;
}

function patternOf(template: string): RegExp {
  let [source, read] = ['', 0];
  for (const { index, 0: all, 1: name } of template.matchAll(open)) {
    source += RegExp.escape(template.slice(read, index));
    source += name === undefined ? RegExp.escape(all) + place : `(${word}?)`;
    read = index + all.length;
  }
  return new RegExp(`^${source}${RegExp.escape(template.slice(read))}$`);
}
