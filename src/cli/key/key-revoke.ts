import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { termsOf } from '../../core/fleet/environment/environment-record.ts';
import { keyIdOf } from '../../core/trust/signing-key.ts';
import { timeText } from '../../core/trust/trust-texts.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { parseUntil } from '../option-values.ts';

export function configureRevoke(revoke: Command): void {
  revoke
    .description('count no more what a key signs; what the control plane received before stays')
    .argument('<key>', 'its name or its id')
    .argument('[name]', "the environment (default: --environment, or the contract's only one)")
    .option('--since <date>', 'when the key may have been stolen: what was received since then counts no more');
}

/** A revocation only moves to earlier: a later date would let signatures of a stolen key count again. */
export async function runKeyRevoke(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [wanted = ''] = args;
  const environment = args[1] ?? (await context.environment());
  const operations = await context.operations();
  const record = (await operations.environmentRecords()).find((each) => each.environment === environment);
  const keys = record?.policy?.keys ?? [];
  const found = keys.find(({ name, key }) => name === wanted || keyIdOf(key) === wanted);
  if (record === undefined || found === undefined) {
    throw unknownKey(
      wanted,
      environment,
      keys.map(({ name }) => name),
    );
  }
  const asked = sinceOf(options['since'], context.clock.nowMs());
  const revokedAtMs = Math.min(asked, found.revokedAtMs ?? asked);
  const changed = keys.map((key) => (key === found ? { ...key, revokedAtMs } : key));
  const { serial } = record.policy ?? {};
  // The file that the policy came from is older from now on: set again as it is, it would take the revocation back.
  const newer = serial === undefined ? {} : { serial: serial + 1 };
  const terms = { ...termsOf(record), policy: { ...record.policy, ...newer, keys: changed } };
  if (revokedAtMs !== found.revokedAtMs)
    await operations.setEnvironmentRecord({ environment, terms, version: record.version });
  const text = `${found.name} is revoked in ${environment}: signatures that were received from ${timeText(revokedAtMs)} on do not count`;
  return { exit: 0, json: { environment, name: found.name, keyId: keyIdOf(found.key), revokedAtMs }, text };
}

/** A day means its beginning here: what was received on that day is in doubt. */
function sinceOf(value: unknown, nowMs: number): number {
  if (value === undefined) return nowMs;
  const text = String(value);
  const sinceMs = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : parseUntil(text, nowMs);
  if (sinceMs !== null && Number.isFinite(sinceMs) && sinceMs <= nowMs) return sinceMs;
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--since ${text} is no time before now`,
    next: 'write the day when the key may have been stolen: --since 2026-11-01',
  });
}

function unknownKey(wanted: string, environment: string, names: readonly string[]): PlimsollError {
  const meant = nearest(wanted, names);
  return new PlimsollError({
    code: 'unknown-key',
    category: 'not-found',
    message: `${environment} counts no key ${wanted.slice(0, 100)}${meant === null ? '' : `; did you mean ${meant}?`}`,
    next: nextStep(cliSteps, 'unknown-key/key-list', { environment }),
  });
}
