/**
 * Fetches what kernel-lists.test.ts compares with, which is skipped without it:
 * `node scripts/bootstrap.mjs test/peers/install/cuda-wheels.ts [--all]`. 500 MB; with `--all` 7 GB.
 */
import { cudaWheels, fetchWheel } from '../cuda-wheels.ts';

const wantsAll = process.argv.includes('--all');
const missing =
  process.platform === 'linux' && process.arch === 'x64'
    ? cudaWheels
        .filter(({ set }) => wantsAll || set === 'usual')
        .map((wheel) => fetchWheel(wheel, (line) => console.error(line)))
        .filter((why) => why !== null)
    : [`these wheels are for Linux on x86-64, and this is ${process.platform} on ${process.arch}`];
if (missing.length > 0) {
  console.error(missing.map((why) => `missing: ${why}`).join('\n'));
  process.exitCode = 3;
}
