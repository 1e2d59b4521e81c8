import path from 'node:path';
import { findPythonEnvironment, installPythonEnvironment, type PythonEnvironment } from './python-environment.ts';

/** One environment for all of them: they pin the same numpy. About 550 MB. */
const requirements = ['statistics', 'model-files', 'data-formats'].map((folder) =>
  path.join(import.meta.dirname, '../integration/models', folder, 'requirements.txt'),
);

export const findPeerLibraries = (): PythonEnvironment => findPythonEnvironment('libraries', requirements);
export const installPeerLibraries = (say: (line: string) => void): PythonEnvironment =>
  installPythonEnvironment('libraries', requirements, say);
