import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { IdentityProvider, ProviderSignIn } from '../../../../core/access/providers/identity-provider.ts';
import { PlimsollError } from '../../../../core/units/errors.ts';
import { readIdentitiesFile, type WrittenProvider } from '../../../../schemas/access/identities-file.ts';
import { keySetBytesAtMost, readKeySet } from '../../../../schemas/access/key-set.ts';

/**
 * Reads the file of identity providers, and the files of keys that it names.
 * @param watch told which files of keys it names, before they are read.
 * @throws PlimsollError `identities-unreadable`, `identities-invalid`, `key-set-invalid` (input).
 */
export type ReadIdentities = (file: string, watch: (others: readonly string[]) => void) => readonly IdentityProvider[];

export const readIdentities: ReadIdentities = (file, watch) => {
  const written = readWritten(file);
  watch(written.flatMap(({ keys }) => (keys.kind === 'file' ? [keys.file] : [])));
  return written.map(withKeys);
};

function readWritten(file: string): readonly WrittenProvider[] {
  const folder = path.dirname(file);
  const resolve = (named: string): string => path.resolve(folder, named);
  return readIdentitiesFile(readBytes(file), file).map(({ keys, signIn, ...provider }) => ({
    ...provider,
    keys: keys.kind === 'file' ? { kind: 'file', file: resolve(keys.file) } : keys,
    ...(signIn === undefined ? {} : { signIn: withSecret(signIn, resolve) }),
  }));
}

const withSecret = (signIn: ProviderSignIn, resolve: (file: string) => string): ProviderSignIn => ({
  ...signIn,
  // As browsers write it, so that what they are sent to is compared with it.
  page: new URL(signIn.page).href,
  secretFile: signIn.secretFile === null ? null : resolve(signIn.secretFile),
});

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
      next: 'name a file that this user may read; docs/security.md has examples of identity providers',
      cause,
    });
  }
}
