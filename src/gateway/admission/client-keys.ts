import { hash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { PlimsollError } from '../../core/units/errors.ts';
import type { RefusalCode } from './refusal.ts';

interface ClientKey {
  readonly name: string;
  readonly sha256: Uint8Array;
  /** `SERVICE`, `SERVICE/ENVIRONMENT`; null for all services. */
  readonly service: string | null;
}

export type FoundKey = { readonly name: string } | { readonly refused: RefusalCode };

/** The keys of one service. */
export interface ServiceKeys {
  /** The name of the key, or why there is none. Looks at every key, so that the time taken does not tell which one came close. */
  find(authorization: string | undefined): FoundKey;
}

const line =
  /^([A-Za-z0-9._-]{1,64})\s+(?:sha256:)?([0-9a-f]{64})(?:\s+([A-Za-z0-9._-]{1,200}(?:\/[A-Za-z0-9._-]{1,200})?))?$/;
const bearer = /^Bearer +([\x21-\x7e]{1,1024})$/i;

/**
 * Reads a file of client keys: one `NAME SHA256` a line, the digest being that of the key's bytes; `#` starts a comment. A
 * third word, `SERVICE` or `SERVICE/ENVIRONMENT`, is the only service that the key opens; a key may stand on several lines.
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
        message: `${file}:${index + 1}: expected a name and the sha256 of its key in 64 lowercase hexadecimal digits; a third word is the service that it opens`,
        next: "printf %s KEY | sha256sum gives a key's digest",
      });
    }
    const [, name = '', sha256 = '', service = null] = match;
    keys.push({ name, sha256: Buffer.from(sha256, 'hex'), service });
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

  /** The keys that open one service: its own, and those of all services. */
  of(service: string, environment: string): ServiceKeys {
    const names = new Set([null, service, `${service}/${environment}`]);
    let all = this.#keys;
    let own = keysOf(all, names);
    return {
      find: (authorization) => {
        if (all !== this.#keys) {
          all = this.#keys;
          own = keysOf(all, names);
        }
        return findKey(own, authorization);
      },
    };
  }

  /** As `find` of one service, by the keys that open all services. */
  find(authorization: string | undefined): FoundKey {
    return findKey(keysOf(this.#keys, new Set([null])), authorization);
  }
}

function keysOf(keys: readonly ClientKey[], services: ReadonlySet<string | null>): readonly ClientKey[] {
  return keys.filter(({ service }) => services.has(service));
}

function findKey(keys: readonly ClientKey[], authorization: string | undefined): FoundKey {
  const presented = authorization === undefined ? null : bearer.exec(authorization);
  if (presented === null) return { refused: 'key-missing' };
  const digest = hash('sha256', presented[1] as string, 'buffer');
  let found: FoundKey = { refused: 'key-unknown' };
  for (const key of keys) if (timingSafeEqual(digest, key.sha256)) found = key;
  return found;
}

/** Why somebody is not told what a key opens; null where keys are not asked for, or the key is known. */
export function keyProblem(
  keys: Pick<ServiceKeys, 'find'> | null,
  authorization: string | undefined,
): RefusalCode | null {
  const found = keys?.find(authorization);
  return found !== undefined && 'refused' in found ? found.refused : null;
}

async function versionOf(file: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(file);
  return `${mtimeMs} ${size} ${ino}`;
}
