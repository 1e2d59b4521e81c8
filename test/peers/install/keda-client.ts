/** Makes ready what keda.test.ts asks with: `node scripts/bootstrap.mjs test/peers/install/keda-client.ts`. */
import { installKedaClient } from '../keda-client.ts';

if (!installKedaClient((line) => console.error(line))) process.exitCode = 3;
