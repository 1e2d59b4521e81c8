/**
 * Makes the libraries that data-formats.test.ts compares with ready: `node scripts/bootstrap.mjs test/integration/install-data-libraries.ts`.
 * The test is skipped without them.
 */
import { installDataLibraries } from './data-formats/libraries.ts';

const result = installDataLibraries((line) => console.error(line));
if (result.kind === 'missing') {
  console.error(`the data libraries are missing: ${result.why}`);
  process.exitCode = 3;
}
