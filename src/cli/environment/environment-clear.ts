import { termKeys, type TermKey } from '../../core/fleet/environment/environment-record.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';

export async function runEnvironmentClear(context: CliContext, { args }: CommandInput): Promise<CommandResult> {
  const [environment = '', ...words] = args;
  const keys = words.map(requireKey);
  const record = await (await context.operations()).clearEnvironmentRecord({ environment, keys });
  const cleared = keys.length === 0 ? 'every key' : keys.join(', ');
  const text = `Took ${cleared} of ${environment} back (version ${record.version}). There each contract's own holds.`;
  return { exit: 0, json: { environment, record }, text };
}

function requireKey(word: string): TermKey {
  const key = termKeys.find((each) => each === word);
  if (key !== undefined) return key;
  const meant = nearest(word, termKeys);
  throw new PlimsollError({
    code: 'unknown-key',
    category: 'input',
    message: `a record has no key ${word}${meant === null ? '' : `; did you mean ${meant}?`}`,
    next: `give keys of ${termKeys.join(', ')}`,
  });
}
