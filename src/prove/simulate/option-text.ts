import { PlimsollError } from '../../core/units/errors.ts';
import type { Quantity } from '../../core/units/quantity/quantity.ts';

/** Undefined for an option that was not given. */
export const ifGiven = <T>(text: string | undefined, read: (text: string) => T): T | undefined =>
  text === undefined ? undefined : read(text);

/** @throws PlimsollError `option-invalid` (input), naming the option and what it takes. */
export function unwrap<T>(option: string, text: string, quantity: Quantity<T>): T {
  if (quantity.ok) return quantity.value;
  const hint = quantity.hint === undefined ? '' : `: ${quantity.hint}`;
  throw optionInvalid(`${option} \`${text}\`${hint}`, `${option} takes ${quantity.expected}`);
}

export function optionInvalid(message: string, next: string): PlimsollError {
  return new PlimsollError({ code: 'option-invalid', category: 'input', message, next });
}
