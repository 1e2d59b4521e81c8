/** Makes Feast ready for feast.test.ts, which is skipped without it: `node scripts/bootstrap.mjs test/peers/install/feast.ts`. */
import { installFeast } from '../feast-environment.ts';

const result = installFeast((line) => console.error(line));
if (result.kind === 'missing') {
  console.error(`Feast is missing: ${result.why}`);
  process.exitCode = 3;
}
