import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { IdentityProvider } from '../../../../core/access/providers/identity-provider.ts';
import { asPlimsollError, PlimsollError } from '../../../../core/units/errors.ts';
import { readIdentitiesFile, type WrittenProvider } from '../../../../schemas/access/identities-file.ts';
import { keySetBytesAtMost, readKeySet } from '../../../../schemas/access/key-set.ts';
import { lookEveryMs, versionOf, type TokenFileLog } from '../watched-token-file.ts';

/**
 * The identity providers of a file, read again when the file changes, or a file of keys that it names.
 *
 * | the file | providers |
 * |---|---|
 * | can be read, with its files of keys | what it says |
 * | is wrong, or a file of keys is wrong or not there | what it said before; a log line and a metric say so |
 * | is gone | none: who takes the file away takes its rights away |
 */
export class WatchedIdentities {
  readonly #file: string;
  readonly #log: TokenFileLog;
  readonly #monotonicMs: () => number;
  #providers: readonly IdentityProvider[] = [];
  #watched: readonly string[];
  #version = '';
  #lookedMs = -Infinity;
  #isStale = false;

  constructor(file: string, log: TokenFileLog, monotonicMs: () => number) {
    this.#file = file;
    this.#watched = [file];
    this.#log = log;
    this.#monotonicMs = monotonicMs;
  }

  providers(): readonly IdentityProvider[] {
    const nowMs = this.#monotonicMs();
    if (nowMs - this.#lookedMs >= lookEveryMs) {
      this.#lookedMs = nowMs;
      this.#look();
    }
    return this.#providers;
  }

  /** Whether what counts is older than the file, which cannot be used. */
  get isStale(): boolean {
    return this.#isStale;
  }

  #look(): void {
    if (this.#versions() === this.#version) return;
    try {
      const written = versionOf(this.#file) === 'missing' ? [] : readWritten(this.#file);
      this.#watched = [this.#file, ...written.flatMap(({ keys }) => (keys.kind === 'file' ? [keys.file] : []))];
      // Taken before the keys are read: what changes meanwhile is read again.
      this.#version = this.#versions();
      this.#providers = written.map(withKeys);
      this.#isStale = false;
      this.#log.info(
        { file: this.#file, providers: this.#providers.length },
        'the file of identity providers was read',
      );
    } catch (thrown) {
      this.#version = this.#versions();
      this.#isStale = true;
      const { message } = asPlimsollError(thrown);
      this.#log.warn(
        { file: this.#file, message },
        'the file of identity providers cannot be used; the one before stays',
      );
    }
  }

  #versions(): string {
    return this.#watched.map(versionOf).join('\n');
  }
}

/**
 * Reads the file as a control plane does at its start.
 * @throws PlimsollError `identities-unreadable`, `identities-invalid`, `key-set-invalid` (input).
 */
export function requireIdentities(file: string): void {
  for (const provider of readWritten(file)) withKeys(provider);
}

function readWritten(file: string): readonly WrittenProvider[] {
  const folder = path.dirname(file);
  return readIdentitiesFile(readBytes(file), file).map((provider) =>
    provider.keys.kind === 'file'
      ? { ...provider, keys: { kind: 'file', file: path.resolve(folder, provider.keys.file) } }
      : provider,
  );
}

function withKeys({ keys, ...provider }: WrittenProvider): IdentityProvider {
  if (keys.kind !== 'file') return { ...provider, keys };
  const bytes = readBytes(keys.file).subarray(0, keySetBytesAtMost + 1);
  return { ...provider, keys: { kind: 'set', keys: readKeySet(Buffer.from(bytes).toString('utf8'), keys.file) } };
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new PlimsollError({
      code: 'identities-unreadable',
      category: 'input',
      message: `cannot read ${file} (${code})`,
      next: `ls -l ${file}; docs/security.md has examples of identity providers`,
      cause,
    });
  }
}
