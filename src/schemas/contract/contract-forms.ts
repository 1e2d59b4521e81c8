import { artifactNamePattern } from '../../core/registry/artifact.ts';
import * as z from 'zod';
import type { Quantity } from '../../core/units/quantity/quantity.ts';
import { readBytes } from '../../core/units/quantity/quantity-bytes.ts';
import { readDuration } from '../../core/units/quantity/quantity-duration.ts';
import { readPercent } from '../../core/units/quantity/quantity-percent.ts';
import { readCountRate, readMoneyRate } from '../../core/units/quantity/quantity-rate.ts';
import { readVersionRange } from '../../core/units/quantity/quantity-version-range.ts';

/** What a check of one value adds to its issue: the rest of the problem comes from the place and the key's documentation. */
export interface IssueFacts {
  readonly code?: string;
  readonly expected?: string;
  readonly nearest?: string;
}

export function addIssue(
  issues: unknown[],
  input: unknown,
  message: string,
  facts: IssueFacts = {},
  path: readonly (string | number)[] = [],
): void {
  const params: Record<string, unknown> = { ...facts };
  issues.push({ code: 'custom', input, message, params, path: [...path] });
}

/** Text with a unit, compiled to a number (or a range) once, here. `pattern` is for editors; the reader decides. */
export function quantity<T>(
  read: (text: string) => Quantity<T>,
  pattern: string,
  accept: (value: T) => string | null = () => null,
) {
  return z
    .string()
    .meta({ pattern })
    .transform((text, context): T => {
      const result = read(text);
      if (!result.ok) {
        const hint = result.hint === undefined ? '' : `: ${result.hint}`;
        addIssue(context.issues, text, `\`${text.slice(0, 60)}\` cannot be read${hint}`, { expected: result.expected });
        return z.NEVER;
      }
      const refusal = accept(result.value);
      if (refusal === null) return result.value;
      addIssue(context.issues, text, `\`${text}\` is out of range`, { expected: refusal });
      return z.NEVER;
    });
}

const durationPattern = '^\\d+(\\.\\d+)? ?(ms|s|m|h|d|w)$';
const percentPattern = '^\\d+(\\.\\d+)? ?%$';
const above = (what: string) => (value: number) => (value > 0 ? null : `${what} above zero`);

/** Made on first use: a contract writes few of these, and making one takes longer than reading with it. */
export function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

export const durationMs = once(() => quantity(readDuration, durationPattern));
export const positiveDurationMs = once(() => quantity(readDuration, durationPattern, above('a duration')));
export const stuckAfterDurationMs = once(() =>
  quantity(readDuration, durationPattern, (valueMs) =>
    valueMs >= 1_000 && valueMs <= 3_600_000 ? null : 'a duration from 1s to 1h',
  ),
);
export const bytes = once(() => quantity(readBytes, '^\\d+(\\.\\d+)? ?([kMGT]B|[KMGT]iB|B)$', above('a size')));
export const share = once(() => quantity(readPercent, percentPattern));
export const positiveShare = once(() => quantity(readPercent, percentPattern, above('a percentage')));
export const confidenceShare = once(() =>
  quantity(readPercent, percentPattern, (value) =>
    value >= 0.5 && value < 1 ? null : 'a percentage from 50% to below 100%',
  ),
);
export const versionRange = once(() =>
  quantity(
    readVersionRange,
    '^\\s*(<=|>=|!=|<|>|=)\\s*\\d+(\\.\\d+){0,3}([\\s,]+(<=|>=|!=|<|>|=)\\s*\\d+(\\.\\d+){0,3})*\\s*$',
  ),
);
export const moneyRate = once(() => quantity(readMoneyRate, '^\\d+(\\.\\d+)? ?[A-Z]{3} ?/ ?.+$'));
export const countRate = once(() => quantity(readCountRate, '^\\d+(\\.\\d+)? per .+$'));
export const shareLimit = once(() =>
  quantity((text: string): Quantity<{ operator: '>=' | '>'; share: number }> => {
    const match = /^(>=|>) ?(.+)$/.exec(text.trim());
    const limit = match === null ? null : readPercent(match[2] ?? '');
    const expected = 'a limit in quotes such as `">=40%"`';
    if (match === null || limit === null || !limit.ok) return { ok: false, expected };
    return { ok: true, value: { operator: match[1] as '>=' | '>', share: limit.value } };
  }, '^>=? ?\\d+(\\.\\d+)? ?%$'),
);

/** A metric's value: `95%` is 0.95, `50ms` is 50, a bare number is itself, because a metric may have no unit. */
export const metricValue = once(() =>
  z.union([
    z.number(),
    quantity((written: string) => {
      const duration = readDuration(written);
      return duration.ok ? duration : readPercent(written);
    }, `${percentPattern}|${durationPattern}`),
  ]),
);

/** Text that must match; what it should look like comes from the key's documentation. */
export const text = (pattern: RegExp) => z.string().regex(pattern);
export const dnsLabel = text(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
/** Name of an object of Kubernetes: a DNS subdomain. */
export const objectName = text(/^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/);
export const artifactName = text(artifactNamePattern);
export const variableName = text(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/);
export const relativePath = z
  .string()
  .min(1)
  .max(1024)
  .check((context) => {
    const path = context.value;
    if (!path.startsWith('/') && !/^[A-Za-z]:/.test(path) && !path.split(/[\\/]/).includes('..')) return;
    addIssue(context.issues, path, `\`${path}\` leaves the folder of the contract`, {
      expected: 'a path below the folder of the contract',
    });
  });

/** One of a few words. `asides` says why a word that people try is not one of them. */
export function word<const T extends readonly [string, ...string[]]>(words: T, asides: Record<string, string> = {}) {
  return z.enum(words, {
    error: (issue) => (typeof issue.input === 'string' ? asides[issue.input.toLowerCase()] : undefined),
  });
}

type Defined<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

/** The same without members that are undefined, so that "not written" has one form. */
export function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;
}
