/**
 * Makes the libraries that model-files.test.ts compares with ready: `node scripts/bootstrap.mjs test/integration/install-model-libraries.ts`.
 * The test is skipped without them.
 */
import { installModelLibraries } from './model-files/libraries.ts';

const result = installModelLibraries((line) => console.error(line));
if (result.kind === 'missing') {
  console.error(`the model libraries are missing: ${result.why}`);
  process.exitCode = 3;
}
