import path from 'node:path';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { withSourceFile } from '../../prove/files/source-file.ts';
import { requireSecretName } from './secret-name.ts';

/** Linux takes no longer variable: MAX_ARG_STRLEN, 32 pages of 4 KiB, its name and sign included. */
const mostBytes = 100 * 1024;

/** The value is never an argument: arguments are seen by every user of the machine, and kept by the shell. */
export async function runSecretSet(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [name, key] = [requireSecretName(args[0] ?? '', 'name'), requireSecretName(args[1] ?? '', 'key')];
  const secrets = await context.secrets();
  const value = requireValue(await readValue(context, options['fromFile']));
  await secrets.set(name, key, value);
  const grants = (await secrets.list()).find((secret) => secret.name === name)?.grants ?? [];
  const json = { name, key, bytes: Buffer.byteLength(value), grants };
  const next = grants.length > 0 ? '' : `\nIt is granted to no service. Grant it: plimsoll secret grant ${name}`;
  return { exit: 0, json, text: `Stored secret/${name}#${key} (${json.bytes} bytes).${next}` };
}

async function readValue(context: CliContext, file: unknown): Promise<string> {
  if (typeof file !== 'string') {
    if (context.terminal.interactive) context.terminal.note('Type the value, then Ctrl-D.');
    return context.terminal.readStdin();
  }
  return withSourceFile({ location: path.resolve(context.cwd, file), shown: file }, context.signal, async (source) => {
    const bytes = Math.min(source.bytes, mostBytes + 1);
    return new TextDecoder().decode(await source.source.read(0, bytes));
  });
}

/** One line break at the end is not part of the value; it is left out here, as it is where the value is read. */
function requireValue(text: string): string {
  const value = text.replace(/\r?\n$/, '');
  if (value === '') throw unusable('the value is empty');
  if (Buffer.byteLength(value) > mostBytes) throw unusable(`the value is larger than ${mostBytes} bytes`);
  if (value.includes('\0')) throw unusable('the value holds a NUL character, which no variable can');
  return value;
}

const unusable = (message: string): PlimsollError =>
  new PlimsollError({
    code: 'secret-value-invalid',
    category: 'input',
    message,
    next: nextStep(cliSteps, 'secret-value-invalid'),
  });
