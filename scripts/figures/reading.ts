import type * as z from 'zod';
import type { Measured } from './figure.ts';

/** What the README says of the document that a measurement prints with `--json`. */
export function reading<T extends z.ZodType>(
  form: T,
  say: (report: z.output<T>) => Measured,
): (report: unknown) => Measured {
  return (report) => say(form.parse(report));
}

/** The parts of an aim that are missed; undefined where all are met. */
function missedParts(parts: Readonly<Record<string, boolean>>): string | undefined {
  const missed = Object.keys(parts).filter((name) => parts[name] === false);
  if (missed.length === 0) return undefined;
  return missed.length === Object.keys(parts).length ? 'missed' : `missed by ${missed.join(' and ')}`;
}

/** @param parts of the aim, and whether each is met. */
export function measured(
  text: string,
  values: Readonly<Record<string, number>>,
  parts: Readonly<Record<string, boolean>>,
): Measured {
  const missed = missedParts(parts);
  return { text, values, met: missed === undefined, missed };
}
