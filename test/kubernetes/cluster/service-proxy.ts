import { spawnSync } from 'node:child_process';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { demandApi } from './api.ts';
import { nodeAddress, ports, type ClusterPlace } from './place.ts';

interface Endpoint {
  readonly addresses: readonly string[];
  readonly conditions?: { readonly ready?: boolean };
}

/**
 * Stands for kube-proxy, which this cluster has not: connections to the address of a Service go to one of its ready
 * endpoints, and are refused where there is none.
 */
export class ServiceProxy {
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #place: ClusterPlace;

  constructor(place: ClusterPlace) {
    this.#place = place;
  }

  /** Pods find the API server by the address of this Service. */
  async openApiServer(): Promise<void> {
    const { spec } = await demandApi(this.#place, 'GET', '/api/v1/namespaces/default/services/kubernetes');
    await this.#listen(String(spec.clusterIP), 443, () => Promise.resolve({ host: nodeAddress, port: ports.api }));
  }

  /** @returns the address of the Service. */
  async open(namespace: string, service: string, port: number, targetPort: number): Promise<string> {
    const { spec } = await demandApi(this.#place, 'GET', `/api/v1/namespaces/${namespace}/services/${service}`);
    await this.#listen(String(spec.clusterIP), port, async () => {
      const [host] = await this.readyAddresses(namespace, service);
      return host === undefined ? null : { host, port: targetPort };
    });
    return String(spec.clusterIP);
  }

  /** Of the pods that the Service leads to now. */
  async readyAddresses(namespace: string, service: string): Promise<readonly string[]> {
    const at = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
    const { items } = await demandApi(this.#place, 'GET', `${at}?labelSelector=kubernetes.io/service-name=${service}`);
    const endpoints = (items as readonly { endpoints: readonly Endpoint[] | null }[]).flatMap(
      (each) => each.endpoints ?? [],
    );
    return endpoints.filter(({ conditions }) => conditions?.ready === true).flatMap(({ addresses }) => addresses);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #listen(
    address: string,
    port: number,
    choose: () => Promise<{ readonly host: string; readonly port: number } | null>,
  ): Promise<void> {
    spawnSync('ip', ['addr', 'add', `${address}/32`, 'dev', 'lo']);
    const server = createServer((socket) => {
      this.#keep(socket);
      void choose()
        .then((target) => {
          if (target === null) return socket.destroy();
          const onwards = connect(target);
          this.#keep(onwards);
          onwards.on('close', () => socket.destroy());
          socket.on('close', () => onwards.destroy());
          return socket.pipe(onwards).pipe(socket);
        })
        .catch(() => socket.destroy());
    });
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, address, resolve);
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
