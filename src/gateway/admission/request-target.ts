import type { Protocol } from '../../core/contract/contract.ts';
import type { RefusalCode } from './refusal.ts';

/**
 * `/..`, `/.`, an empty segment, a backslash, a path parameter, an encoded `?` or `#`, or what is encoded twice: servers disagree on what
 * these mean.
 */
const ambiguous = /\/\/|\/\.{1,2}(?:\/|$)|[\\;?#\0]|%[0-9a-f]{2}/i;
const absoluteForm = /^https?:\/\/[^/?#]*/i;

const prefixOf: Readonly<Record<Protocol, string>> = { 'open-inference-v2': '/v2', openai: '/v1' };

/** Parts of the protocols (and of Triton's and vLLM's additions) that change a replica instead of asking it something. */
const administration: Readonly<Record<Protocol, RegExp>> = {
  'open-inference-v2':
    /^\/v2\/(?:repository|logging|trace|systemsharedmemory|cudasharedmemory)(?:\/|$)|^\/v2\/models\/.*\/trace(?:\/|$)/i,
  openai: /^\/v1\/(?:load_lora_adapter|unload_lora_adapter)(?:\/|$)/i,
};

/** Clients use the same few paths again and again: each is judged once. */
const judged: Readonly<Record<Protocol, Map<string, Target>>> = { 'open-inference-v2': new Map(), openai: new Map() };
const judgedLimit = 500;
const judgedLength = 200;

export type Target = { readonly path: string } | { readonly refused: RefusalCode };

/**
 * The path and query to send to a replica, in origin form. An absolute target (RFC 9112 3.2.2) loses its authority; the
 * path is compared decoded, so that `/v2/%72epository` is what it would be to a replica that decodes first.
 */
export function forwardTarget(requestTarget: string, protocol: Protocol): Target {
  const known = judged[protocol].get(requestTarget);
  if (known !== undefined) return known;
  const target = judgeTarget(requestTarget, protocol);
  const keep = judged[protocol].size < judgedLimit && requestTarget.length <= judgedLength;
  if (keep && 'path' in target && !requestTarget.includes('?')) judged[protocol].set(requestTarget, target);
  return target;
}

function judgeTarget(requestTarget: string, protocol: Protocol): Target {
  const path = originForm(requestTarget);
  if (path === null) return { refused: 'target-invalid' };
  const decoded = decodedPath(path);
  if (decoded === null || ambiguous.test(decoded)) return { refused: 'target-invalid' };
  const prefix = prefixOf[protocol];
  if (!decoded.startsWith(prefix) || (decoded.length > prefix.length && decoded[prefix.length] !== '/')) {
    return { refused: 'not-in-protocol' };
  }
  return administration[protocol].test(decoded) ? { refused: 'administration-refused' } : { path };
}

function originForm(target: string): string | null {
  if (target.startsWith('/')) return target.includes('#') ? null : target;
  const path = splitAbsolute(target)?.path;
  return path?.startsWith('/') === true && !path.includes('#') ? path : null;
}

/** An absolute target in its authority, without who asks, and what stands behind it; null where it is none. */
export function splitAbsolute(target: string): { readonly authority: string; readonly path: string } | null {
  const found = absoluteForm.exec(target)?.[0];
  if (found === undefined) return null;
  const authority = found.slice(found.indexOf('//') + 2);
  return { authority: authority.slice(authority.lastIndexOf('@') + 1), path: target.slice(found.length) };
}

/** False where servers disagree on what a path means. */
export function isPlainPath(path: string): boolean {
  const decoded = decodedPath(path);
  return decoded !== null && !ambiguous.test(decoded);
}

function decodedPath(path: string): string | null {
  const queryAt = path.indexOf('?');
  const bare = queryAt < 0 ? path : path.slice(0, queryAt);
  if (!bare.includes('%')) return bare;
  try {
    return decodeURIComponent(bare);
  } catch {
    return null;
  }
}
