import type { NotifyTarget } from '../../core/contract/notify-target.ts';
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { nameTarget, type AlertMessage } from '../../core/monitoring/notify/alert.ts';
import { hostRefusal, readAddress, type Address, type NotifyHost } from '../../core/monitoring/notify/notify-hosts.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { AlertSender } from '../../ports/monitoring/alert-sender.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { alertmanagerRequest, slackRequest, webhookRequest, type WireRequest } from './wire.ts';

export interface AlertSenderOptions {
  readonly allowed: readonly NotifyHost[];
  readonly clock: Clock;
  /** The value of a `secret/NAME#KEY`, as far as it is granted to the service. */
  secret(reference: string, owner: { readonly service: string; readonly environment: string }): Promise<string>;
}

const isReference = (text: string): boolean => text.startsWith('secret/');

/** Sends messages by HTTP, to servers that were allowed. Redirects are not followed: they lead elsewhere. */
export function makeAlertSender(options: AlertSenderOptions): AlertSender & { close(): Promise<void> } {
  const direct = new Agent();
  const proxied = new EnvHttpProxyAgent();
  return {
    async send(target, message, signal) {
      const address = await findAddress(options, target, message);
      const wire = await makeRequest(options, target, message);
      const path = target.kind === 'alertmanager' ? `${address.path.replace(/\/$/, '')}/api/v2/alerts` : address.path;
      const isNear = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::|$)/.test(address.origin);
      const url = `${address.origin}${path}`;
      await post(isNear ? direct : proxied, url, wire, nameTarget(target), signal);
    },
    async close() {
      await Promise.all([direct.destroy(), proxied.destroy()]);
    },
  };
}

async function findAddress(
  { allowed, secret }: AlertSenderOptions,
  target: NotifyTarget,
  message: AlertMessage,
): Promise<Address> {
  const text = isReference(target.address) ? (await secret(target.address, message)).trim() : target.address;
  const address = readAddress(text);
  if (address === null) throw notAnAddress(target);
  const why = hostRefusal(allowed, message.environment, address);
  if (why !== null) throw notAllowed(target, address, why);
  return address;
}

async function makeRequest(
  { secret, clock }: AlertSenderOptions,
  target: NotifyTarget,
  message: AlertMessage,
): Promise<WireRequest> {
  switch (target.kind) {
    case 'webhook':
      return webhookRequest(message, await secret(target.secret, message), clock.nowMs());
    case 'slack':
      return slackRequest(message);
    case 'alertmanager':
      return alertmanagerRequest(message, clock.nowMs());
  }
}

async function post(
  dispatcher: Dispatcher,
  url: string,
  { headers, body }: WireRequest,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  let status: number;
  try {
    const answer = await request(url, { method: 'POST', dispatcher, headers, body, signal });
    status = answer.statusCode;
    await answer.body.dump({ limit: 65_536, signal });
  } catch (thrown) {
    signal.throwIfAborted();
    const { code = 'no answer' } = thrown as { readonly code?: string };
    throw failed(name, `is out of reach: ${code}`);
  }
  if (status >= 300 && status < 400) throw failed(name, `answers with a redirect (${status}), which is not followed`);
  if (status < 200 || status >= 300) throw failed(name, `answers with status ${status}`);
}

const failed = (name: string, what: string): PlimsollError =>
  new PlimsollError({
    code: 'notify-failed',
    category: 'unavailable',
    message: `${name} ${what}`,
    next: 'look at that server, then `plimsoll watch test-notify`',
  });

const notAnAddress = (target: NotifyTarget): PlimsollError =>
  new PlimsollError({
    code: 'notify-address-invalid',
    category: 'input',
    message: `${target.kind}: ${isReference(target.address) ? `the value of ${target.address}` : 'the address'} is no http or https URL without a user name`,
    next: 'plimsoll explain monitoring.notify',
  });

const notAllowed = (target: NotifyTarget, { origin }: Address, why: string): PlimsollError =>
  new PlimsollError({
    code: 'notify-not-allowed',
    category: 'refused',
    message: `nothing is sent to ${nameTarget(target)}: ${why}`,
    next: `start the control plane with PLIMSOLL_NOTIFY_HOSTS="${origin}"`,
  });
