import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** What stands in a text in place of a value that is known only when the program runs. */
export const filledIn = '\u0001';

export interface SourceText {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

const root = path.resolve(import.meta.dirname, '../../..');

/**
 * Every text of the program and of the page that `wanted` matches: strings, templates, and texts of elements. `wanted` has to
 * match the source of such a text as well.
 */
export function sourceTexts(wanted: RegExp): readonly SourceText[] {
  const names = globSync(['src/**/*.ts', 'dashboard/src/**/*.{ts,tsx}'], { cwd: root });
  return names
    .filter((name) => !name.includes('.test.') && !name.startsWith(path.join('src', 'testing')))
    .map((name) => ({ name, source: readFileSync(path.join(root, name), 'utf8') }))
    .filter(({ source }) => wanted.test(source))
    .flatMap(({ name, source }) => textsOf(name, source))
    .filter(({ text }) => wanted.test(text));
}

export function textsOf(file: string, source: string): readonly SourceText[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const texts: SourceText[] = [];
  const visit = (node: ts.Node): void => {
    const text = ts.isJsxText(node) ? node.text : ts.isExpression(node) ? joinedText(node) : null;
    if (text === null) return ts.forEachChild(node, visit);
    texts.push({ file, line: tree.getLineAndCharacterOfPosition(node.getStart()).line + 1, text });
    insertedExpressions(node).forEach(visit);
  };
  visit(tree);
  return texts;
}

/** The text of a string, of a template, or of a sum that begins with one; null for everything else. */
function joinedText(node: ts.Expression): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => filledIn + literal.text).join('');
  }
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return null;
  const [left, right] = [joinedText(node.left), joinedText(node.right)];
  return left === null && right === null ? null : (left ?? filledIn) + (right ?? filledIn);
}

/** What is put into a text may hold texts itself. */
function insertedExpressions(node: ts.Node): readonly ts.Node[] {
  if (ts.isTemplateExpression(node)) return node.templateSpans.map(({ expression }) => expression);
  if (!ts.isBinaryExpression(node)) return [];
  return [node.left, node.right].flatMap((side) => (joinedText(side) === null ? [side] : insertedExpressions(side)));
}
