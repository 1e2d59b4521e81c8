/**
 * V8's cache of compiled code holds what was compiled when a file was loaded. Most functions are compiled when they are
 * first called, and so again in every process: a tenth of `check`. A function in parentheses is compiled with its file.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** Functions of a file by `start:end`, in characters. */
export type Ranges = ReadonlySet<string>;

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly { readonly startOffset: number; readonly endOffset: number; readonly count: number }[];
    }[];
  }[];
}

/** What a program calls when it runs with these arguments, by the file that it is in. */
export function findCalledFunctions(args: readonly string[]): ReadonlyMap<string, Ranges> {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-coverage-'));
  try {
    const env = { ...process.env, NODE_V8_COVERAGE: folder, NODE_DISABLE_COMPILE_CACHE: '1' };
    const { signal, error } = spawnSync(process.execPath, args, { env, stdio: 'ignore' });
    if (error !== undefined || signal !== null) throw error ?? new Error(`${args.join(' ')} ended with ${signal}`);
    const files = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'));
    const scripts = files.flatMap((text) => (JSON.parse(text) as Coverage).result);
    return new Map(
      scripts
        .filter(({ url }) => url.startsWith('file:'))
        .map(({ url, functions }) => {
          const called = functions.flatMap(({ ranges: [whole] }) =>
            whole === undefined || whole.count === 0 ? [] : whole,
          );
          return [
            fileURLToPath(url),
            new Set(called.map(({ startOffset, endOffset }) => `${startOffset}:${endOffset}`)),
          ];
        }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The same module with each of these functions compiled with it. A declaration becomes a variable at the top, where the
 * function was to be had before; methods and asynchronous arrow functions know no such form, and stay as they are.
 */
export function withEagerFunctions(source: string, called: Ranges): string {
  const file = ts.createSourceFile('bundle.mjs', source, ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const isCalled = (node: ts.Node): boolean => called.has(`${node.getStart(file)}:${node.end}`);
  const written = (node: ts.Node): string => {
    const children: ts.Node[] = [];
    ts.forEachChild(node, (child) => void children.push(child));
    let text = '';
    let at = node.getStart(file);
    for (const child of children) {
      text += source.slice(at, child.getStart(file)) + written(child);
      at = child.end;
    }
    text += source.slice(at, node.end);
    return isPlainExpression(node) && isCalled(node) ? `(${text})` : text;
  };
  const variables: string[] = [];
  const statements = file.statements.map((statement) => {
    if (!ts.isFunctionDeclaration(statement) || statement.name === undefined || !isCalled(statement))
      return written(statement);
    const { name } = statement;
    const whole = written(statement);
    const head = source.slice(statement.getStart(file), name.getStart(file));
    variables.push(`${name.text}=(${head.trimEnd()}${whole.slice(head.length + name.text.length)})`);
    return '';
  });
  const top = variables.length === 0 ? [] : [`var ${variables.join(',\n')};`];
  return [...top, ...statements.filter((text) => text !== '')].join('\n');
}

function isPlainExpression(node: ts.Node): boolean {
  if (ts.isFunctionExpression(node)) return true;
  return ts.isArrowFunction(node) && node.modifiers === undefined;
}
