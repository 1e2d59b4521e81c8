/** Makes Schemathesis ready for schemathesis.test.ts, which is skipped without it: `node scripts/bootstrap.mjs test/peers/install/schemathesis.ts`. */
import { installSchemathesis } from '../schemathesis/peer.ts';

const result = installSchemathesis((line) => console.error(line));
if (result.kind === 'missing') {
  console.error(`Schemathesis is missing: ${result.why}`);
  process.exitCode = 3;
}
