import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { keyIdOf, type TrustedKey } from '../../core/trust/signing-key.ts';
import { writtenKey } from '../../core/trust/trust-texts.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { ownerOnly } from '../../ports/process/write-durably.ts';
import { createSigner } from '../../prove/trust/ed25519.ts';
import { signingKeyVariable } from '../../prove/trust/signing-key-file.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { parseUntil } from '../option-values.ts';

const defaultExpiry = '365d';

export function configureCreate(create: Command): void {
  create
    .description('make a key pair that signs evidence; the private key goes into a file with mode 0600')
    .argument('<name>', 'what policies and reasons call the key')
    .option('--out <file>', 'the file of the private key (default: NAME.key here)')
    .option('--expires <when>', 'a date, a time from now on, or never', defaultExpiry);
}

/** The file must not be there: a private key is never written over. */
export async function runKeyCreate(
  context: Pick<CliContext, 'clock' | 'cwd' | 'terminal' | 'writeDurably'>,
  { args, options }: CommandInput,
): Promise<CommandResult> {
  const [name = ''] = args;
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/.test(name)) throw invalid(`${JSON.stringify(name)} is no name of a key`);
  const expiresAtMs = expiryOf(String(options['expires']), context.clock.nowMs());
  const shown = typeof options['out'] === 'string' ? options['out'] : `${name}.key`;
  const file = path.resolve(context.cwd, shown);
  if (existsSync(file)) throw invalid(`${shown} is there already, and a private key is not written over`);
  const { signer, pem } = createSigner();
  await context.writeDurably(file, pem, { doing: 'writing the private key', mode: ownerOnly, folderMustExist: true });
  const trusted: TrustedKey = { name, key: signer.key, ...(expiresAtMs === null ? {} : { expiresAtMs }) };
  context.terminal.note(`the private key is in ${shown}, for its owner alone; keep it out of git`);
  context.terminal.note(
    `sign with it: export ${signingKeyVariable}=${shown}; the line below is for \`keys\` of a policy`,
  );
  const line = Object.entries(writtenKey(trusted)).map(
    ([key, value]) => `${key}: ${key === 'key' ? JSON.stringify(value) : value}`,
  );
  return { exit: 0, json: { ...trusted, keyId: keyIdOf(signer.key), file }, text: `- { ${line.join(', ')} }` };
}

function expiryOf(text: string, nowMs: number): number | null {
  if (text === 'never') return null;
  const expiresAtMs = parseUntil(text, nowMs);
  if (expiresAtMs !== null && expiresAtMs > nowMs) return expiresAtMs;
  throw invalid(`--expires ${text} is no time to come; write 2027-01-31, 365d or never`);
}

function invalid(message: string): PlimsollError {
  return new PlimsollError({
    code: 'key-option-invalid',
    category: 'input',
    message,
    next: nextStep(cliSteps, 'key-option-invalid'),
  });
}
