import { buildSync } from 'esbuild';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../../../node_modules/.cache/plimsoll-programs');

/**
 * One file of plain JavaScript that does what a program of `programs/` does, for tests that start it often: Node.js
 * starts it in a third of the processor time, for it strips no types and resolves no modules.
 * @param program absolute path of its TypeScript source, which does not read `import.meta`
 * @returns absolute path of the file. Each call bundles again, and replaces the file in one step.
 */
export function bundleProgram(program: string): string {
  const built = buildSync({
    entryPoints: [program],
    write: false,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'silent',
    // Packages in CommonJS ask for modules of Node.js by a function that a module of ours does not have.
    banner: { js: 'const require = process.getBuiltinModule;' },
  });
  const name = path.basename(program, '.ts');
  const file = path.join(folder, `${name}.mjs`);
  const fresh = path.join(folder, `${name}-${process.pid}.tmp`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(fresh, built.outputFiles[0]?.contents ?? '');
  renameSync(fresh, file);
  return file;
}
