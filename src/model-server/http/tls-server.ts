import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { MakeServer } from './http-server.ts';

/** With what a model server speaks TLS. */
interface ServerCertificate {
  readonly content: { readonly cert: Buffer; readonly key: Buffer; readonly ca?: Buffer };
  /** Has the server take changed files, until it is closed. */
  readonly follow: (server: Server) => void;
}

/**
 * Returns what makes servers over TLS 1.2 or newer. Their handshake takes every client certificate, and none: http/client-certificate.ts decides
 * at each request, so that a client is told in words what is wrong, and kubelets can ask for health.
 */
export function makeTlsServers({ content, follow }: ServerCertificate): MakeServer {
  return (options, onRequest: (request: IncomingMessage, response: ServerResponse) => void) => {
    const server = createServer(
      {
        ...options,
        ...content,
        minVersion: 'TLSv1.2',
        ALPNProtocols: ['http/1.1'],
        ...(options.headersTimeout === undefined ? {} : { handshakeTimeout: options.headersTimeout }),
        requestCert: true,
        rejectUnauthorized: false,
      },
      onRequest,
    );
    follow(server);
    return server;
  };
}
