import { PlimsollError } from '../core/units/errors.ts';

/** Name and namespace of an installation in a cluster. */
export interface InstalledPlace {
  readonly name: string;
  readonly namespace: string;
}

/** With the longest suffix, names of objects stay within the 63 characters of a label. */
const nameBytesAtMost = 40;

/**
 * Both are `plimsoll` where they are not given.
 * @param help the command that explains them.
 * @throws PlimsollError `option-invalid` (input).
 */
export function readInstalledPlace(
  { name = 'plimsoll', namespace = 'plimsoll' }: { readonly name?: string; readonly namespace?: string },
  help: string,
): InstalledPlace {
  // Services begin with a letter: RFC 1035.
  if (!/^[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(name) || name.length > nameBytesAtMost) {
    const expected = `1 to ${nameBytesAtMost} lowercase letters, digits and hyphens, a letter first and no hyphen last`;
    throw invalid('--name', name, expected, help);
  }
  if (!/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(namespace) || namespace.length > 63) {
    const expected = '1 to 63 lowercase letters, digits and hyphens, no hyphen first or last';
    throw invalid('--namespace', namespace, expected, help);
  }
  return { name, namespace };
}

const invalid = (option: string, text: string, expected: string, next: string): PlimsollError =>
  new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `${option} must be ${expected}, not \`${text.slice(0, 200)}\``,
    next,
  });
