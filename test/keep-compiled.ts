import path from 'node:path';

/**
 * Lets Python and Node keep what they compile, in this process and in all that it starts. Measured in processor time:
 *
 * - Containers often set the variable that forbids Python to. Then each start of a peer compiles its thousands of modules
 *   again: an import of scikit-learn and statsmodels takes 13 s in place of 3 s.
 * - Node keeps nothing by itself. A test's own program of 150 TypeScript files takes 1.3 s to start in place of 0.6 s.
 */
export function keepCompiled(cacheFolder: string): void {
  delete process.env['PYTHONDONTWRITEBYTECODE'];
  process.env['NODE_COMPILE_CACHE'] ??= path.join(cacheFolder, 'plimsoll-compiled');
}
