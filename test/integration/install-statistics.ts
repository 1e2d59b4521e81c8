/**
 * Makes the libraries that statistics.test.ts compares with ready: `node scripts/bootstrap.mjs test/integration/install-statistics.ts`.
 * The test is skipped without them.
 */
import { installStatisticsLibraries } from './statistics/libraries.ts';

const result = installStatisticsLibraries((line) => console.error(line));
if (result.kind === 'missing') {
  console.error(`the statistics libraries are missing: ${result.why}`);
  process.exitCode = 3;
}
