import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { nextSteps } from '../core/units/next-steps/table.ts';
import { suggestedCommands } from '../testing/suggestions/suggested-command.ts';
import { commands } from './commands.ts';

const root = path.resolve(import.meta.dirname, '../..');
const tableFolder = path.join('src', 'core', 'units', 'next-steps');
const sources = globSync('src/**/*.ts', { cwd: root })
  .filter((name) => !name.includes('.test.') && !name.startsWith(path.join('src', 'testing')))
  .filter((name) => !name.startsWith(tableFolder))
  .map((name) => ({ name, source: readFileSync(path.join(root, name), 'utf8') }));
/** Without the rows that they name. */
const texts = sources.map(({ source }) => source.replace(/nextStep\(\s*\w+,[^;]*?'[^']*'/g, ''));
const isCommand = /(?<![\w./@~-])(?:plimsoll (?:[a-z-]|\$\{)|npm [a-z])/;

/** Texts with a command that are written where `next` is. */
function writtenOutside(name: string, source: string): readonly string[] {
  if (!/\bnext:/.test(source)) return [];
  const found: string[] = [];
  const texts = (node: ts.Node): void => {
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
    if (isText && isCommand.test(node.getText())) found.push(`${name}: ${node.getText()}`);
    else ts.forEachChild(node, texts);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'next') texts(node.initializer);
    else ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true));
  return found;
}

/** States that are no code of an error: what `status` shows, and what is only logged or noted. */
const unnamed = new Set(['released-elsewhere', 'leftover-kept', 'pool-too-mixed']);

describe('the table of next steps', () => {
  it('has every command that is written as a next step', () => {
    expect(sources.length).toBeGreaterThan(1_000);
    expect(writtenOutside('a.ts', "f({ next: a ?? `plimsoll ${b}` });\nf({ next: 'plimsoll pin' });")).toHaveLength(2);
    expect(sources.flatMap(({ name, source }) => writtenOutside(name, source))).toEqual([]);
  });

  it.each(Object.entries(nextSteps))('%s names a command that there is', async (_, text) => {
    const named = await suggestedCommands(
      text
        .replaceAll('{kind}', 'model')
        .replaceAll('{command}', 'check')
        .replace(/\{\w+\}/g, 'VALUE'),
    );
    expect(named.length > 0 || /plimsoll --(?:help|version)|npm install --global plimsoll@/.test(text)).toBe(true);
    for (const { words } of named.filter(({ words: [first = ''] }) => !first.startsWith('--')))
      expect(commands.map(({ name }) => name)).toContain(words[0]);
  });

  it.each(Object.keys(nextSteps))('%s is printed, and for states that the program says', (id) => {
    expect(sources.filter(({ source }) => source.includes(`'${id}'`)).length).toBeGreaterThan(0);
    const states = id.split('/')[0]?.split('+') ?? [];
    const saying = (state: string) =>
      new RegExp(
        `['\`]${state.replace(/\b(?:model|data)\b/, String.raw`(?:$&|\$\{\w+\})`).replaceAll('.', String.raw`\.`)}['\`]`,
      );
    const said = (state: string) => texts.some((text) => saying(state).test(text));
    expect(states.filter((state) => !unnamed.has(state) && !said(state))).toEqual([]);
  });
});
