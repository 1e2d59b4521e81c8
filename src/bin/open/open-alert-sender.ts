import { makeAlertSender } from '../../adapters/notify/alert-sender.ts';
import { resolveSecret } from '../../adapters/processes/secret-reference.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { readNotifyHosts } from '../../core/monitoring/notify/notify-hosts.ts';
import { remoteSecrets } from './local/open-remote-secrets.ts';

/**
 * Sends alerts to the servers that PLIMSOLL_NOTIFY_HOSTS allows; none unless it is set. Secrets are those of the state
 * folder, as far as they are granted.
 * @throws PlimsollError `notify-hosts-invalid` (input).
 */
export function openAlertSender(stateFolder: string): ReturnType<typeof makeAlertSender> {
  const place = { stateFolder, variables: process.env, remote: remoteSecrets };
  return makeAlertSender({
    allowed: readNotifyHosts(process.env['PLIMSOLL_NOTIFY_HOSTS'] ?? ''),
    clock: systemClock,
    secret: (reference, owner) => resolveSecret(reference, owner, place),
  });
}
