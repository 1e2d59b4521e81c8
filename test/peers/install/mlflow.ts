/**
 * Makes ready what the tests of registries need: MLflow, moto (S3) and oras:
 * `node scripts/bootstrap.mjs test/peers/install/mlflow.ts`. The tests are skipped without them.
 */
import { installOras, installPythonServers } from '../registries/servers.ts';

const say = (line: string): void => console.error(line);
const results = [
  ['MLflow and moto', installPythonServers(say)],
  ['oras', installOras(say)],
] as const;
for (const [what, result] of results) {
  if (result.kind === 'installed') continue;
  console.error(`${what} missing: ${result.why}`);
  process.exitCode = 3;
}
