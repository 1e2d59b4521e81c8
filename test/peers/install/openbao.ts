/** Makes OpenBao ready for vault.test.ts, which is skipped without it: `node scripts/bootstrap.mjs test/peers/install/openbao.ts`. */
import { installOpenBao } from '../openbao/server.ts';

const result = installOpenBao((line) => console.error(line));
if (result.kind === 'missing') {
  console.error(`OpenBao is missing: ${result.why}`);
  process.exitCode = 3;
}
