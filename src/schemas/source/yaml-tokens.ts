import { Lexer, Parser, type CST } from 'yaml';
import type { SourceProblem } from './source-problem.ts';
import { sourceBounds } from './yaml-bounds.ts';

/** The parser's stack also holds the document and the scalar at hand, and a flow pair beside its collection. */
const stackAboveDepth = 4;

/**
 * The syntax tokens of a text, or the first problem of its size. The parser of `yaml` is driven token by token, because it
 * takes 8 s and 1.6 GB for a mebibyte of `[` when it is left to read the text to its end.
 */
export function readYamlTokens(
  text: string,
):
  | { readonly ok: true; readonly tokens: readonly CST.Token[] }
  | { readonly ok: false; readonly problem: SourceProblem } {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    count += 1;
    if (parser.stack.length > sourceBounds.depth + stackAboveDepth)
      return { ok: false, problem: tooDeep(parser.offset) };
    if (count > sourceBounds.tokens) return { ok: false, problem: tooManyTokens(parser.offset) };
  }
  tokens.push(...parser.end());
  const deep = firstDeeperThan(tokens, sourceBounds.depth);
  return deep === null ? { ok: true, tokens } : { ok: false, problem: tooDeep(deep) };
}

/** Offset of the first value nested deeper than `limit`, found without recursion because the depth is not trusted. */
function firstDeeperThan(tokens: readonly CST.Token[], limit: number): number | null {
  const open: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    if (depth > limit) return token.offset;
    if (token.type === 'document' && token.value !== undefined) open.push({ token: token.value, depth });
    if (!('items' in token)) continue;
    for (const item of token.items) {
      if (item.key) open.push({ token: item.key, depth: depth + 1 });
      if (item.value) open.push({ token: item.value, depth: depth + 1 });
    }
  }
  return null;
}

function tooDeep(offset: number): SourceProblem {
  const message = `nested deeper than ${sourceBounds.depth} levels`;
  return { code: 'too-deep', range: [offset, offset + 1], path: [], message, expected: 'at most 5 levels' };
}

function tooManyTokens(offset: number): SourceProblem {
  const message = `more than ${sourceBounds.tokens} keys, values, signs and comments up to here`;
  return { code: 'too-large', range: [offset, offset + 1], path: [], message, expected: 'a shorter file' };
}
