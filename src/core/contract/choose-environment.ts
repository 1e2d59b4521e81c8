import { PlimsollError } from '../units/errors.ts';
import { nearest } from '../units/nearest.ts';
import type { Contract } from './contract.ts';

/**
 * The environment asked for, or the contract's only one.
 * @throws PlimsollError `environment-unknown`, `environment-ambiguous` (input).
 */
export function chooseEnvironment(contract: Pick<Contract, 'environments'>, asked: string | undefined): string {
  const names = Object.keys(contract.environments);
  const listed = names.map((name) => `\`${name}\``).join(', ');
  if (asked !== undefined) {
    if (names.includes(asked)) return asked;
    throw new PlimsollError({
      code: 'environment-unknown',
      category: 'input',
      message: `the contract has no environment \`${asked}\`; it has ${listed}`,
      next: `use --environment ${nearest(asked, names) ?? names[0] ?? 'default'}`,
    });
  }
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return only;
  throw new PlimsollError({
    code: 'environment-ambiguous',
    category: 'input',
    message: `the contract has several environments: ${listed}`,
    next: `choose one with --environment ${only ?? 'NAME'}`,
  });
}

/** For commands that look at several: one when asked for, else each of them (`all` says so in words). */
export function chooseEnvironments(
  contract: Pick<Contract, 'environments'>,
  asked: string | undefined,
): readonly string[] {
  if (asked === undefined || asked === 'all') return Object.keys(contract.environments);
  return [chooseEnvironment(contract, asked)];
}
