/** Makes oidc-provider ready for identities.test.ts: `node scripts/bootstrap.mjs test/peers/install/oidc.ts`. */
import { installOidcProvider } from '../oidc/oidc-server.ts';

if (!installOidcProvider((line) => console.error(line))) process.exitCode = 3;
