import path from 'node:path';
import { findPythonEnvironment, installPythonEnvironment, type PythonEnvironment } from '../python-environment.ts';

/** gguf, safetensors and onnx, about 145 MB. */
const requirements = path.join(import.meta.dirname, 'requirements.txt');

export const findModelLibraries = (): PythonEnvironment => findPythonEnvironment('model-libraries', requirements);
export const installModelLibraries = (say: (line: string) => void): PythonEnvironment =>
  installPythonEnvironment('model-libraries', requirements, say);
