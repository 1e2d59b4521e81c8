/**
 * An identity provider that is not ours: oidc-provider, in a process of its own. Prints its issuer on one line.
 * Argument: the folder that the package was installed into.
 */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

interface OidcPackage {
  readonly default: new (issuer: string, configuration: object) => { callback(): RequestListener };
}

const [folder = '', clientId = '', ...redirectUris] = process.argv.slice(2);
const entry = pathToFileURL(path.join(folder, 'node_modules/oidc-provider/lib/index.js')).href;
const { default: Provider } = (await import(entry)) as OidcPackage;

const server = createServer();
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      ...{ client_id: clientId, redirect_uris: redirectUris, application_type: 'native' },
      ...{ token_endpoint_auth_method: 'none', grant_types: ['authorization_code'], response_types: ['code'] },
    },
  ],
  // Claims of the scopes stand in the ID token, as with most providers of companies.
  conformIdTokenClaims: false,
  claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
  findAccount: (_context: unknown, login: string) => ({
    accountId: login,
    claims: () => ({
      ...{ sub: login, email: `${login}@acme.example`, email_verified: login !== 'mallory' },
      groups: login === 'ada' ? ['ml-platform'] : ['web'],
    }),
  }),
});
server.on('request', provider.callback());
console.log(issuer);
