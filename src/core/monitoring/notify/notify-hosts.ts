import { PlimsollError } from '../../units/errors.ts';

/** A server that alerts may be sent to. */
export interface NotifyHost {
  /** Null for every environment. */
  readonly environment: string | null;
  /** Scheme, host and port, in lower case; a port that is the scheme's own is left out. */
  readonly origin: string;
}

/**
 * The value of PLIMSOLL_NOTIFY_HOSTS: servers, separated by spaces or commas, each for every environment or for one.
 * Example: `https://hooks.slack.com prod=http://alertmanager.internal:9093`.
 * @throws PlimsollError `notify-hosts-invalid` (input).
 */
export function readNotifyHosts(setting: string): readonly NotifyHost[] {
  const words = setting.split(/[\s,]+/).filter((word) => word !== '');
  return words.map((text) => {
    const [, environment = null, place = text] = /^([a-z0-9-]+)=(.*)$/.exec(text) ?? [];
    const address = readAddress(place) ?? readMailServer(place);
    if (address?.path !== '/') throw invalid(text);
    return { environment, origin: address.origin };
  });
}

/** An http or https URL in parts. The path begins with `/`, and holds the query. */
export interface Address {
  readonly origin: string;
  readonly path: string;
}

const addressPattern =
  /^(https?|smtps?):\/\/([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::([1-9]\d{0,4}))?(\/[!-~]*)?$/i;
const defaultPorts: Readonly<Record<string, string>> = { http: '80', https: '443', smtp: '25', smtps: '465' };

/** A URL that alerts can be sent to; null for everything else: a user name, a fragment, a backslash, a space. */
export const readAddress = (text: string): Address | null => (/^https?:/i.test(text) ? readServer(text) : null);

/** Where mail is handed over: `smtp://HOST[:25]`, or `smtps://HOST[:465]`; null for everything else. */
export function readMailServer(text: string): (Address & { readonly host: string; readonly port: number }) | null {
  const address = /^smtps?:/i.test(text) ? readServer(text) : null;
  if (address?.path !== '/') return null;
  const [, scheme = '', host = '', port] = addressPattern.exec(address.origin) ?? [];
  return { ...address, host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? defaultPorts[scheme]) };
}

function readServer(text: string): Address | null {
  if (text.length > 2_000 || /[\\#]/.test(text)) return null;
  const [, scheme = '', host, port, path = '/'] = addressPattern.exec(text) ?? [];
  if (host === undefined) return null;
  const at = `${scheme}://${host}`.toLowerCase();
  const isDefault = port === undefined || port === defaultPorts[scheme.toLowerCase()];
  return { origin: isDefault ? at : `${at}:${port}`, path };
}

/**
 * Why nothing is sent to an address, in words that do not show its path; null where its server is allowed. Scheme, host
 * and port are compared as a whole, so that an allowed server may be on a private network, and no other is.
 */
export function hostRefusal(
  allowed: readonly NotifyHost[],
  environment: string,
  { origin }: Pick<Address, 'origin'>,
): string | null {
  const here = allowed.filter((host) => host.environment === null || host.environment === environment);
  return here.some((host) => host.origin === origin) ? null : `${origin} is not allowed for ${environment}`;
}

function invalid(text: string): PlimsollError {
  return new PlimsollError({
    code: 'notify-hosts-invalid',
    category: 'input',
    message: `PLIMSOLL_NOTIFY_HOSTS holds \`${text.slice(0, 200)}\`, which is no http, https, smtp or smtps server without a path`,
    next: 'export PLIMSOLL_NOTIFY_HOSTS="https://hooks.slack.com prod=http://alertmanager.internal:9093"',
  });
}
