import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** One file with one change. */
export interface Mutant {
  readonly path: string;
  /** Inside src/core/hardware. */
  readonly file: string;
  readonly lineNumber: number;
  /** The line as it stands. */
  readonly line: string;
  /** `>= -> >`. */
  readonly change: string;
  readonly text: string;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  readonly change: string;
}

const operators: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '&&': ['||'],
  '||': ['&&'],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
};

/** Words that answers are made of, each with another answer. */
const words: Readonly<Record<string, string>> = {
  native: 'incompatible',
  incompatible: 'native',
  unknown: 'native',
  'minor-version': 'native',
  forward: 'native',
  pass: 'fail',
  fail: 'pass',
  yes: 'no',
  no: 'yes',
  there: 'missing',
  missing: 'there',
  works: 'none',
  none: 'works',
  optional: 'required',
  shard: 'required',
  some: 'yes',
  any: 'each',
  each: 'any',
  instance: 'board',
  board: 'instance',
};

/** Keys whose texts go to people, and calls that only make such texts. */
const proseKeys = new Set([
  'message',
  'fix',
  'title',
  'url',
  'date',
  'reason',
  'statedBy',
  'says',
  'command',
  'because',
  'what',
  'architecture',
  'text',
  'name',
  'source',
  'facts',
  'rule',
  'unstated',
]);
const proseKeysOfTables = new Set([
  ...proseKeys,
  'lastDriver',
  'memory',
  'measured',
  'inferred',
  'firstCuda',
  'lastCudaMajor',
  'branch',
]);
const proseCalls = new Set([
  'found',
  'notKnown',
  'layout',
  'guide',
  'page',
  'trt',
  'warn',
  'rangeFinding',
  'explainEngine',
]);
const proseNames =
  /^(?:explain|whyForward|names|held|conditionOf|cudaText|capabilityText|smText|gibText|targetText|citation|nodeReason|unitsSentence|devices|unitNames|releaseNotes|forwardPage|minorVersionPage|nvml|image129|psabi|list|page|table|ortPage|ortArchives|torchMatrix|torchArchitectures|engineRules|kernelRules|oneInstancePerProcess|ociPlatform|forwardStatements|ptxLimit|contractSource|sharingText|checkers|labelsReason|capabilityOrNot|runtimePlatforms|torchRows|runtimesShipped|lacking|published|needs|variables|built|device|how|whole|speaks|brings|branchesNamed|choiceOf|printed|tensorRt|toolkit|vllm|handedOut|openWords|openFix|longestWords|shorterFix|explainLimit|rangeText|plainRange|missingFact|listUnchecked|unlistedText)$/;

/** Every change of one file, in the order of its text. */
export function mutantsOf(path: string, file: string): readonly Mutant[] {
  const text = readFileSync(path, 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const isTable = file.startsWith('tables/');
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (isProse(node, isTable)) return;
    edits.push(...editsOf(node, source, isTable));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return edits.map(({ start, end, replacement, change }) => {
    const lineNumber = source.getLineAndCharacterOfPosition(start).line + 1;
    return {
      path,
      file,
      lineNumber,
      line: (text.split('\n')[lineNumber - 1] ?? '').trim(),
      change,
      text: text.slice(0, start) + replacement + text.slice(end),
    };
  });
}

function isProse(node: ts.Node, isTable: boolean): boolean {
  if (
    ts.isTypeNode(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isImportDeclaration(node)
  )
    return true;
  if (ts.isTemplateExpression(node)) return true;
  if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) {
    // `explain` of a rule says what was decided, and decides nothing itself.
    return node.name.text === 'explain' || (isTable ? proseKeysOfTables : proseKeys).has(node.name.text);
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression))
    return proseCalls.has(node.expression.text) && node.expression.text !== 'found'
      ? true
      : proseCalls.has(node.expression.text);
  if (
    (ts.isVariableDeclaration(node) || ts.isFunctionDeclaration(node)) &&
    node.name !== undefined &&
    ts.isIdentifier(node.name)
  ) {
    return proseNames.test(node.name.text);
  }
  return false;
}

function editsOf(node: ts.Node, source: ts.SourceFile, isTable: boolean): readonly Edit[] {
  if (ts.isBinaryExpression(node)) return operatorEdits(node, source);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return [
      edit(node, source, node.operand.getText(source), `${node.getText(source)} -> ${node.operand.getText(source)}`),
    ];
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [edit(node, source, 'false', 'true -> false')];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [edit(node, source, 'true', 'false -> true')];
  if (ts.isNumericLiteral(node) && !ts.isPropertyAssignment(node.parent.parent ?? node))
    return [numberEdit(node, source)];
  if (ts.isNumericLiteral(node)) return [numberEdit(node, source)];
  if (ts.isStringLiteral(node)) return stringEdits(node, source, isTable);
  if (ts.isIfStatement(node)) {
    const { expression } = node;
    return [
      edit(expression, source, `!(${expression.getText(source)})`, `if (${short(expression, source)}) -> if not`),
    ];
  }
  if (ts.isConditionalExpression(node)) {
    const { condition } = node;
    return [edit(condition, source, `!(${condition.getText(source)})`, `${short(condition, source)} ? -> not ?`)];
  }
  if (ts.isPropertyAccessExpression(node)) {
    const other = { some: 'every', every: 'some', min: 'max', max: 'min' }[node.name.text];
    return other === undefined ? [] : [edit(node.name, source, other, `${node.name.text} -> ${other}`)];
  }
  if (ts.isArrayLiteralExpression(node) && node.elements.length > 1) {
    return node.elements
      .filter((element) => !isPlainWord(element) || isTable)
      .map((element) => dropEdit(element, node, source));
  }
  if (ts.isCaseClause(node) || ts.isVariableDeclaration(node)) return [];
  return [];
}

const isPlainWord = (node: ts.Node): boolean => ts.isNumericLiteral(node);

function operatorEdits(node: ts.BinaryExpression, source: ts.SourceFile): readonly Edit[] {
  const token = node.operatorToken.getText(source);
  return (operators[token] ?? []).map((other) => edit(node.operatorToken, source, other, `${token} -> ${other}`));
}

function numberEdit(node: ts.NumericLiteral, source: ts.SourceFile): Edit {
  const more = String(Number(node.text.replaceAll('_', '')) + 1);
  return edit(node, source, more, `${node.text} -> ${more}`);
}

/** An answer becomes another one, a version the next one, a row of cells loses its first cell to the next kind. */
function stringEdits(node: ts.StringLiteral, source: ts.SourceFile, isTable: boolean): readonly Edit[] {
  const to = (text: string): Edit => edit(node, source, `'${text}'`, `'${node.text}' -> '${text}'`);
  const word = words[node.text];
  if (word !== undefined && !ts.isPropertyAssignment(node.parent.parent)) return [to(word)];
  if (word !== undefined) return [to(word)];
  if (!isTable) return [];
  if (/^[C\-X](?: [C\-X])+$/.test(node.text)) {
    const cells = node.text.split(' ');
    return cells.map((cell, at) => to(cells.with(at, cell === 'C' ? 'X' : 'C').join(' ')));
  }
  if (/^\d+(?:\.\d+)+$/.test(node.text) || /^\d{3}$/.test(node.text)) {
    const places = node.text.split('.');
    const last = places.at(-1) ?? '0';
    const more = String(Number(last) + 1).padStart(last.length, '0');
    return [to([...places.slice(0, -1), more].join('.'))];
  }
  if (/^\d+\.\d( \d+\.\d)+$/.test(node.text)) {
    const all = node.text.split(' ');
    return all.map((_, at) => to(all.filter((_one, other) => other !== at).join(' ')));
  }
  return [];
}

function dropEdit(element: ts.Expression, list: ts.ArrayLiteralExpression, source: ts.SourceFile): Edit {
  const at = list.elements.indexOf(element);
  const next = list.elements[at + 1];
  const before = list.elements[at - 1];
  const start = next === undefined ? (before?.end ?? element.getStart(source)) : element.getStart(source);
  const end = next === undefined ? element.end : next.getStart(source);
  return { start, end, replacement: '', change: `without ${short(element, source)}` };
}

const short = (node: ts.Node, source: ts.SourceFile): string =>
  node.getText(source).replaceAll(/\s+/g, ' ').slice(0, 60);

function edit(node: ts.Node, source: ts.SourceFile, replacement: string, change: string): Edit {
  return {
    start: node.getStart(source),
    end: node.getEnd(),
    replacement,
    change: change.replaceAll(/\s+/g, ' ').slice(0, 140),
  };
}
