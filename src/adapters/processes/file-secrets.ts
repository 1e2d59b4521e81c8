import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { grantText, isSecretName, type SecretGrant } from '../../core/contract/secrets/secret-grant.ts';
import type { Secrets, StoredSecret } from '../../ports/access/secrets.ts';
import { ownerOnly, type WriteDurably } from '../../ports/process/write-durably.ts';
import { addGrantLine, readSecretGrants, removeGrantLines } from '../../schemas/secret-grants.ts';

export const secretsFolder = (stateFolder: string): string => path.join(stateFolder, 'secrets');
export const secretFile = (stateFolder: string, name: string, key: string): string =>
  path.join(secretsFolder(stateFolder), name, key);

/** Where values are read instead: `vault://MOUNT/PATH`. */
const fromFile = (stateFolder: string, name: string): string => secretFile(stateFolder, name, '.from');
const grantsFile = (stateFolder: string, name: string): string => secretFile(stateFolder, name, '.granted-to');
/** Says that grants are asked for in this state folder. */
export const beginFile = (stateFolder: string): string => path.join(secretsFolder(stateFolder), '.grants-asked-for');

/** `secrets/NAME/KEY` and `secrets/NAME/.granted-to` in a state folder, for its owner alone. */
export function makeFileSecrets(stateFolder: string, writeDurably: WriteDurably): Secrets {
  const write = async (name: string, file: string, text: string): Promise<void> => {
    const folder = path.join(secretsFolder(stateFolder), name);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // A folder that was made by hand is mended as well.
    for (const each of [secretsFolder(stateFolder), folder]) await chmod(each, 0o700);
    await writeDurably(file, text, { doing: 'writing a secret', mode: ownerOnly });
  };
  return {
    async list() {
      const names = await secretNames(stateFolder);
      return Promise.all(names.map((name) => readStored(stateFolder, name)));
    },
    set: (name, key, value) => write(name, secretFile(stateFolder, name, key), value),
    async setFrom(name, place) {
      if (place === null) await rm(fromFile(stateFolder, name), { force: true });
      else await write(name, fromFile(stateFolder, name), `${place}\n`);
    },
    async grant(name, grant) {
      const text = await textOf(grantsFile(stateFolder, name));
      if (holds(text ?? '', grant, name)) return false;
      await write(name, grantsFile(stateFolder, name), addGrantLine(text ?? '', grant));
      return true;
    },
    async removeGrant(name, grant) {
      const text = await textOf(grantsFile(stateFolder, name));
      if (text === null || !holds(text, grant, name)) return false;
      await write(name, grantsFile(stateFolder, name), removeGrantLines(text, grant));
      return true;
    },
    async beginGrants() {
      const file = beginFile(stateFolder);
      if ((await textOf(file)) !== null) return true;
      await mkdir(secretsFolder(stateFolder), { recursive: true, mode: 0o700 });
      await writeDurably(file, '', { doing: 'beginning grants of secrets', mode: ownerOnly });
      return false;
    },
  };
}

/** Who was granted a secret; null where nobody ever was. @throws PlimsollError `secret-grants-invalid` (input). */
export async function grantsOf(stateFolder: string, name: string): Promise<readonly SecretGrant[] | null> {
  const text = await textOf(grantsFile(stateFolder, name));
  return text === null ? null : readSecretGrants(text, shownGrantsFile(name));
}

/** Where the values of a secret are read from; null where they lie in the state folder. */
export async function placeOfSecret(stateFolder: string, name: string): Promise<string | null> {
  return (await textOf(fromFile(stateFolder, name)))?.trim() ?? null;
}

/** As `grantsOf`, read at once; empty where nobody ever was granted it. */
export function grantsNow(stateFolder: string, name: string): readonly SecretGrant[] {
  const file = grantsFile(stateFolder, name);
  return existsSync(file) ? readSecretGrants(readFileSync(file, 'utf8'), shownGrantsFile(name)) : [];
}

/** Sorted; empty where the state folder has no secrets. */
export async function secretNames(stateFolder: string): Promise<readonly string[]> {
  return (await entriesOf(secretsFolder(stateFolder))).filter(isSecretName);
}

async function readStored(stateFolder: string, name: string): Promise<StoredSecret> {
  const [entries, grants, from] = await Promise.all([
    entriesOf(path.join(secretsFolder(stateFolder), name)),
    grantsOf(stateFolder, name),
    placeOfSecret(stateFolder, name),
  ]);
  const keys = entries.filter((each) => isSecretName(each) && !isUnfinished(each));
  return { name, keys, grants, ...(from === null ? {} : { from }) };
}

/** What a writer that was killed leaves. */
const isUnfinished = (name: string): boolean => /\.[0-9a-f]{12}\.tmp$/.test(name);

const holds = (text: string, grant: SecretGrant, name: string): boolean =>
  readSecretGrants(text, shownGrantsFile(name)).some((each) => grantText(each) === grantText(grant));

const shownGrantsFile = (name: string): string => path.join('secrets', name, '.granted-to');

async function entriesOf(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(absent([]))).sort();
}

const textOf = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(absent(null));

const absent =
  <T>(value: T) =>
  (thrown: NodeJS.ErrnoException): T => {
    if (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR') return value;
    throw thrown;
  };
