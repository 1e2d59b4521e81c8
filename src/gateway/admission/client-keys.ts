import { hash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { PlimsollError } from '../../core/units/errors.ts';
import type { RefusalCode } from './refusal.ts';

interface ClientKey {
  readonly name: string;
  readonly sha256: Uint8Array;
}

const line = /^([A-Za-z0-9._-]{1,64})\s+(?:sha256:)?([0-9a-f]{64})$/;
const bearer = /^Bearer +([\x21-\x7e]{1,1024})$/i;

/**
 * Reads a file of client keys: one `NAME SHA256` a line, the digest being that of the key's bytes; `#` starts a comment.
 * @throws PlimsollError `client-keys-invalid` (input) naming file and line.
 */
export function parseClientKeys(text: string, file: string): readonly ClientKey[] {
  const keys: ClientKey[] = [];
  text.split('\n').forEach((raw, index) => {
    const bare = raw.replace(/#.*/, '').trim();
    if (bare === '') return;
    const match = line.exec(bare);
    if (match === null) {
      throw new PlimsollError({
        code: 'client-keys-invalid',
        category: 'input',
        message: `${file}:${index + 1}: expected a name and the sha256 of its key in 64 lowercase hexadecimal digits`,
        next: "printf %s KEY | sha256sum gives a key's digest",
      });
    }
    keys.push({ name: match[1] as string, sha256: Buffer.from(match[2] as string, 'hex') });
  });
  return keys;
}

/** The keys that clients may present; read again when the file changes. */
export class ClientKeys {
  readonly #file: string;
  #keys: readonly ClientKey[];
  #version: string;

  private constructor(file: string, keys: readonly ClientKey[], version: string) {
    this.#file = file;
    this.#keys = keys;
    this.#version = version;
  }

  static async open(file: string): Promise<ClientKeys> {
    return new ClientKeys(file, parseClientKeys(await readFile(file, 'utf8'), file), await versionOf(file));
  }

  /** True when the keys were read anew. A file that cannot be read or parsed leaves the keys as they were and throws. */
  async reload(): Promise<boolean> {
    const version = await versionOf(this.#file);
    if (version === this.#version) return false;
    this.#keys = parseClientKeys(await readFile(this.#file, 'utf8'), this.#file);
    this.#version = version;
    return true;
  }

  /** Null when the key is known. Looks at every key, so that the time taken does not tell which one came close. */
  check(authorization: string | undefined): RefusalCode | null {
    const presented = authorization === undefined ? null : bearer.exec(authorization);
    if (presented === null) return 'key-missing';
    const digest = hash('sha256', presented[1] as string, 'buffer');
    let known = false;
    for (const key of this.#keys) known = timingSafeEqual(digest, key.sha256) || known;
    return known ? null : 'key-unknown';
  }
}

async function versionOf(file: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(file);
  return `${mtimeMs} ${size} ${ino}`;
}
