import path from 'node:path';
import { findPythonEnvironment, installPythonEnvironment, type PythonEnvironment } from './python-environment.ts';

/** Feast of PyPI: a feature store that is not ours. About 470 MB. */
const requirements = [path.join(import.meta.dirname, 'feast/requirements.txt')];

export const findFeast = (): PythonEnvironment => findPythonEnvironment('feast', requirements);
export const installFeast = (say: (line: string) => void): PythonEnvironment =>
  installPythonEnvironment('feast', requirements, say);
