import path from 'node:path';

export const repositoryFolder = path.resolve(import.meta.dirname, '..', '..', '..');
export const commandLineFile = path.join(repositoryFolder, 'src', 'bin', 'plimsoll.ts');
