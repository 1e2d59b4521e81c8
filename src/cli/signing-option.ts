import path from 'node:path';
import type { Command } from 'commander';
import { readSigningKey, signingKeyVariable } from '../prove/trust/signing-key-file.ts';
import type { CliContext } from './context.ts';

/** Adds `--key` to a command that records evidence. */
export function addSigningOption(command: Command): Command {
  return command.option('--key <file>', `sign the evidence with this private key (default: ${signingKeyVariable})`);
}

/**
 * Returns the context in which what is recorded is signed with the key of `--key`. The key is read before anything is
 * measured, so that no hour of measuring ends without a signature.
 * @param file value of the option; a context without it stays as it is.
 * @throws PlimsollError `key-missing`, `key-invalid`, `key-open-to-others` (input).
 */
export async function withSigningKey(context: CliContext, file: unknown): Promise<CliContext> {
  if (typeof file !== 'string') return context;
  const location = path.resolve(context.cwd, file);
  await readSigningKey(location, file);
  return { ...context, env: { ...context.env, [signingKeyVariable]: location } };
}
