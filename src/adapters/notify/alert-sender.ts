import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { NotifyTarget } from '../../core/contract/notify-target.ts';
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { nameTarget, type AlertMessage } from '../../core/monitoring/notify/alert.ts';
import {
  hostRefusal,
  readAddress,
  readMailServer,
  type Address,
  type NotifyHost,
} from '../../core/monitoring/notify/notify-hosts.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { AlertSender } from '../../ports/monitoring/alert-sender.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { mailText } from './mail-text.ts';
import { sendMail, SmtpRefusal, type Unreached } from './smtp.ts';
import { alertmanagerRequest, slackRequest, webhookRequest, type WireRequest } from './wire.ts';

export interface AlertSenderOptions {
  readonly allowed: readonly NotifyHost[];
  readonly clock: Clock;
  /** The value of a `secret/NAME#KEY`, as far as it is granted to the service. */
  secret(reference: string, owner: { readonly service: string; readonly environment: string }): Promise<string>;
}

const isReference = (text: string): boolean => text.startsWith('secret/');

/** Sends messages by HTTP or as mail, to servers that were allowed. Redirects are not followed: they lead elsewhere. */
export function makeAlertSender(options: AlertSenderOptions): AlertSender & { close(): Promise<void> } {
  const direct = new Agent();
  const proxied = new EnvHttpProxyAgent();
  return {
    async send(target, message, signal) {
      if (target.kind === 'smtp') return mail(options, target, message, signal);
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

type MailTarget = Extract<NotifyTarget, { readonly kind: 'smtp' }>;
type WebTarget = Exclude<NotifyTarget, MailTarget>;

async function mail(
  { allowed, secret, clock }: AlertSenderOptions,
  target: MailTarget,
  message: AlertMessage,
  signal: AbortSignal,
): Promise<void> {
  const found = readMailServer(target.address);
  if (found === null) throw notAnAddress(target);
  const why = hostRefusal(allowed, message.environment, found);
  if (why !== null) throw notAllowed(target, found, why);
  const { host, port, origin } = found;
  const isTls = origin.startsWith('smtps:');
  const isNear = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
  const login = target.login === null ? null : readLogin(target, (await secret(target.login, message)).trim());
  const text = mailText(message, target.from, target.to, clock.nowMs());
  let unreached: readonly Unreached[];
  try {
    unreached = await sendMail(
      { host, port, isTls, isNear, login },
      { from: target.from, to: target.to, text },
      signal,
    );
  } catch (thrown) {
    signal.throwIfAborted();
    throw mailFailed(nameTarget(target), thrown);
  }
  if (unreached.length > 0) throw partlyRefused(nameTarget(target), target.to.length, unreached);
}

/** The mail is on its way to the others: to send it again would give it to them twice. */
function partlyRefused(name: string, recipients: number, unreached: readonly Unreached[]): PlimsollError {
  const taken = `took the mail for ${recipients - unreached.length} of ${recipients} recipients`;
  const why = unreached.map(({ refusal }) => refusal.message).join('; ');
  return rejected(name, `${taken}: ${why}`);
}

function readLogin(target: MailTarget, value: string): { readonly user: string; readonly password: string } {
  const colon = value.indexOf(':');
  if (colon > 0) return { user: value.slice(0, colon), password: value.slice(colon + 1) };
  throw new PlimsollError({
    code: 'notify-address-invalid',
    category: 'input',
    message: `smtp: the value of ${target.login} is not \`user:password\``,
    next: nextStep(adapterSteps, 'notify-address-invalid'),
  });
}

/** What a server refuses for good (5xx) is not tried again: it would be refused again, and servers bar who insists. */
function mailFailed(name: string, thrown: unknown): PlimsollError {
  if (!(thrown instanceof SmtpRefusal)) {
    const { code = 'no answer' } = thrown as { readonly code?: string };
    return failed(name, `is out of reach: ${code}`);
  }
  return thrown.code < 500 ? failed(name, thrown.message) : rejected(name, thrown.message);
}

const rejected = (name: string, what: string): PlimsollError =>
  new PlimsollError({
    code: 'notify-rejected',
    category: 'refused',
    message: `${name} ${what}; it is not tried again`,
    next: nextStep(adapterSteps, 'notify-rejected'),
  });

async function findAddress(
  { allowed, secret }: AlertSenderOptions,
  target: WebTarget,
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
  target: WebTarget,
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
    next: nextStep(controlPlaneSteps, 'notify-failed'),
  });

const notAnAddress = (target: NotifyTarget): PlimsollError =>
  new PlimsollError({
    code: 'notify-address-invalid',
    category: 'input',
    message: `${target.kind}: ${isReference(target.address) ? `the value of ${target.address}` : 'the address'} is no http or https URL without a user name`,
    next: nextStep(adapterSteps, 'notify-address-invalid'),
  });

const notAllowed = (target: NotifyTarget, { origin }: Address, why: string): PlimsollError =>
  new PlimsollError({
    code: 'notify-not-allowed',
    category: 'refused',
    message: `nothing is sent to ${nameTarget(target)}: ${why}`,
    next: `start the control plane with PLIMSOLL_NOTIFY_HOSTS="${origin}"`,
  });
