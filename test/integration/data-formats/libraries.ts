import path from 'node:path';
import { findPythonEnvironment, installPythonEnvironment, type PythonEnvironment } from '../python-environment.ts';

/** numpy and pyarrow, about 70 MB. */
const requirements = path.join(import.meta.dirname, 'requirements.txt');

export const findDataLibraries = (): PythonEnvironment => findPythonEnvironment('data-libraries', requirements);
export const installDataLibraries = (say: (line: string) => void): PythonEnvironment =>
  installPythonEnvironment('data-libraries', requirements, say);
