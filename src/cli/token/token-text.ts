import { isExpired, type AccessToken } from '../../core/access/access-token.ts';

/** `release for digits in prod`. */
export function accessText({ role, service, environment }: AccessToken): string {
  return `${role} for ${service ?? 'every service'} in ${environment ?? 'every environment'}`;
}

export function expiryText(token: AccessToken, nowMs: number): string {
  if (token.expiresAtMs === null) return 'does not expire';
  const date = new Date(token.expiresAtMs).toISOString().slice(0, 16).replace('T', ' ');
  return isExpired(token, nowMs) ? `expired ${date} UTC` : `expires ${date} UTC`;
}
