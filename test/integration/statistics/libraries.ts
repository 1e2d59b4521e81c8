import path from 'node:path';
import { findPythonEnvironment, installPythonEnvironment, type PythonEnvironment } from '../python-environment.ts';

/** numpy, scipy, statsmodels and scikit-learn, about 400 MB. */
const requirements = path.join(import.meta.dirname, 'requirements.txt');

export const findStatisticsLibraries = (): PythonEnvironment => findPythonEnvironment('statistics', requirements);
export const installStatisticsLibraries = (say: (line: string) => void): PythonEnvironment =>
  installPythonEnvironment('statistics', requirements, say);
