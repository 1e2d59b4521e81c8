/**
 * Makes the Python libraries ready that statistics.test.ts, model-files.test.ts and data-formats.test.ts compare with:
 * `node scripts/bootstrap.mjs test/peers/install/libraries.ts`. The tests are skipped without them.
 */
import { installPeerLibraries } from '../peer-libraries.ts';

const result = installPeerLibraries((line) => console.error(line));
if (result.kind === 'missing') {
  console.error(`the libraries to compare with are missing: ${result.why}`);
  process.exitCode = 3;
}
