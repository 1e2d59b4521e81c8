import { unreadable, type Quantity } from './quantity.ts';

export const versionRangeForm = 'a version range with its operators such as `>=550.54.14` or `>=1.20 <1.22`';

export type VersionOperator = '<' | '<=' | '>' | '>=' | '=' | '!=';
export interface VersionComparison {
  readonly operator: VersionOperator;
  /** Dotted numbers: `550.54.14` is [550, 54, 14]. */
  readonly version: readonly number[];
}
/** All of the comparisons must hold. `text` is as written. */
export interface VersionRange {
  readonly text: string;
  readonly comparisons: readonly VersionComparison[];
}

const comparisonPattern = /^(<=|>=|!=|<|>|=)(\d{1,9}(?:\.\d{1,9}){0,3})$/;
const bareVersion = /^v?\d+(\.\d+)*$/;

/** Comparisons separated by white space. A bare version is refused: it may mean "this one", "at least" or "about". */
export function readVersionRange(text: string): Quantity<VersionRange> {
  const words = text
    .trim()
    .replaceAll(/([<>=!]+)\s+/g, '$1')
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  if (words.length === 0) return unreadable(versionRangeForm);
  if (words.length > 8) return unreadable(versionRangeForm, 'at most 8 comparisons');
  const comparisons: VersionComparison[] = [];
  for (const word of words) {
    const match = comparisonPattern.exec(word);
    if (match === null) return unreadable(versionRangeForm, hintFor(word));
    const version = (match[2] ?? '').split('.').map(Number);
    comparisons.push({ operator: match[1] as VersionOperator, version });
  }
  return isEmptyRange(comparisons)
    ? unreadable(versionRangeForm, 'no version can be all of this at once')
    : { ok: true, value: { text: text.trim(), comparisons } };
}

function hintFor(word: string): string | undefined {
  if (bareVersion.test(word)) {
    const version = word.replace(/^v/, '');
    return `\`${word}\` has no operator: write \`>=${version}\` for at least, or \`=${version}\` for exactly that one`;
  }
  if (word.startsWith('^') || word.startsWith('~')) return `write the bounds out, such as \`>=1.20 <1.22\``;
  return word.startsWith('==') ? `write \`${word.slice(1)}\`` : undefined;
}

/** Missing places count as zero: 12.4 equals 12.4.0. Negative, zero or positive, as for sort. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let place = 0; place < Math.max(a.length, b.length); place += 1) {
    const difference = (a[place] ?? 0) - (b[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether the version meets every comparison. */
export function versionMeets(version: readonly number[], comparisons: readonly VersionComparison[]): boolean {
  return comparisons.every(({ operator, version: bound }) => {
    const order = compareVersions(version, bound);
    switch (operator) {
      case '<':
        return order < 0;
      case '<=':
        return order <= 0;
      case '>':
        return order > 0;
      case '>=':
        return order >= 0;
      case '=':
        return order === 0;
      case '!=':
        return order !== 0;
    }
  });
}

/**
 * A range is empty when its greatest lower bound passes its least upper bound. Versions are dense (1.2 < 1.2.0.1 < 1.2.1),
 * so a strict interval between two different versions always holds one.
 */
function isEmptyRange(comparisons: readonly VersionComparison[]): boolean {
  const exact = comparisons.find(({ operator }) => operator === '=');
  if (exact !== undefined) return !versionMeets(exact.version, comparisons);
  const lows = comparisons.filter(({ operator }) => operator === '>' || operator === '>=');
  const highs = comparisons.filter(({ operator }) => operator === '<' || operator === '<=');
  return lows.some((low) =>
    highs.some((high) => {
      const order = compareVersions(low.version, high.version);
      const closed = low.operator === '>=' && high.operator === '<=';
      return order > 0 || (order === 0 && !(closed && versionMeets(low.version, comparisons)));
    }),
  );
}
