import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { PlimsollError } from '../../core/units/errors.ts';

const referencePattern = /^secret\/([A-Za-z0-9][A-Za-z0-9._-]*)#([A-Za-z0-9][A-Za-z0-9._-]*)$/;

/**
 * `secret/NAME#KEY` names the file `secrets/NAME/KEY` of the state folder or, when there is none, the variable
 * `PLIMSOLL_SECRET_NAME_KEY` of the process that starts replicas. One line break at the end of the file is not part of it.
 * @throws PlimsollError `secret-reference` (input), `secret-missing` (unavailable); neither holds a value.
 */
export async function resolveSecret(
  reference: string,
  stateFolder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const [, name, key] = referencePattern.exec(reference) ?? [];
  if (name === undefined || key === undefined) {
    throw new PlimsollError({
      code: 'secret-reference',
      category: 'input',
      message: `the secret reference \`${reference}\` is not of the form secret/NAME#KEY`,
      next: 'plimsoll explain code.secrets',
    });
  }
  const file = path.join(stateFolder, 'secrets', name, key);
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (thrown) {
    const variable = `PLIMSOLL_SECRET_${name}_${key}`.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_');
    const value = environment[variable];
    if (value !== undefined) return value;
    throw new PlimsollError({
      code: 'secret-missing',
      category: 'unavailable',
      message: `the secret ${reference} is in neither ${file} nor the variable ${variable}`,
      next: `put it into ${file} (mode 600)`,
      cause: thrown,
    });
  }
}
