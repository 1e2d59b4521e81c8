import { nameOf } from '../../../image/image-path.ts';

/** Whether a library is one that `hardware.libraries` names: the name is part of its file's name. */
export const isNamed = (path: string, names: readonly string[]): boolean =>
  names.some((name) => nameOf(path).includes(name));
