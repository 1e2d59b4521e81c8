/**
 * Commands and their output in Markdown, so that a page that shows them can be run.
 *
 * - A fence ```` ```console ```` holds `$ command` lines, each followed by the output it prints.
 * - `<!-- run: command -->` runs a command that the page does not show.
 * - A line `...` stands for any number of lines, `…` for any text within one. In a plain `console` fence each number and each digest stands for any
 *   number or digest, since times and ports differ; in `console exact` the text must be the very same.
 */
export interface ConsoleStep {
  readonly line: number;
  readonly command: string;
  /** Null when the output is not shown. */
  readonly expected: readonly string[] | null;
  readonly exact: boolean;
}

export function consoleSteps(markdown: string): readonly ConsoleStep[] {
  const steps: ConsoleStep[] = [];
  let fence: { exact: boolean } | null = null;
  let current: { line: number; command: string; expected: string[]; exact: boolean } | null = null;
  const flush = (): void => {
    if (current !== null) steps.push(current);
    current = null;
  };
  markdown.split('\n').forEach((text, index) => {
    const hidden = /^<!-- run: (.*) -->$/.exec(text);
    if (fence === null && hidden?.[1] !== undefined) {
      steps.push({ line: index + 1, command: hidden[1], expected: null, exact: false });
    } else if (fence === null && /^```console( exact)?$/.test(text)) {
      fence = { exact: text.endsWith('exact') };
    } else if (fence !== null && text.startsWith('```')) {
      flush();
      fence = null;
    } else if (fence !== null && text.startsWith('$ ')) {
      flush();
      current = { line: index + 1, command: text.slice(2), expected: [], exact: fence.exact };
    } else if (current?.command.endsWith('\\') === true && current.expected.length === 0) {
      current.command = `${current.command}\n${text}`;
    } else {
      current?.expected.push(text);
    }
  });
  flush();
  return steps;
}

/** Null when `actual` is what the step shows; otherwise the first line that is not. */
export function firstDifference(step: ConsoleStep, actual: readonly string[]): string | null {
  if (step.expected === null) return null;
  const expected = trimEnd(step.expected);
  return matchFrom(expected, trimEnd(actual), step.exact);
}

function matchFrom(expected: readonly string[], actual: readonly string[], exact: boolean): string | null {
  const [head, ...rest] = expected;
  if (head === undefined) return actual.length === 0 ? null : `unexpected line: ${actual[0]}`;
  if (head.trim() === '...') {
    for (let skip = 0; skip <= actual.length; skip += 1) {
      if (matchFrom(rest, actual.slice(skip), exact) === null) return null;
    }
    return `nothing matches what follows "...": ${rest[0] ?? ''}`;
  }
  if (actual[0] === undefined) return `missing line: ${head}`;
  if (!linePattern(head, exact).test(actual[0])) return `expected: ${head}\n  actual: ${actual[0]}`;
  return matchFrom(rest, actual.slice(1), exact);
}

/** What may differ: digests, numbers, the width of columns, and what `…` stands for. */
const variable = /(\b[0-9a-f]{8,64}\b|\d+(?:\.\d+)?| {2,}|…)/;

function linePattern(expected: string, exact: boolean): RegExp {
  const parts = exact ? [expected.trimEnd()] : expected.trimEnd().split(variable);
  return new RegExp(`^${parts.map((part) => (exact ? escaped(part) : partPattern(part))).join('')}\\s*$`);
}

function partPattern(part: string): string {
  if (part === '…') return '.*';
  if (/^ {2,}$/.test(part)) return ' {2,}';
  if (/^\d+(?:\.\d+)?$/.test(part)) return '\\d+(?:\\.\\d+)?';
  if (/^[0-9a-f]{8,64}$/.test(part)) return '[0-9a-f]{8,64}';
  return escaped(part);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function trimEnd(lines: readonly string[]): readonly string[] {
  let end = lines.length;
  while (end > 0 && lines[end - 1]?.trim() === '') end -= 1;
  return lines.slice(0, end);
}
