import { systemClock } from '../../../adapters/system/clock.ts';
import type { RemoteSecrets } from '../../../ports/access/remote-secrets.ts';

let opened: Promise<RemoteSecrets | null> | null = null;

/**
 * The store of secrets that VAULT_ADDR names, one for this process. What it takes is loaded with the first secret that lies there.
 * `read` throws `secret-store-unset` where the variables name none, or not how to log in.
 */
export const remoteSecrets: RemoteSecrets = {
  async read(place) {
    opened ??= openVault();
    const vault = await opened.catch((thrown: unknown) => {
      opened = null;
      throw thrown;
    });
    if (vault !== null) return vault.read(place);
    const { PlimsollError } = await import('../../../core/units/errors.ts');
    throw new PlimsollError({
      code: 'secret-store-unset',
      category: 'input',
      message: `a secret lies at ${place}, and VAULT_ADDR is not set`,
      next: 'set VAULT_ADDR, and VAULT_TOKEN_FILE or VAULT_ROLE, where the control plane starts',
    });
  },
};

async function openVault(): Promise<RemoteSecrets | null> {
  const [{ VaultSecrets }, { readVaultSettings }] = await Promise.all([
    import('../../../adapters/vault/vault-secrets.ts'),
    import('../../../adapters/vault/vault-settings.ts'),
  ]);
  const settings = readVaultSettings(process.env);
  return settings === null ? null : new VaultSecrets(settings, systemClock);
}
