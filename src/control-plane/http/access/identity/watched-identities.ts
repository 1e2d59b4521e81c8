import type { IdentityProvider } from '../../../../core/access/providers/identity-provider.ts';
import { asPlimsollError } from '../../../../core/units/errors.ts';
import type { ReadIdentities } from './read-identities.ts';
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
  readonly #read: ReadIdentities;
  readonly #log: TokenFileLog;
  readonly #monotonicMs: () => number;
  #providers: readonly IdentityProvider[] = [];
  #keyFiles: readonly string[] = [];
  #versions = '';
  #lookedMs = -Infinity;
  #isStale = false;

  /** @param read is given, so that a control plane without such a file loads no reader of YAML. */
  constructor(file: string, read: ReadIdentities, log: TokenFileLog, monotonicMs: () => number) {
    this.#file = file;
    this.#read = read;
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

  /** Versions are taken before a file is read: what changes meanwhile is read again. */
  #look(): void {
    const own = versionOf(this.#file);
    const versions = versionsOf(own, this.#keyFiles);
    if (versions === this.#versions) return;
    this.#versions = versions;
    const watch = (keyFiles: readonly string[]): void => {
      this.#keyFiles = keyFiles;
      this.#versions = versionsOf(own, keyFiles);
    };
    try {
      if (own === 'missing') watch([]);
      this.#providers = own === 'missing' ? [] : this.#read(this.#file, watch);
      this.#isStale = false;
      this.#log.info(
        { file: this.#file, providers: this.#providers.length },
        'the file of identity providers was read',
      );
    } catch (thrown) {
      this.#isStale = true;
      const { message } = asPlimsollError(thrown);
      this.#log.warn(
        { file: this.#file, message },
        'the file of identity providers cannot be used; the one before stays',
      );
    }
  }
}

const versionsOf = (own: string, keyFiles: readonly string[]): string => [own, ...keyFiles.map(versionOf)].join('\n');
