import { PlimsollError } from '../../core/units/errors.ts';

/** How to reach a server that speaks Vault's HTTP interface, such as HashiCorp Vault and OpenBao. */
export interface VaultSettings {
  /** Without a slash at the end. */
  readonly address: string;
  readonly namespace: string | null;
  /** Certificates to trust beside the system's, in PEM. */
  readonly caFile: string | null;
  readonly login: VaultLogin;
}

export type VaultLogin =
  | { readonly kind: 'token'; readonly token: string }
  /** Read again for each request, so that an agent may replace it. */
  | { readonly kind: 'token-file'; readonly file: string }
  | { readonly kind: 'kubernetes'; readonly role: string; readonly mount: string; readonly tokenFile: string };

type Environment = Readonly<Record<string, string | undefined>>;

const accountTokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * | variable | meaning |
 * |---|---|
 * | `VAULT_ADDR` | the server; without it there is none, and null is returned |
 * | `VAULT_TOKEN`, `VAULT_TOKEN_FILE` | the token, or a file with it |
 * | `VAULT_ROLE` | login by the service account of the pod, as this role |
 * | `VAULT_AUTH_MOUNT` | where that login is mounted; `kubernetes` unless given |
 * | `VAULT_NAMESPACE`, `VAULT_CACERT` | as Vault's own command reads them |
 * | `PLIMSOLL_PLAIN_HTTP` | `1` lets the token go over plain HTTP to another machine |
 *
 * @throws PlimsollError `secret-store-unset` (input).
 */
export function readVaultSettings(env: Environment): VaultSettings | null {
  const given = (name: string): string | null => env[name]?.trim() || null;
  const address = given('VAULT_ADDR');
  if (address === null) return null;
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '')
    throw unset('VAULT_ADDR is no address of a server', 'VAULT_ADDR=https://vault.example.com:8200');
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && env['PLIMSOLL_PLAIN_HTTP'] !== '1')
    throw unset(
      `VAULT_ADDR would have secrets of ${url.host} come unencrypted`,
      'use https://, or PLIMSOLL_PLAIN_HTTP=1',
    );
  return {
    address: address.replace(/\/+$/, ''),
    namespace: given('VAULT_NAMESPACE'),
    caFile: given('VAULT_CACERT'),
    login: chooseLogin(given),
  };
}

function chooseLogin(given: (name: string) => string | null): VaultLogin {
  const [token, file, role] = [given('VAULT_TOKEN'), given('VAULT_TOKEN_FILE'), given('VAULT_ROLE')];
  if (token !== null) return { kind: 'token', token };
  if (file !== null) return { kind: 'token-file', file };
  if (role === null)
    throw unset('VAULT_ADDR is set, and nothing says how to log in', 'VAULT_TOKEN_FILE=FILE, or VAULT_ROLE');
  const tokenFile = given('VAULT_JWT_FILE') ?? accountTokenFile;
  return { kind: 'kubernetes', role, mount: given('VAULT_AUTH_MOUNT') ?? 'kubernetes', tokenFile };
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

function unset(message: string, next: string): PlimsollError {
  return new PlimsollError({ code: 'secret-store-unset', category: 'input', message, next });
}
