import path from 'node:path';
import { findPythonEnvironment, installPythonEnvironment, type PythonEnvironment } from '../python-environment.ts';

/** Schemathesis of PyPI: it makes requests out of an OpenAPI document, right ones and wrong ones. */
const requirements = [path.join(import.meta.dirname, 'requirements.txt')];

export const findSchemathesis = (): PythonEnvironment => findPythonEnvironment('schemathesis', requirements);
export const installSchemathesis = (say: (line: string) => void): PythonEnvironment =>
  installPythonEnvironment('schemathesis', requirements, say);
