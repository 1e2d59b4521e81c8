import { readGrowthRange, type GrowthRange } from '../../../core/packing/plan-ahead/demand/growth-range.ts';
import { exactly, type Limits } from '../../../core/packing/plan-ahead/service-need.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { nearest } from '../../../core/units/nearest.ts';
import { optionInvalid } from '../../simulate/option-text.ts';

/** What options state by service: `NAME=VALUE` for one, `VALUE` for all of them. */
export interface StatedByService<Value> {
  of(service: string): Value | undefined;
}

/** The growth of a text, or that of the recorded days. */
export type StatedGrowth = GrowthRange | 'recorded';

/**
 * Returns the values that an option states, by the name of a service.
 * @throws PlimsollError `option-invalid` (input) for a value that cannot be read, `service-unknown` for a name.
 */
export function readStated<Value>(
  option: { readonly name: string; readonly form: string },
  texts: readonly string[],
  names: readonly string[],
  read: (text: string) => Value | null,
): StatedByService<Value> {
  const values = new Map<string | null, Value>();
  for (const text of texts) {
    const [, name, value = ''] = /^(?:([^=]+)=)?([^=]*)$/.exec(text.trim()) ?? [];
    const found = read(value.trim());
    if (found === null) {
      throw optionInvalid(
        `${option.name}: "${text.slice(0, 60)}" cannot be read`,
        `${option.name} ${option.form}, or ${option.name} NAME=${option.form} for one service`,
      );
    }
    values.set(name === undefined ? null : matchService(name.trim(), names, option.name), found);
  }
  return { of: (service) => values.get(service) ?? values.get(null) };
}

/**
 * Returns the service that a name means: `chat` is `chat/prod` where no other environment of it is planned.
 * @throws PlimsollError `service-unknown` (input) with the nearest name.
 */
export function matchService(name: string, names: readonly string[], where: string): string {
  if (names.includes(name)) return name;
  const found = names.filter((each) => each.split('/')[0] === name);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const meant = nearest(name, names);
  throw new PlimsollError({
    code: 'service-unknown',
    category: 'input',
    message: `${where}: no planned service is named ${name.slice(0, 80)}${meant === null ? '' : `; is it ${meant}?`}`,
    next: `name one of ${names.slice(0, 10).join(', ')}`,
  });
}

/** Returns a number above 0 of a text like `14` or `14/s`; null for another text. */
export function readRate(text: string): number | null {
  const [, amount] = /^(\d{1,9}(?:\.\d{1,9})?)(?:\/s)?$/.exec(text) ?? [];
  return amount !== undefined && Number(amount) > 0 ? Number(amount) : null;
}

/** Returns the limits of a text like `14/s` or `12..16/s`, whose estimate is the geometric middle; null for another text. */
export function readLimits(text: string): Limits | null {
  const [first, second] = text.split('..');
  const lower = readRate(first ?? '');
  if (second === undefined) return lower === null ? null : exactly(lower);
  const upper = readRate(second);
  return lower === null || upper === null || upper < lower
    ? null
    : { lower, estimate: Math.sqrt(lower * upper), upper };
}

/** Returns the growth of a text: `5%/week`, `3%..7%/week`, `recorded`; null for another text. */
export const readStatedGrowth = (text: string): StatedGrowth | null =>
  text === 'recorded' ? 'recorded' : readGrowthRange(text);
