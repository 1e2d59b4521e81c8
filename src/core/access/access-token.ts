import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Grant } from './requester.ts';
import { roles, type Role } from './role.ts';

/** A token as it is stored: its digest, never the token. Or the grant of a service account, whose tokens a cluster verifies. */
export interface AccessToken extends Grant {
  /** Of a service account its subject, `system:serviceaccount:NAMESPACE:NAME`. */
  readonly name: string;
  /** SHA-256 of the token in 64 lowercase hexadecimal digits; null for a service account. */
  readonly sha256: string | null;
  /** Null: it does not expire. */
  readonly expiresAtMs: number | null;
  /** Kept sealed for an emergency: each use is told. */
  readonly isBreakGlass?: true;
}

export interface TokenFileProblem {
  /** From 1. */
  readonly line: number;
  readonly problem: string;
}

export interface TokenFile {
  readonly tokens: readonly AccessToken[];
  readonly problems: readonly TokenFileProblem[];
}

const linePattern = /^(\S+)\s+(\S+)\s+([0-9a-f]{64}|service-account)((?:\s+\S+)*)$/;
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$/;
/** RFC 1123: a label, and a subdomain. */
const subjectPattern =
  /^system:serviceaccount:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
/** Stands in a line in the place of a digest. */
const byCluster = 'service-account';
/** A setting of a line. */
const breakGlass = 'break-glass';
export const tokensAtMost = 1_000;

/** Roles of the first token files, which had two. */
const earlierRoles: Readonly<Record<string, Role>> = { viewer: 'view', operator: 'operate' };

export function isTokenName(text: string): boolean {
  return namePattern.test(text);
}

/** Whether a text is the subject of a service account, as Kubernetes writes it. At most 200 characters, as whoever is recorded. */
export function isAccountSubject(text: string): boolean {
  return text.length <= 200 && subjectPattern.test(text);
}

/** Whether it looks like a JWT: of a service account, or of an identity provider. Tokens of `makeToken` are none. */
export function isJwt(token: string): boolean {
  return /^ey[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}

export function tokenDigestOf(token: string): string {
  return bytesToHex(sha256(utf8ToBytes(token)));
}

/**
 * A new token of 256 random bits, with a start by which a scanner of leaked secrets knows it.
 * @param random a source that nobody can guess.
 */
export function makeToken(random: { hex(bytes: number): string }): string {
  return `plm_${random.hex(32)}`;
}

/**
 * Parses lines `NAME ROLE SHA256 [service=NAME] [environment=NAME] [expires=TIME] [break-glass]`, and the same with the
 * subject of a service account and the word `service-account` for its digest. Blank lines and lines that begin with # are left
 * out. A line that is wrong gives a problem and no token; the other lines hold.
 */
export function parseTokenFile(text: string): TokenFile {
  const tokens: AccessToken[] = [];
  const problems: TokenFileProblem[] = [];
  text.split('\n').forEach((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const parsed = tokens.length < tokensAtMost ? parseLine(line) : `more than ${tokensAtMost} tokens`;
    if (typeof parsed === 'string') problems.push({ line: index + 1, problem: parsed });
    else tokens.push(parsed);
  });
  return { tokens, problems };
}

/** The line that `parseTokenFile` reads back to the same token. */
export function formatTokenLine(token: AccessToken): string {
  return [
    token.name,
    token.role,
    token.sha256 ?? byCluster,
    ...(token.service === null ? [] : [`service=${token.service}`]),
    ...(token.environment === null ? [] : [`environment=${token.environment}`]),
    ...(token.expiresAtMs === null ? [] : [`expires=${new Date(token.expiresAtMs).toISOString()}`]),
    ...(token.isBreakGlass === true ? [breakGlass] : []),
  ].join(' ');
}

export function isExpired({ expiresAtMs }: Pick<AccessToken, 'expiresAtMs'>, nowMs: number): boolean {
  return expiresAtMs !== null && expiresAtMs <= nowMs;
}

function parseLine(line: string): AccessToken | string {
  const [, name, roleText, digest, rest] = linePattern.exec(line) ?? [];
  if (name === undefined || roleText === undefined || digest === undefined) {
    return 'expected NAME ROLE SHA256 [service=NAME] [environment=NAME] [expires=TIME] [break-glass]';
  }
  const sha256 = digest === byCluster ? null : digest;
  if (sha256 === null ? !isAccountSubject(name) : !isTokenName(name))
    return `${name.slice(0, 80)} ${wrongName(sha256)}`;
  const role = earlierRoles[roleText] ?? roles.find((each) => each === roleText);
  if (role === undefined) return `the role must be ${roles.join(', ')}, not ${roleText.slice(0, 50)}`;
  const settings = parseSettings(rest ?? '');
  return typeof settings === 'string' ? settings : { name, role, sha256, ...settings };
}

const wrongName = (sha256: string | null): string =>
  sha256 === null
    ? `is not of the form system:serviceaccount:NAMESPACE:NAME, as \`${byCluster}\` needs it`
    : 'is no name of a token: 1 to 100 letters, digits, dots, hyphens, underscores or @';

const settingForms = `service=NAME, environment=NAME, expires=2027-01-31T00:00:00Z or ${breakGlass}`;
type Settings = Pick<AccessToken, 'service' | 'environment' | 'expiresAtMs' | 'isBreakGlass'>;

function parseSettings(text: string): Settings | string {
  let isBreakGlass = false;
  let [service, environment, expiresAtMs]: [string | null, string | null, number | null] = [null, null, null];
  for (const word of text.split(/\s+/).filter((each) => each !== '')) {
    const [key, value = ''] = word.split('=', 2);
    if (key === 'service' && value !== '') service = value;
    else if (key === 'environment' && value !== '') environment = value;
    else if (key === 'expires' && isTime(value)) expiresAtMs = Date.parse(value);
    else if (word === breakGlass) isBreakGlass = true;
    else return `${word.slice(0, 80)} is not ${settingForms}`;
  }
  return { service, environment, expiresAtMs, ...(isBreakGlass ? { isBreakGlass } : {}) };
}

/** With a time zone, so that it means the same everywhere. */
function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/.test(text) && Number.isFinite(Date.parse(text));
}
