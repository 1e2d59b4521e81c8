import { Duplex, Readable, Writable } from 'node:stream';
import { PortForward, type KubeConfig } from '@kubernetes/client-node';
import { PlimsollError } from '../../../core/units/errors.ts';

/** As the library `ws` has it, as far as it is used here. */
interface WebSocketLike {
  send(bytes: Uint8Array, done: (error?: Error) => void): void;
  pause(): void;
  resume(): void;
  close(): void;
  terminate(): void;
  onclose: (() => void) | null;
}

export interface ForwardedPort {
  readonly namespace: string;
  readonly pod: string;
  /** On the loopback address of the pod. */
  readonly port: number;
}

const dataChannel = 0;
const handshakeTimeoutMs = 10_000;

/**
 * A connection into a pod by the API server and the kubelet, as `kubectl port-forward` makes it, with the rights of the
 * kubeconfig's user.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ (portforward)
 * @throws PlimsollError `cluster-forbidden` (unauthorized), `forwarding-failed` (unavailable).
 */
export async function openForwarded(config: KubeConfig, { namespace, pod, port }: ForwardedPort): Promise<Duplex> {
  let socket: WebSocketLike | null = null;
  const stream: Duplex = new Duplex({
    read: () => socket?.resume(),
    // By hand, since what the library sends is held back by nothing: a model would fill the memory.
    write: (chunk: Buffer, _encoding, done) => {
      socket?.send(Buffer.concat([Buffer.of(dataChannel), chunk]), (error) => done(error ?? null));
    },
    final: (done) => {
      socket?.close();
      done();
    },
    destroy: (error, done) => {
      socket?.terminate();
      done(error);
    },
  });
  const received = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (chunk.length > 0 && !stream.push(chunk)) socket?.pause();
      done();
    },
  });
  const troubles = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (chunk.length > 0) stream.destroy(failed(pod, chunk.toString('utf8').slice(0, 500)));
      done();
    },
  });
  const nothing = new Readable({ read: () => undefined });
  const forward = new PortForward(withTimeout(config));
  socket = (await forward.portForward(namespace, pod, [port], received, troubles, nothing).catch((thrown: unknown) => {
    throw notOpened(thrown, { namespace, pod, port });
  })) as unknown as WebSocketLike;
  socket.onclose = () => {
    stream.push(null);
    stream.destroy();
  };
  return stream;
}

/** The library has no limit of its own for an API server that does not answer. */
function withTimeout(config: KubeConfig): KubeConfig {
  const limited = Object.create(config) as KubeConfig;
  limited.applyToHTTPSOptions = async (options) => {
    await config.applyToHTTPSOptions(options);
    Object.assign(options, { handshakeTimeout: handshakeTimeoutMs });
  };
  return limited;
}

/** The library tells of the status in words alone: `Unexpected server response: 403`. */
function notOpened(thrown: unknown, { namespace, pod }: ForwardedPort): PlimsollError {
  const said =
    typeof thrown === 'object' && thrown !== null && 'message' in thrown ? String(thrown.message) : String(thrown);
  if (!said.endsWith(': 403')) return failed(pod, said, thrown);
  const details = { verb: 'get and create', resource: 'pods/portforward', namespace };
  const message = `no right to get and create pods/portforward in the namespace ${namespace} (403)`;
  return new PlimsollError({ code: 'cluster-forbidden', category: 'unauthorized', message, details, cause: thrown });
}

function failed(pod: string, why: string, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'forwarding-failed',
    category: 'unavailable',
    message: `no connection into the pod ${pod}: ${why.trim()}`,
    next: 'kubectl port-forward shows whether kubectl can connect; an installation of an older Plimsoll has to be applied again',
    cause,
  });
}
