/**
 * Builds cosign from its Go module, once: `node scripts/bootstrap.mjs test/peers/install/cosign.ts`. The tests that sign
 * with it are skipped without it.
 */
import { installCosign } from '../registries/servers.ts';

const result = installCosign((line) => {
  console.error(line);
});
if (result.kind === 'missing') {
  console.error(`cosign missing: ${result.why}`);
  process.exitCode = 3;
}
