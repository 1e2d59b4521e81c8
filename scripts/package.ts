/**
 * Builds `dist` anew and packs it as npm would publish it: `npm run package [-- FOLDER]`. Packages run no script of their own
 * here (`ignore-scripts` in .npmrc), `prepack` included, so that a plain `npm pack` would take whatever `dist` holds.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const destination = path.resolve(process.argv[2] ?? '.');

execFileSync(process.execPath, [path.join(root, 'scripts/build.ts')], { cwd: root, stdio: 'inherit' });
execFileSync('npm', ['pack', '--pack-destination', destination], { cwd: root, stdio: 'inherit' });
