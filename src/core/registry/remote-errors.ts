import { PlimsollError } from '../units/errors.ts';

/** What registries of models do wrong, in the same words whichever it is. */
export function remoteUnreachable(location: string, why: string, attempts: number, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'remote-unreachable',
    category: 'unavailable',
    message: `${location} is out of reach after ${attempts === 1 ? '1 attempt' : `${attempts} attempts`}: ${why}`,
    next: 'see that it runs and can be reached from here, then run the command again; what was stored is used again',
    details: { location },
    cause,
  });
}

export function remoteRefused(location: string, why: string, next: string): PlimsollError {
  return new PlimsollError({
    code: 'remote-refused',
    category: 'unauthorized',
    message: `${location} does not let us in: ${why}`,
    next,
    details: { location },
  });
}

export function remoteAnswer(location: string, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'remote-answer',
    category: 'unavailable',
    message: `${location} answers what its protocol does not have: ${why}`,
    next: 'see that the address is that of the registry itself, and not of a page or a proxy before it',
    details: { location },
    cause,
  });
}

export function remoteModelUnknown(location: string, name: string): PlimsollError {
  return new PlimsollError({
    code: 'remote-model-unknown',
    category: 'not-found',
    message: `${location} has no model \`${name.slice(0, 200)}\``,
    next: 'check the name; capital letters count',
    details: { location, name: name.slice(0, 200) },
  });
}

export function remoteBucketUnknown(location: string): PlimsollError {
  return new PlimsollError({
    code: 'remote-model-unknown',
    category: 'not-found',
    message: `there is no bucket of this name: ${location}`,
    next: 'make the bucket, or name another one; AWS_ENDPOINT_URL and AWS_REGION say where it is looked for',
    details: { location },
  });
}

export function remoteVersionUnknown(location: string, name: string, version: string): PlimsollError {
  return new PlimsollError({
    code: 'remote-version-unknown',
    category: 'not-found',
    message: `${name} in ${location} has no version \`${version.slice(0, 200)}\``,
    next: 'check the version or the alias; capital letters count',
    details: { location, name, version: version.slice(0, 200) },
  });
}

export function remoteChanged(location: string, path: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'remote-changed',
    category: 'conflict',
    message: `${path} in ${location} became another file while it was read: ${why}; nothing was recorded`,
    next: 'run the command again when nobody writes there',
    details: { location, path },
  });
}

export function remoteSourceUnreadable(location: string, why: string, next: string): PlimsollError {
  return new PlimsollError({
    code: 'remote-source-unreadable',
    category: 'input',
    message: `the files of ${location} cannot be read: ${why}`,
    next,
    details: { location },
  });
}

export function remoteTooLarge(location: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'remote-too-large',
    category: 'input',
    message: `${location} does not look like a model: it has ${why}`,
    next: 'name the folder that holds just the model',
    details: { location },
  });
}

/** Most files of one version, as `model add` of a folder has it. */
export const remoteFilesAtMost = 10_000;

/**
 * A path that a registry names becomes a name in a version and, on replicas, in a folder.
 * @throws PlimsollError `remote-path-unsafe` (input) for one that is absolute, leaves its folder, or holds control characters.
 */
export function requireSafePath(location: string, path: string): string {
  const parts = path.split('/');
  const isSafe =
    path.length <= 500 &&
    parts.every((part) => part !== '' && part !== '.' && part !== '..') &&
    !/[\\\u0000-\u001f\u007f]/.test(path);
  if (isSafe) return path;
  throw new PlimsollError({
    code: 'remote-path-unsafe',
    category: 'input',
    message: `${location} names a file ${JSON.stringify(path.slice(0, 200))}, which is no plain relative path`,
    next: 'ask whoever made this version how that file came into it',
    details: { location },
  });
}
