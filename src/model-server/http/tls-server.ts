import type { RequestListener, Server, ServerOptions } from 'node:http';
import { createServer, type Server as HttpsServer } from 'node:https';

/** With what a model server speaks TLS. */
export interface ServerCertificate {
  readonly content: { readonly cert: Buffer; readonly key: Buffer; readonly ca?: Buffer };
  /** Has the server take changed files, until it is closed. */
  readonly follow: (server: HttpsServer) => void;
}

/**
 * Returns a server over TLS 1.2 or newer. Its handshake takes every client certificate, and none: http/client-certificate.ts decides at each
 * request, so that a client is told in words what is wrong, and kubelets can ask for health.
 */
export function createTlsServer(
  options: ServerOptions,
  onRequest: RequestListener,
  { content, follow }: ServerCertificate,
  handshakeTimeoutMs: number,
): Server {
  const server = createServer(
    {
      ...options,
      ...content,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: handshakeTimeoutMs,
      requestCert: true,
      rejectUnauthorized: false,
    },
    onRequest,
  );
  follow(server);
  return server;
}
