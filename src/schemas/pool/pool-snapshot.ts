import type { $ZodIssue } from 'zod/v4/core';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { poolFileSchema, poolSnapshotVersion } from './pool-snapshot-form.ts';
import { poolJson } from './pool-snapshot-json.ts';
import { KindMissing, unpackPool } from './pool-snapshot-read.ts';
import { packPool } from './pool-snapshot-write.ts';
import { decodeText } from '../source/source-text.ts';

/** Ten thousand nodes of eight devices are about a tenth of this. */
export const mostPoolBytes = 128 * 1024 * 1024;

/** `pools/NAME.json` as text: the same facts give the same bytes, sorted, so that a diff shows what moved. */
export const poolSnapshotText = (snapshot: PoolSnapshot): string => poolJson(packPool(snapshot));

/** @throws PlimsollError `pool-invalid` (input) that names the line or the key, and what to run. */
export function readPoolSnapshot(bytes: Uint8Array, file: string): PoolSnapshot {
  const decoded = decodeText(bytes, mostPoolBytes);
  if (!decoded.ok) throw poolInvalid(`${file}:${decoded.line}: ${decoded.message}`);
  const { text } = decoded;
  const conflict = /^(<{7}|={7}|>{7}|\|{7})( |\r?$)/m.exec(text);
  if (conflict !== null) {
    const line = text.slice(0, conflict.index).split('\n').length;
    throw poolInvalid(`${file}:${line}: a merge conflict is left in the file`, `git checkout --ours ${file}`);
  }
  const value = parseJson(text, file);
  requireVersion(value, file);
  if (countKeys(text) !== countMembers(value)) throw poolInvalid(`${file} holds a key twice`);
  const result = poolFileSchema.safeParse(value, { jitless: true });
  if (!result.success) throw poolInvalid(`${file}: ${result.error.issues.slice(0, 5).map(sentence).join('; ')}`);
  try {
    return unpackPool(result.data);
  } catch (thrown) {
    if (thrown instanceof KindMissing) throw poolInvalid(`${file}: ${thrown.message}`);
    throw thrown;
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = text.trim() === '' ? 'it is empty' : cause instanceof Error ? cause.message : String(cause);
    throw poolInvalid(`${file} is not JSON: ${reason}`, undefined, cause);
  }
}

function requireVersion(value: unknown, file: string): void {
  const version =
    typeof value === 'object' && value !== null && 'snapshotVersion' in value ? value.snapshotVersion : undefined;
  if (version === poolSnapshotVersion) return;
  if (version === undefined) throw poolInvalid(`${file} has no snapshotVersion, so that it is no snapshot of a pool`);
  const newer = typeof version === 'number' && version > poolSnapshotVersion;
  throw poolInvalid(
    `${file} has snapshotVersion ${JSON.stringify(version)}; this version reads ${poolSnapshotVersion}`,
    newer ? 'install the version of Plimsoll that wrote it, or newer' : undefined,
  );
}

/** JSON keeps the last of two equal keys, so that a merge could drop a node unseen: count the keys of the text. */
function countKeys(text: string): number {
  const key = /"(?:[^"\\]|\\.)*"(\s*:)?/g;
  let keys = 0;
  for (let match = key.exec(text); match !== null; match = key.exec(text)) if (match[1] !== undefined) keys += 1;
  return keys;
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countMembers(item), 0);
  return Object.values(value).reduce<number>((sum, member) => sum + 1 + countMembers(member), 0);
}

function sentence(issue: $ZodIssue): string {
  const path = issue.path.map(String).join('.');
  return `${path === '' ? 'the file' : `\`${path}\``}: ${issue.message}`;
}

function poolInvalid(message: string, next = 'plimsoll pool snapshot NAME SOURCE... writes it anew', cause?: unknown) {
  return new PlimsollError({ code: 'pool-invalid', category: 'input', message, next, cause });
}
