import type { $ZodIssue } from 'zod/v4/core';
import type { Lock } from '../../core/evidence/lock/lock.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { findJsonExcess } from '../source/bounded-json.ts';
import { lockSchema, lockVersion } from './lock-schema.ts';
import { decodeText } from '../source/source-text.ts';

/** Golden evidence holds digests and counts, no outputs, so that a lock of this size is not one of ours. */
const mostBytes = 4 * 1024 * 1024;
/** 10,000 code files and the facts of images and models take a fifth of these values; nothing that is written nests as deep. */
const lockBounds = { depth: 64, values: 100_000 } as const;

/**
 * `plimsoll.lock` as text: keys sorted, two spaces, one fact a line, a newline at the end. The same lock gives the same
 * bytes on every machine, so that a diff shows what moved and nothing else.
 */
export function lockText(lock: Lock): string {
  return `${JSON.stringify(sorted(lock), null, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  // Object.fromEntries defines members instead of assigning them, so that a key `__proto__` stays a key.
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]));
}

/** @throws PlimsollError `lock-invalid` (input) that says which line or which key, and what to run. */
export function readLock(bytes: Uint8Array, file: string): Lock {
  const decoded = decodeText(bytes, mostBytes);
  if (!decoded.ok) throw lockInvalid(`${file}:${decoded.line}: ${decoded.message}`, { line: decoded.line });
  const { text } = decoded;
  const conflict = conflictLine(text);
  if (conflict !== null) {
    const next = 'take either side of the conflict (git checkout --ours plimsoll.lock), then plimsoll pin';
    throw lockInvalid(`${file}:${conflict}: a merge conflict is left in the lock`, { next, line: conflict });
  }
  const excess = findJsonExcess(text, lockBounds);
  if (excess !== null) {
    const { message, line, column } = excess;
    throw lockInvalid(`${file}:${line}:${column}: ${message}, which no lock of Plimsoll holds`, { line });
  }
  const value = parseJson(text, file);
  const version = versionOf(value);
  if (version !== lockVersion) throw wrongVersion(version, file);
  const result = lockSchema.safeParse(value, { jitless: true });
  if (!result.success) throw lockInvalid(`${file}: ${result.error.issues.slice(0, 5).map(sentence).join('; ')}`);
  refuseDuplicates(text, result.data, file);
  return result.data;
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw lockInvalid(`${file} is not JSON: ${text.trim() === '' ? 'it is empty' : reason}`, { cause });
  }
}

function conflictLine(text: string): number | null {
  const found = /^(<{7}|={7}|>{7}|\|{7})( |\r?$)/m.exec(text);
  return found === null ? null : text.slice(0, found.index).split('\n').length;
}

function versionOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'lockVersion' in value ? value.lockVersion : undefined;
}

function wrongVersion(version: unknown, file: string): PlimsollError {
  if (version === undefined) return lockInvalid(`${file} has no lockVersion, so that it is no lock of Plimsoll`);
  const newer = typeof version === 'number' && version > lockVersion;
  const next = newer ? 'install the version of Plimsoll that wrote it, or newer' : 'plimsoll pin --force';
  return lockInvalid(`${file} has lockVersion ${JSON.stringify(version)}; this version reads ${lockVersion}`, { next });
}

/** JSON keeps the last of two equal keys, so a merge could drop a fact unseen; only the program writes locks, so count. */
function refuseDuplicates(text: string, lock: Lock, file: string): void {
  if (keyCount(text) === keyCount(lockText(lock))) return;
  throw lockInvalid(`${file} holds a key twice, or was written by hand`);
}

const keyCount = (text: string): number => text.match(/"(?:[^"\\]|\\.)*"\s*:/g)?.length ?? 0;

function sentence(issue: $ZodIssue): string {
  const path = issue.path.map(String).join('.');
  return `${path === '' ? 'the file' : `\`${path}\``}: ${issue.message}`;
}

interface LockFacts {
  readonly next?: string;
  readonly line?: number;
  readonly cause?: unknown;
}

function lockInvalid(message: string, { next = 'plimsoll pin --force', line, cause }: LockFacts = {}): PlimsollError {
  const details = line === undefined ? {} : { line };
  return new PlimsollError({ code: 'lock-invalid', category: 'input', message, next, details, cause });
}
