import type { Command } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import {
  isAccountSubject,
  isTokenName,
  makeToken,
  tokenDigestOf,
  type AccessToken,
} from '../../core/access/access-token.ts';
import { roles, type Role } from '../../core/access/role.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import type { AccessTokens } from '../../ports/access/access-tokens.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Random } from '../../ports/process/random.ts';
import type { Terminal } from '../../ports/process/terminal.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import { parseUntil } from '../option-values.ts';
import { accessText, expiryText } from './token-text.ts';

const defaultExpiry = '90d';
/** An emergency comes when nobody has renewed a token. */
const breakGlassExpiry = 'never';

/** The parts of a command's context that the token commands use. */
export interface TokenContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly terminal: Terminal;
  accessTokens(file?: string): Promise<AccessTokens>;
}

export function configureAdd(add: Command): void {
  add
    .description('make a token, which is printed once; or give a role to a service account of Kubernetes')
    .argument('<name>', 'who it is for, recorded with what is done; or system:serviceaccount:NAMESPACE:NAME')
    .requiredOption('--role <role>', `${roles.join(', ')}; each of the first four holds the ones before it`)
    .option('--service <name>', 'only for this service; --environment narrows it to one environment')
    .option('--expires <when>', `a date, a time from now on, or never (default: ${defaultExpiry})`)
    .option(
      '--break-glass',
      `for an emergency, with the role operate: each use is told (--expires ${breakGlassExpiry} by default)`,
    )
    .option('--file <file>', 'the token file (default: `tokens` in the state folder)');
}

export async function runTokenAdd(context: TokenContext, input: CommandInput): Promise<CommandResult> {
  const [name = ''] = input.args;
  const isBreakGlass = input.options['breakGlass'] === true;
  const secret = isAccountSubject(name) ? null : makeToken(context.random);
  const expires = input.options['expires'] ?? (isBreakGlass ? breakGlassExpiry : defaultExpiry);
  const token: AccessToken = {
    name: secret === null ? name : requireName(name),
    role: requireRoleName(String(input.options['role'])),
    sha256: secret === null ? null : tokenDigestOf(secret),
    service: scopeName(input.options['service'], '--service'),
    environment: scopeName(input.options['environment'], '--environment'),
    expiresAtMs: expiryOf(String(expires), context.clock.nowMs()),
    ...(isBreakGlass ? { isBreakGlass } : {}),
  };
  if (isBreakGlass && (secret === null || token.role !== 'operate')) {
    throw invalid('--break-glass is for a token with the role operate, and for no service account');
  }
  const tokens = await context.accessTokens(fileOf(input));
  await tokens.add(token);
  context.terminal.note(`${name} may ${accessText(token)}; ${expiryText(token, context.clock.nowMs())}`);
  const { sha256: _digest, ...shown } = token;
  if (secret === null) {
    return {
      exit: 0,
      json: shown,
      text: `it is in ${tokens.place}; a control plane with --platform kubernetes takes its tokens`,
    };
  }
  context.terminal.note(`its digest is in ${tokens.place}; the token itself is shown only this once`);
  if (isBreakGlass)
    context.terminal.note('seal it away from this machine; after a use revoke it, and make another one');
  return { exit: 0, json: { ...shown, token: secret }, text: secret };
}

export function fileOf({ options }: CommandInput): string | undefined {
  return typeof options['file'] === 'string' ? options['file'] : undefined;
}

function requireName(name: string): string {
  if (isTokenName(name)) return name;
  if (name.startsWith('system:')) throw invalid(`${JSON.stringify(name)} is not system:serviceaccount:NAMESPACE:NAME`);
  throw invalid(`the name ${JSON.stringify(name)} must be 1 to 100 letters, digits, dots, hyphens, underscores or @`);
}

function requireRoleName(text: string): Role {
  const role = roles.find((each) => each === text);
  if (role !== undefined) return role;
  const meant = nearest(text, roles);
  throw invalid(`there is no role ${text}${meant === null ? '' : `; did you mean ${meant}?`}`);
}

/** The same characters as in names of services and environments: the file separates its fields by spaces. */
function scopeName(value: unknown, option: string): string | null {
  if (value === undefined) return null;
  if (typeof value === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(value)) return value;
  throw invalid(`${option} ${String(value)} is no name of a ${option.slice(2)}`);
}

function expiryOf(text: string, nowMs: number): number | null {
  if (text === 'never') return null;
  const expiresAtMs = parseUntil(text, nowMs);
  if (expiresAtMs === null) throw invalid(`--expires ${text} is no date; write 2027-01-31, 90d or never`);
  if (expiresAtMs <= nowMs) throw invalid(`--expires ${text} is over already`);
  return expiresAtMs;
}

function invalid(message: string): PlimsollError {
  return new PlimsollError({
    code: 'token-invalid',
    category: 'input',
    message,
    next: nextStep(cliSteps, 'token-invalid'),
  });
}
