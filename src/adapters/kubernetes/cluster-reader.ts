import { PlimsollError } from '../../core/units/errors.ts';
import type { ClusterReader } from '../../ports/nodes/cluster-reader.ts';
import { apiLimits, makeApiGet, type ApiGet, type ApiLimits } from './api-get.ts';
import { loadKubeconfig } from './kubeconfig.ts';
import { listAll, type ListOptions } from './list-all.ts';
import { chooseServedVersion } from './served-version.ts';

export interface ClusterReaderOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly limits?: ApiLimits;
}

export function makeClusterReader({ env, limits = apiLimits }: ClusterReaderOptions): ClusterReader {
  return {
    async read({ context, signal, progress }) {
      const config = loadKubeconfig({ env, context });
      const get = makeApiGet(config, limits);
      const nodes = await listAll(get, '/api/v1/nodes', { signal, progress });
      if (nodes === null) throw noNodes(config.getCurrentCluster()?.server ?? '');
      const read = (objects: number): void => progress?.(nodes.length + objects);
      return {
        context: config.getCurrentContext(),
        nodes,
        ...(await readSlices(get, { signal, progress: read })),
      };
    },
  };
}

interface SlicesRead {
  readonly slices: readonly object[];
  readonly notes: readonly string[];
}

/** A cluster without DRA, or one that shows its nodes only, is still worth reading; that it is so is said. */
export async function readSlices(get: ApiGet, options: ListOptions): Promise<SlicesRead> {
  try {
    const { status, body } = await get('/apis/resource.k8s.io', {}, options.signal);
    const version = status === 404 ? undefined : chooseServedVersion(body);
    if (version === undefined) return { slices: [], notes: ['the cluster serves no ResourceSlices'] };
    const slices = await listAll(get, `/apis/resource.k8s.io/${version}/resourceslices`, options);
    return { slices: slices ?? [], notes: slices === null ? ['the cluster serves no ResourceSlices'] : [] };
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError) || thrown.code !== 'cluster-forbidden') throw thrown;
    return { slices: [], notes: [`ResourceSlices are left out: ${thrown.message}`] };
  }
}

function noNodes(server: string): PlimsollError {
  return new PlimsollError({
    code: 'cluster-answer-invalid',
    category: 'unavailable',
    message: `${server} has no /api/v1/nodes, so that it is no Kubernetes API`,
    next: 'kubectl config view shows the server of the context',
  });
}
