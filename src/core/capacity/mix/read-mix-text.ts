import { mixDimensions, type MixDimension } from '../../evidence/kinds/capacity/request-mix.ts';
import { PlimsollError } from '../../units/errors.ts';
import { nearest } from '../../units/nearest.ts';
import type { SizeDistribution } from './size-distribution.ts';

/** The sizes of a mix that was written as text; dimensions are independent of each other. */
export type WrittenMix = Readonly<Partial<Record<MixDimension, SizeDistribution>>>;

const textAtMost = 4_096;
/** More is a mistyped size: no engine takes such a request. */
const largestSize = 1e9;
const example = 'tokens-in=lognormal(512,0.8),tokens-out=choice(64:0.7,512:0.3)';

/** Returns whether this looks like a text of sizes; else it names a file. */
export const isMixText = (text: string): boolean => /^\s*[a-z-]+\s*=/.test(text);

/**
 * Returns the mix of `DIMENSION=SIZE,...`: dimensions are `tokens-in`, `tokens-out`, `rows` and `bytes`, sizes as in
 * `SizeDistribution`. @throws PlimsollError `mix-text-invalid` (input) with what is wrong and the nearest word.
 */
export function readMixText(text: string): WrittenMix {
  if (text.length > textAtMost) throw invalid(text, `the text is longer than ${textAtMost} characters`);
  const mix: Partial<Record<MixDimension, SizeDistribution>> = {};
  for (const part of splitOutside(text)) {
    const equals = part.indexOf('=');
    const name = (equals === -1 ? part : part.slice(0, equals)).trim();
    const dimension = mixDimensions.find((each) => each === name);
    if (dimension === undefined) throw invalid(text, unknownDimension(name));
    if (equals === -1) throw invalid(text, `\`${name}\` has no size`);
    if (mix[dimension] !== undefined) throw invalid(text, `\`${name}\` is written twice`);
    mix[dimension] = readSize(text, part.slice(equals + 1).trim());
  }
  return mix;
}

function unknownDimension(name: string): string {
  const meant = nearest(name, mixDimensions);
  const hint = meant === null ? `dimensions are ${mixDimensions.join(', ')}` : `did you mean \`${meant}\`?`;
  return `no dimension is named \`${name}\`; ${hint}`;
}

const kinds = ['uniform', 'exp', 'lognormal', 'choice'];

function readSize(text: string, written: string): SizeDistribution {
  const match = /^([a-z]+)\s*\((.*)\)$/.exec(written);
  if (match === null) return { kind: 'constant', size: readNumber(text, written) };
  const [, kind = '', inside = ''] = match;
  const parts = inside.split(',').map((each) => each.trim());
  const numbers = (count: number): readonly number[] => {
    if (parts.length !== count)
      throw invalid(text, `\`${kind}\` has ${count} numbers, and ${parts.length} are written`);
    return parts.map((part) => readNumber(text, part));
  };
  switch (kind) {
    case 'uniform': {
      const [from = NaN, to = NaN] = numbers(2);
      if (from > to) throw invalid(text, `\`${written}\` begins above its end`);
      return { kind: 'uniform', from, to };
    }
    case 'exp':
      return { kind: 'exponential', mean: numbers(1)[0] ?? NaN };
    case 'lognormal': {
      const [mean = NaN, variation = NaN] = numbers(2);
      if (variation > 100) throw invalid(text, 'the deviation over the mean is at most 100');
      return { kind: 'lognormal', mean, variation };
    }
    case 'choice':
      return readChoice(text, parts);
    default: {
      const meant = nearest(kind, kinds);
      const hint = meant === null ? `kinds are ${kinds.join(', ')}` : `did you mean \`${meant}\`?`;
      throw invalid(text, `no kind of sizes is named \`${kind}\`; ${hint}`);
    }
  }
}

function readChoice(text: string, parts: readonly string[]): SizeDistribution {
  const found = new Map<number, number>();
  for (const part of parts) {
    const [size = '', weight = '1', ...more] = part.split(':');
    if (more.length > 0) throw invalid(text, `\`${part}\` is not SIZE:WEIGHT`);
    const value = readNumber(text, size.trim());
    found.set(value, (found.get(value) ?? 0) + readNumber(text, weight.trim()));
  }
  const sum = [...found.values()].reduce((total, weight) => total + weight, 0);
  const sizes = [...found].map(([size, weight]) => ({ size, share: weight / sum })).sort((a, b) => a.size - b.size);
  return { kind: 'choice', sizes };
}

/** Above 0: a request of no tokens, or a weight of nothing, is a slip. */
function readNumber(text: string, written: string): number {
  const value = /^\d{1,9}(?:\.\d{1,9})?$/.test(written) ? Number(written) : NaN;
  if (value > 0 && value <= largestSize) return value;
  throw invalid(text, `\`${written.slice(0, 60)}\` is not a number above 0`);
}

/** Parts between commas that stand outside of parentheses. */
function splitOutside(text: string): readonly string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at <= text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (at < text.length && (text[at] !== ',' || depth > 0)) continue;
    parts.push(text.slice(from, at));
    from = at + 1;
  }
  return parts;
}

function invalid(text: string, what: string): PlimsollError {
  return new PlimsollError({
    code: 'mix-text-invalid',
    category: 'input',
    message: `the mix \`${text.slice(0, 120)}\` cannot be read: ${what}`,
    next: `write it as \`${example}\``,
  });
}
