/**
 * Prints how the sources are cut, as a row of the table that the models of docs/decisions/0071 are measured in:
 *
 *   node scripts/bootstrap.mjs scripts/measure-house.ts
 *
 * Of src and dashboard/src, without tests and src/testing. A function is everything with a body that has a name or is
 * exported under one; its lines go from its head to its end.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const root = path.dirname(import.meta.dirname);
const listed = execFileSync('git', ['ls-files', '-z', 'src', 'dashboard/src'], { cwd: root, encoding: 'utf8' });
const files = listed
  .split('\0')
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|^src\/testing\//.test(file))
  .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));

const fileLines = files.map(({ text }) => text.split('\n').length - 1);
const functionLines = files.flatMap(({ file, text }) => lengthsOfFunctions(file, text));
const commentLines = files.map(({ text }) => countCommentLines(text));
const folders = Map.groupBy(files, ({ file }) => path.dirname(file));
const rooms = [...folders].map(([folder, inside]) => ({ folder, count: inside.length }));
rooms.sort((one, other) => other.count - one.count);

const lines = sum(fileLines);
process.stdout.write(
  [
    '| files / lines | file p50 / p90 | function p50 / p90 / p99 | comment lines | folders over 15 files |',
    '|---|---|---|---|---|',
    `| ${files.length} / ${(lines / 1_000).toFixed(1)}k | ${quantile(fileLines, 0.5)} / ${quantile(fileLines, 0.9)} | ${[
      0.5, 0.9, 0.99,
    ]
      .map((share) => quantile(functionLines, share))
      .join(
        ' / ',
      )} | ${Math.round((100 * sum(commentLines)) / lines)}% | ${rooms.filter(({ count }) => count > 15).length} |`,
    '',
    'The fullest folders:',
    ...rooms.slice(0, 5).map(({ folder, count }) => `- ${folder}: ${count} files`),
    '',
  ].join('\n'),
);

function lengthsOfFunctions(file: string, text: string): readonly number[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lengths: number[] = [];
  const lineAt = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  const visit = (node: ts.Node): void => {
    if (isNamedFunction(node)) lengths.push(lineAt(node.getEnd()) - lineAt(node.getStart(source)) + 1);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return lengths;
}

function isNamedFunction(node: ts.Node): boolean {
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isConstructorDeclaration(node)) {
    return node.body !== undefined;
  }
  if (ts.isGetAccessor(node) || ts.isSetAccessor(node)) return node.body !== undefined;
  return (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) && ts.isVariableDeclaration(node.parent);
}

function countCommentLines(text: string): number {
  return text.split('\n').filter((line) => /^\s*(\/\/|\/\*|\*)/.test(line)).length;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
