import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const counterName = '__plimsollFuzzCounters';
const countersAtMost = 1 << 16;

/** How often each place of the instrumented sources was passed since `reset`. */
export interface Counters {
  readonly counts: Uint32Array;
  /** Places that exist so far. */
  readonly used: () => number;
}

/**
 * From now on every source under `folders` that is imported counts how often each of its branches is taken: the body of each
 * function, the arms of each condition, the right side of `&&`, `||` and `??`, each case of a switch. A counter is one
 * addition, so that an input costs little more than without; V8's own precise coverage would cost milliseconds a reading.
 */
export function countBranches(folders: readonly string[]): Counters {
  const counts = new Uint32Array(countersAtMost);
  Object.assign(globalThis, { [counterName]: counts });
  let used = 0;
  const next = (): number => Math.min(used++, countersAtMost - 1);
  registerHooks({
    load(url, context, nextLoad) {
      const file = url.startsWith('file:') ? fileURLToPath(url) : '';
      if (!file.endsWith('.ts') || !folders.some((folder) => file.startsWith(folder))) return nextLoad(url, context);
      return { format: 'module', shortCircuit: true, source: instrumented(readFileSync(file, 'utf8'), file, next) };
    },
  });
  return { counts, used: () => Math.min(used, countersAtMost) };
}

function instrumented(source: string, fileName: string, next: () => number): string {
  const { outputText } = ts.transpileModule(source, {
    fileName,
    compilerOptions: { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
    transformers: { before: [(context) => (file) => addCounters(file, context, next)] },
  });
  return outputText;
}

function addCounters(file: ts.SourceFile, context: ts.TransformationContext, next: () => number): ts.SourceFile {
  const { factory } = context;
  const counter = (): ts.Expression =>
    factory.createPostfixIncrement(
      factory.createElementAccessExpression(
        factory.createIdentifier(counterName),
        factory.createNumericLiteral(next()),
      ),
    );
  const counted = (expression: ts.Expression): ts.Expression =>
    factory.createParenthesizedExpression(factory.createComma(counter(), expression));
  const inBlock = (statement: ts.Statement): ts.Statement =>
    ts.isBlock(statement)
      ? statement
      : factory.createBlock([factory.createExpressionStatement(counter()), statement], true);
  const logical = new Set([
    ts.SyntaxKind.AmpersandAmpersandToken,
    ts.SyntaxKind.BarBarToken,
    ts.SyntaxKind.QuestionQuestionToken,
  ]);

  const visit = (node: ts.Node): ts.Node => {
    const seen = ts.visitEachChild(node, visit, context);
    if (ts.isBlock(seen)) {
      return factory.updateBlock(seen, [factory.createExpressionStatement(counter()), ...seen.statements]);
    }
    if (ts.isIfStatement(seen)) {
      const otherwise = seen.elseStatement === undefined ? undefined : inBlock(seen.elseStatement);
      return factory.updateIfStatement(seen, seen.expression, inBlock(seen.thenStatement), otherwise);
    }
    if (ts.isConditionalExpression(seen)) {
      return factory.createConditionalExpression(
        seen.condition,
        undefined,
        counted(seen.whenTrue),
        undefined,
        counted(seen.whenFalse),
      );
    }
    if (ts.isBinaryExpression(seen) && logical.has(seen.operatorToken.kind)) {
      return factory.updateBinaryExpression(seen, seen.left, seen.operatorToken, counted(seen.right));
    }
    if (ts.isCaseClause(seen)) {
      const statements = [factory.createExpressionStatement(counter()), ...seen.statements];
      return factory.updateCaseClause(seen, seen.expression, statements);
    }
    if (ts.isDefaultClause(seen)) {
      return factory.updateDefaultClause(seen, [factory.createExpressionStatement(counter()), ...seen.statements]);
    }
    if (ts.isArrowFunction(seen) && !ts.isBlock(seen.body)) {
      const { modifiers, typeParameters, parameters, type, equalsGreaterThanToken } = seen;
      return factory.updateArrowFunction(
        seen,
        modifiers,
        typeParameters,
        parameters,
        type,
        equalsGreaterThanToken,
        counted(seen.body),
      );
    }
    return seen;
  };
  return ts.visitNode(file, visit) as ts.SourceFile;
}
