import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { SecretGrant } from '../../core/contract/secrets/secret-grant.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Secrets, StoredSecret } from '../../ports/access/secrets.ts';
import type { SecretsToImport } from '../../ports/access/import-secrets.ts';
import type { WriteDurably } from '../../ports/process/write-durably.ts';
import { beginFile, makeFileSecrets, secretFile } from './file-secrets.ts';

/**
 * The secrets of one state folder on their way into another one. A secret that both have must hold the same: whoever is
 * granted it there would else be given another value, or another key of it.
 */
export function makeSecretsToImport(from: string, into: string, writeDurably: WriteDurably): SecretsToImport {
  const [theirs, ours] = [makeFileSecrets(from, writeDurably), makeFileSecrets(into, writeDurably)];
  const refuseOther = async (): Promise<void> => {
    const here = new Map((await ours.list()).map((secret) => [secret.name, secret]));
    for (const secret of await theirs.list()) {
      const present = here.get(secret.name);
      if (present !== undefined && !(await isSame(from, into, secret, present)))
        throw secretDiffers(secret, from, into);
    }
  };
  return {
    refuseOther,
    async copy() {
      await refuseOther();
      for (const { name, keys, grants, from: place } of await theirs.list()) {
        for (const key of keys) await copyValue(from, into, ours, name, key);
        if (place !== undefined) await ours.setFrom(name, place);
        // Last, so that a secret which is granted is whole.
        for (const grant of grants ?? []) await ours.grant(name, grant);
      }
    },
    granted: {
      list: () => theirs.list(),
      grant: (name: string, grant: SecretGrant) => ours.grant(name, grant),
      beginGrants: () => Promise.resolve(existsSync(beginFile(from))),
    },
  };
}

async function copyValue(from: string, into: string, ours: Secrets, name: string, key: string): Promise<void> {
  const target = secretFile(into, name, key);
  if (!existsSync(target)) await ours.set(name, key, await readFile(secretFile(from, name, key), 'utf8'));
}

/** One that nobody was granted may lack keys: a copy of it was cut short. */
async function isSame(from: string, into: string, theirs: StoredSecret, ours: StoredSecret): Promise<boolean> {
  if (ours.from !== theirs.from && ours.grants !== null) return false;
  if (ours.keys.some((key) => !theirs.keys.includes(key))) return false;
  if (ours.grants !== null && ours.keys.length !== theirs.keys.length) return false;
  for (const key of ours.keys) {
    const [a, b] = await Promise.all([from, into].map((folder) => valueOf(folder, theirs.name, key)));
    if (a !== b) return false;
  }
  return true;
}

/** One line break at the end is not part of it. */
async function valueOf(folder: string, name: string, key: string): Promise<string> {
  return (await readFile(secretFile(folder, name, key), 'utf8')).replace(/\r?\n$/, '');
}

function secretDiffers({ name }: StoredSecret, from: string, into: string): PlimsollError {
  return new PlimsollError({
    code: 'secret-differs',
    category: 'conflict',
    message: `the secret ${name} of ${from} holds other keys or values than the secret ${name} of ${into}; nothing was imported`,
    next: nextStep(adapterSteps, 'secret-differs'),
    details: { secret: name, from, into },
  });
}
