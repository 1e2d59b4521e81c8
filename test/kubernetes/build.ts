/** Builds the programs of the test cluster and helm, so that a later `npm run test:kubernetes` starts at once. */
import { buildBinaries } from './build/binaries.ts';
import { missingForCluster } from './build/prerequisites.ts';
import { buildHelm } from './helm/build-helm.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const missing = missingForCluster();
for (const reason of missing) say(reason);
process.exitCode = 1;
if (missing.length === 0) {
  say(await buildBinaries(say));
  process.exitCode = 0;
}
await buildHelm(say);
