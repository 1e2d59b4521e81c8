import { PlimsollError } from '../../core/units/errors.ts';

/** `label op "value"` of a selector, as PromQL has it. */
export interface LabelMatcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

const matcher = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",{}]+))\s*/y;
const matchersAtMost = 32;

/**
 * `job="vllm",pod=~"chat-.*"`; quotes may be left out where the value has no comma, brace, quote or blank, as a shell makes
 * them awkward. @throws PlimsollError `selector-invalid` (input) with the column.
 */
export function parseSelector(text: string): readonly LabelMatcher[] {
  const trimmed = text.trim();
  const inner = trimmed.startsWith('{') && trimmed.endsWith('}') ? trimmed.slice(1, -1) : trimmed;
  const matchers: LabelMatcher[] = [];
  for (let at = 0; at < inner.length;) {
    matcher.lastIndex = at;
    const found = matcher.exec(inner);
    const follows = inner[matcher.lastIndex];
    if (found === null || (follows !== undefined && follows !== ',') || matchers.length >= matchersAtMost) {
      throw invalid(text, at + 1);
    }
    const [, label = '', operator = '=', quoted, bare = ''] = found;
    if (label === '__name__') throw invalid(text, at + 1);
    matchers.push({ label, operator: operator as LabelMatcher['operator'], value: unescape(quoted) ?? bare });
    at = matcher.lastIndex + 1;
  }
  return matchers;
}

const unescape = (quoted: string | undefined): string | undefined =>
  quoted?.replaceAll(/\\(.)/g, (_whole, character: string) => (character === 'n' ? '\n' : character));

function invalid(text: string, column: number): PlimsollError {
  return new PlimsollError({
    code: 'selector-invalid',
    category: 'input',
    message: `the selector \`${text.slice(0, 100)}\` is wrong at column ${column}`,
    next: 'write labels as PromQL has them: --selector \'job="vllm",pod=~"chat-.*"\'',
    details: { column },
  });
}

const quote = (value: string): string =>
  `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

/** `{__name__=~"a|b",job="vllm"}`: these metrics of what the matchers choose. Names of metrics need no escape in a pattern. */
export function selectorText(names: readonly string[], matchers: readonly LabelMatcher[]): string {
  const parts = matchers.map(({ label, operator, value }) => `${label}${operator}${quote(value)}`);
  return `{${[`__name__=~${quote(names.join('|'))}`, ...parts].join(',')}}`;
}
