/** Makes ready what ci-examples.test.ts lints with: `node scripts/bootstrap.mjs test/peers/install/ci-linters.ts`. */
import { installCiLinters } from '../ci-linters.ts';

if (!installCiLinters((line) => console.error(line))) process.exitCode = 3;
