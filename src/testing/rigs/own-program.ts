import path from 'node:path';
import { ownProgramVariable } from './own-program-variable.ts';

/** The file of the command line that a test starts: what the tier built, and the sources where it built none. */
export const ownProgram = process.env[ownProgramVariable] ?? path.resolve(import.meta.dirname, '../../bin/plimsoll.ts');

/** The first words of a process that runs the command line. */
export const ownWords: readonly string[] = [process.execPath, '--disable-warning=ExperimentalWarning', ownProgram];
