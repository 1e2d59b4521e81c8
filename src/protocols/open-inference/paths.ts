import { PlimsollError } from '../../core/units/errors.ts';

/** What one path of the protocol means. `version` null is the unversioned path, which the OpenAPI document forgot. */
export type Route =
  | { readonly kind: 'server-metadata' | 'server-live' | 'server-ready' }
  | { readonly kind: 'repository-index' }
  | {
      readonly kind: 'model-metadata' | 'model-ready' | 'infer';
      readonly model: string;
      readonly version: string | null;
    }
  | { readonly kind: 'repository-load' | 'repository-unload'; readonly model: string };

/**
 * @param path without the query. One trailing slash is accepted, because the OpenAPI document writes `/v2/`.
 * @returns null when no path of the protocol matches. @throws PlimsollError `path-invalid` for broken percent-encoding.
 */
export function parsePath(path: string): Route | null {
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  if (trimmed === '/v2') return { kind: 'server-metadata' };
  if (trimmed === '/v2/health/live') return { kind: 'server-live' };
  if (trimmed === '/v2/health/ready') return { kind: 'server-ready' };
  if (trimmed === '/v2/repository/index') return { kind: 'repository-index' };
  const segments = trimmed.split('/').slice(1);
  if (segments[0] !== 'v2' || segments.length > 7) return null;
  return segments[1] === 'repository' ? parseRepositoryPath(segments) : parseModelPath(segments);
}

function parseRepositoryPath([, , models, model, action, ...rest]: readonly string[]): Route | null {
  if (models !== 'models' || model === undefined || rest.length > 0) return null;
  if (action === 'load') return { kind: 'repository-load', model: decode(model) };
  if (action === 'unload') return { kind: 'repository-unload', model: decode(model) };
  return null;
}

function parseModelPath([, models, name, ...rest]: readonly string[]): Route | null {
  if (models !== 'models' || name === undefined || name === '') return null;
  const model = decode(name);
  const versioned = rest[0] === 'versions' && rest[1] !== undefined;
  const version = versioned ? decode(rest[1] ?? '') : null;
  const [action, ...surplus] = versioned ? rest.slice(2) : rest;
  if (surplus.length > 0) return null;
  if (action === undefined) return { kind: 'model-metadata', model, version };
  if (action === 'ready') return { kind: 'model-ready', model, version };
  if (action === 'infer') return { kind: 'infer', model, version };
  return null;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new PlimsollError({
      code: 'path-invalid',
      category: 'input',
      message: `the path has broken percent-encoding in "${segment.slice(0, 60)}"`,
      next: 'encode the model name as UTF-8 with encodeURIComponent',
    });
  }
}

/** `/v2/models/{model}[/versions/{version}]{action}`, for clients. */
export function modelPath(model: string, version: string | null, action: '' | '/ready' | '/infer'): string {
  const versioned = version === null ? '' : `/versions/${encodeURIComponent(version)}`;
  return `/v2/models/${encodeURIComponent(model)}${versioned}${action}`;
}
