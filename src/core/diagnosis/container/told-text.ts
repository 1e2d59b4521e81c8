import { visibleLine, visiblePlain } from '../../units/visible-text.ts';

/** Linux cuts names of threads at 15 bytes; names of disks have as many. */
export const nameAtMost = 64;
/** Of a reason: a path and a word. */
export const reasonAtMost = 200;

/**
 * Returns a text that a replica tells, for people to read: in one line, cut, with its control characters shown. A text without them that is
 * short enough stays as it is.
 */
export const readText = (text: string | null, charactersAtMost: number): string =>
  visiblePlain(visibleLine((text ?? '').slice(0, charactersAtMost))).slice(0, charactersAtMost * 2);
