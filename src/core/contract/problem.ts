/** Something wrong in a contract, and where: what a person needs to mend it without opening the documentation. */
export interface ContractProblem {
  /** Stable, kebab-case: `unknown-key`, `wrong-form`, `missing-key`, `contradiction`, `yaml-syntax`, ... */
  readonly code: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in characters. */
  readonly column: number;
  /** Characters to underline, at least 1, all on this line. */
  readonly length: number;
  /** The line as written, clipped around the column when it is long; `sourceColumn` is the column in it. */
  readonly source: string;
  readonly sourceColumn: number;
  /** Dotted path of the key: `scaling.replicas.min`; empty for the file as a whole. */
  readonly key: string;
  /** One sentence. */
  readonly message: string;
  readonly expected?: string;
  readonly found?: string;
  /** The valid key or value that was most likely meant. */
  readonly nearest?: string;
}

/**
 * ```
 * plimsoll.yaml:7:3: unknown key `drivers` in `hardware`
 *   7 |   drivers: ">=550"
 *     |   ^^^^^^^
 *   expected: one of `accelerator`, `driver`, ...
 *   did you mean `driver`?
 * ```
 */
export function problemText(problem: ContractProblem): string {
  const number = String(problem.line);
  const gutter = ' '.repeat(number.length);
  const pad = indentTo(problem.source, problem.sourceColumn);
  const rest = Math.max(1, [...problem.source].length - problem.sourceColumn + 1);
  return [
    `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`,
    ...(problem.source === ''
      ? []
      : [`  ${number} | ${problem.source}`, `  ${gutter} | ${pad}${'^'.repeat(Math.min(problem.length, rest))}`]),
    ...(problem.expected === undefined ? [] : [`  expected: ${problem.expected}`]),
    ...(problem.found === undefined ? [] : [`  found: ${problem.found}`]),
    ...(problem.nearest === undefined ? [] : [`  did you mean \`${problem.nearest}\`?`]),
  ].join('\n');
}

const wide = /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** White space as wide as the text before the column, so that the caret stands under it: tabs stay tabs. */
function indentTo(source: string, column: number): string {
  return [...source]
    .slice(0, column - 1)
    .map((character) => (character === '\t' ? '\t' : wide.test(character) ? '  ' : ' '))
    .join('');
}
