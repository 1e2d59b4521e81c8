import { PlimsollError } from './errors.ts';

/** A pipe, a device or a socket where a file was named: reading one may wait for ever. */
export function notRegular(shown: string, folder: boolean): PlimsollError {
  return new PlimsollError({
    code: 'file-not-regular',
    category: 'input',
    message: folder ? `${shown} is a folder, and a file is needed` : `${shown} is neither a file nor a folder`,
    next: folder ? `name one of its files (ls ${shown})` : 'name a file',
  });
}
