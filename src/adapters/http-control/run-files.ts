import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** `<state>/run/control-plane.json`, written by a control plane once it listens. */
export function controlPlaneFile(stateFolder: string): string {
  return path.join(stateFolder, 'run', 'control-plane.json');
}

/** `<state>/run/control-plane.token`, mode 0600: the token of this start, for commands of the same user. */
export function startTokenFile(stateFolder: string): string {
  return path.join(stateFolder, 'run', 'control-plane.token');
}

/** `<state>/run/gateway.token`, mode 0600: the token of this start for gateways of this machine. */
export function gatewayTokenFile(stateFolder: string): string {
  return path.join(stateFolder, 'run', 'gateway.token');
}

/** `<state>/run/page.key`, mode 0600: signs the cookies of the page. Removing it signs every page out. */
export function pageKeyFile(stateFolder: string): string {
  return path.join(stateFolder, 'run', 'page.key');
}

/** `<state>/run/ended-sessions.json`, mode 0600: sessions of the page that were ended before they expired. */
export function endedSessionsFile(stateFolder: string): string {
  return path.join(stateFolder, 'run', 'ended-sessions.json');
}

/** `<state>/tokens`: the tokens that were given to people and programs, as digests. */
export function tokensFile(stateFolder: string): string {
  return path.join(stateFolder, 'tokens');
}

/** The token in the file; null where there is none, or none that this user may read. */
export async function readToken(file: string): Promise<string | null> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim() === '' ? null : text.trim();
}
