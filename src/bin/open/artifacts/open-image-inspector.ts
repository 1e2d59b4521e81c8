import { homedir } from 'node:os';
import path from 'node:path';
import { makeOciInspector } from '../../../adapters/oci/image-inspector.ts';
import type { CliContext, ImageInspectorChoices } from '../../../cli/context.ts';
import type { ImageInspector } from '../../../ports/artifacts/image-inspector.ts';

/** What is inside an image never changes, so that one folder serves every project of a user. */
export function openImageInspector(
  { clock, env }: Pick<CliContext, 'clock' | 'env'>,
  { cache = true, plainHttp = false }: ImageInspectorChoices = {},
): ImageInspector {
  return makeOciInspector({ clock, env, cacheFolder: cache ? cacheFolderOf(env) : null, plainHttp });
}

function cacheFolderOf(env: CliContext['env']): string {
  const stated = env['PLIMSOLL_CACHE'];
  if (stated !== undefined && stated !== '') return path.join(path.resolve(stated), 'images');
  const base = env['XDG_CACHE_HOME'];
  // The XDG base directory specification: a relative path counts as none.
  const cache = base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), '.cache');
  return path.join(cache, 'plimsoll', 'images');
}
