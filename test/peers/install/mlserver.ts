/** Makes MLServer ready for foreign-server.test.ts, which is skipped without it: `node scripts/bootstrap.mjs test/peers/install/mlserver.ts`. */
import { installMlServer } from '../../../bench/model-server/mlserver.ts';

const result = installMlServer((line) => console.error(line));
if (result.kind === 'missing') {
  console.error(`MLServer is missing: ${result.why}`);
  process.exitCode = 3;
}
