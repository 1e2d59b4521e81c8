import { PlimsollError } from '../units/errors.ts';

/** A file name on every system: `h100-eu`. */
const poolNamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export const isPoolName = (name: string): boolean => poolNamePattern.test(name) && !name.endsWith('.json');

/** @throws PlimsollError `pool-name-invalid` (input). */
export function requirePoolName(name: string): void {
  if (isPoolName(name)) return;
  throw new PlimsollError({
    code: 'pool-name-invalid',
    category: 'input',
    message: `\`${name.slice(0, 100)}\` cannot be the name of a pool: it is 1 to 128 letters, digits, dots, dashes and underscores, beginning with a letter or digit, without the ending .json`,
    next: 'name it as `environments.<name>.pool` of the contract does, for example h100-eu',
  });
}
