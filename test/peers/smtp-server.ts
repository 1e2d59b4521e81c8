import path from 'node:path';
import { findPythonEnvironment, installPythonEnvironment, type PythonEnvironment } from './python-environment.ts';

/** aiosmtpd of PyPI: a server of mail that is not ours. */
const requirements = [path.join(import.meta.dirname, 'smtp/requirements.txt')];
export const smtpServer = path.join(import.meta.dirname, 'smtp/server.py');

export const findSmtpServer = (): PythonEnvironment => findPythonEnvironment('smtp', requirements);
export const installSmtpServer = (say: (line: string) => void): PythonEnvironment =>
  installPythonEnvironment('smtp', requirements, say);
