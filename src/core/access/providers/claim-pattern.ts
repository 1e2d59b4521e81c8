/** Longer texts match no pattern: no repository, branch or address is longer, and matching stays cheap. */
const textLengthAtMost = 500;

/**
 * Returns whether a text has the form of a pattern. Upper and lower case differ.
 *
 * | in the pattern | stands for |
 * |---|---|
 * | `*` | any characters but `/`, or none: `acme/*` is `acme/digits` and not `acme/a/b` |
 * | `**` | any characters, or none |
 * | anything else | itself |
 */
export function matchesPattern(pattern: string, text: string): boolean {
  if (text.length > textLengthAtMost) return false;
  if (!pattern.includes('*')) return pattern === text;
  const parts = pattern.match(/\*\*|\*|[^*]/g) ?? [];
  // reached[n]: the parts so far can stand for the first n characters.
  let reached: readonly boolean[] = Array.from({ length: text.length + 1 }, (_each, at) => at === 0);
  for (const part of parts)
    reached = part.startsWith('*') ? afterStar(reached, text, part) : afterLetter(reached, text, part);
  return reached[text.length] ?? false;
}

/** Whether a pattern leaves the first part of a path open, so that `*` does and `acme/*` does not. Text without a path does too. */
export function leavesOwnerOpen(pattern: string): boolean {
  const [owner = ''] = pattern.split('/', 1);
  return owner === '' || owner.includes('*') || !pattern.includes('/');
}

function afterLetter(reached: readonly boolean[], text: string, letter: string): readonly boolean[] {
  return reached.map((_each, at) => at > 0 && reached[at - 1] === true && text[at - 1] === letter);
}

function afterStar(reached: readonly boolean[], text: string, star: string): readonly boolean[] {
  let goesOn = false;
  return reached.map((isReached, at) => {
    if (at > 0 && star === '*' && text[at - 1] === '/') goesOn = false;
    goesOn ||= isReached;
    return goesOn;
  });
}
