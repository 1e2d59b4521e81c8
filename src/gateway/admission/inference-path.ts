import type { Protocol } from '../../core/contract/contract.ts';
import { parsePath } from '../../protocols/open-inference/paths.ts';

/** What a request asks: the model, a version of it by number (another release may not have it), or something else. */
export type Asked = 'model' | 'numbered-version' | 'other';

const openaiPaths: ReadonlySet<string> = new Set(['/v1/chat/completions', '/v1/completions', '/v1/embeddings']);

export function askedOf(protocol: Protocol, method: string, path: string): Asked {
  if (method !== 'POST') return 'other';
  const bare = path.split('?', 1)[0] ?? '';
  if (protocol === 'openai') return openaiPaths.has(bare) ? 'model' : 'other';
  const route = routeOf(bare);
  if (route?.kind !== 'infer') return 'other';
  return route.version === null ? 'model' : 'numbered-version';
}

function routeOf(path: string): ReturnType<typeof parsePath> {
  try {
    return parsePath(path);
  } catch {
    return null;
  }
}
