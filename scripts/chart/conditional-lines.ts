/** One text with a switch on and off, and the condition of a template that says which. */
export interface Switch {
  readonly condition: string;
  readonly off: readonly string[];
}

/**
 * The lines of a template that gives `on` where every condition holds, and without one of them what its `off` says. Each
 * line that a switch changes is of that switch alone: then any of them together give what they give one by one.
 */
export function withConditions(on: readonly string[], switches: readonly Switch[]): readonly string[] {
  const before = on.map((): string[] => []);
  const own = on.map((): string[] => []);
  const atEnd: string[] = [];
  for (const { condition, off } of switches) {
    const { kept, inserted } = compareLines(on, off);
    on.forEach((_line, at) => {
      if (!kept.has(at)) own[at]?.push(condition);
    });
    for (const [at, lines] of inserted) (before[at] ?? atEnd).push(...wrapped(lines, `not ${condition}`));
  }
  return [...on.flatMap((line, at) => [...(before[at] ?? []), ...wrapped([line], allOf(own[at] ?? []))]), ...atEnd];
}

/** Wrapped lines one after another are one block. */
export function mergeBlocks(lines: readonly string[]): readonly string[] {
  const merged: string[] = [];
  for (const line of lines) {
    const opened = /^\{\{- if .* \}\}$/.test(line) ? merged.findLastIndex((each) => /^\{\{- if /.test(each)) : -1;
    if (
      opened >= 0 &&
      merged[opened] === line &&
      merged.at(-1) === end &&
      merged.indexOf(end, opened) === merged.length - 1
    ) {
      merged.pop();
    } else merged.push(line);
  }
  return merged;
}

const end = '{{- end }}';
const allOf = (conditions: readonly string[]): string =>
  conditions.length > 1 ? `and ${conditions.join(' ')}` : conditions.join('');

function wrapped(lines: readonly string[], condition: string): readonly string[] {
  return condition === '' ? lines : [`{{- if ${condition} }}`, ...lines, end];
}

/** Longest common subsequence. @returns which lines of `on` stay, and what stands before a line of it without being of it. */
function compareLines(
  on: readonly string[],
  off: readonly string[],
): { readonly kept: ReadonlySet<number>; readonly inserted: ReadonlyMap<number, readonly string[]> } {
  const length = on.map(() => new Array<number>(off.length + 1).fill(0));
  length.push(new Array<number>(off.length + 1).fill(0));
  const at = (i: number, j: number): number => length[i]?.[j] ?? 0;
  for (let i = on.length - 1; i >= 0; i -= 1) {
    for (let j = off.length - 1; j >= 0; j -= 1) {
      const row = length[i];
      if (row !== undefined) row[j] = on[i] === off[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const kept = new Set<number>();
  const inserted = new Map<number, string[]>();
  let [i, j] = [0, 0];
  while (i < on.length || j < off.length) {
    if (i < on.length && j < off.length && on[i] === off[j]) {
      kept.add(i);
      [i, j] = [i + 1, j + 1];
    } else if (j < off.length && (i >= on.length || at(i, j + 1) >= at(i + 1, j))) {
      inserted.set(i, [...(inserted.get(i) ?? []), off[j] ?? '']);
      j += 1;
    } else i += 1;
  }
  return { kept, inserted };
}
