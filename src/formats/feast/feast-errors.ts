import { PlimsollError } from '../../core/units/errors.ts';

/** The bytes are no registry of Feast, or a damaged one. */
export const feastInvalid = (what: string): PlimsollError =>
  new PlimsollError({
    code: 'feast-invalid',
    category: 'input',
    message: `this is not a sound registry file of Feast: ${what}`,
    next: 'name the file that `registry` of feature_store.yaml names, or run `feast apply` again',
  });

/** Feast keeps such a registry in a database: its file form is written by its own Python library. */
export const feastInDatabase = (): PlimsollError =>
  new PlimsollError({
    code: 'feast-invalid',
    category: 'input',
    message: 'this is a SQLite database, and only the file form of a Feast registry is read',
    next: 'write the file form: open("registry.pb", "wb").write(FeatureStore().registry.proto().SerializeToString())',
  });

export const feastVersionUnknown = (version: string, known: string): PlimsollError =>
  new PlimsollError({
    code: 'feast-version-unknown',
    category: 'input',
    message: `the Feast registry has schema version ${version}; this version of Plimsoll reads ${known}`,
    next: 'install a version of Plimsoll that reads it',
  });

const listedAtMost = 20;

/** Names what is there. */
export function feastUnknown(what: string, name: string, known: readonly string[]): PlimsollError {
  const listed = known.slice(0, listedAtMost).join(', ');
  const more = known.length > listedAtMost ? `, and ${known.length - listedAtMost} more` : '';
  return new PlimsollError({
    code: 'feast-unknown',
    category: 'not-found',
    message: `the Feast registry has no ${what} ${name}; it has ${known.length === 0 ? 'none' : `${listed}${more}`}`,
    next: 'run `feast apply`, or correct `features` in the contract',
  });
}

export const feastProjectsSeveral = (projects: readonly string[]): PlimsollError =>
  new PlimsollError({
    code: 'feast-projects-several',
    category: 'input',
    message: `the Feast registry holds ${projects.length} projects: ${projects.slice(0, listedAtMost).join(', ')}`,
    next: 'name one of them by `project` beside `registry` in the contract',
  });
