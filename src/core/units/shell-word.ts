const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * One word for a POSIX shell, as somebody can paste it: plain words as they are, everything else in single quotes. A word that
 * begins with a dash stays one, so that a path is to be given as `./-name` (`shellPath`).
 */
export function shellWord(text: string): string {
  const without = text.replaceAll('\0', '');
  return plainWord.test(without) ? without : `'${without.replaceAll("'", String.raw`'\''`)}'`;
}

/** A path that no program takes for an option. */
export const shellPath = (path: string): string => shellWord(path.startsWith('-') ? `./${path}` : path);
