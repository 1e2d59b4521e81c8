import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { HttpParts, Server } from './http-parts.ts';
import { linkFrom } from './page-links.ts';

/** Nothing inline, nothing from elsewhere: whatever a page is made to contain, it cannot send anything away. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Vite writes a digest into the name of everything under assets/. */
const hashedName = /\/assets\/.+[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;

export function pageRoutes(server: Server, parts: HttpParts): void {
  const folder = parts.dashboardFolder;
  if (folder !== null && existsSync(join(folder, 'index.html'))) {
    const html = readFileSync(join(folder, 'index.html'), 'utf8');
    void server.register(async (scope) => {
      // The page's own files hold nothing of a service: a browser must have them before it can sign in.
      scope.addHook('onRoute', (route) => {
        route.config = { ...route.config, access: 'anyone' };
      });
      await scope.register(fastifyStatic, {
        root: folder,
        cacheControl: false,
        setHeaders(reply, path) {
          void reply.header(
            'cache-control',
            hashedName.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
          );
        },
      });
      // The page of the fleet and of each service is the same document, which reads its own address.
      for (const url of ['/services', '/services/*', '/cost']) {
        scope.get(url, { schema: { hide: true } }, async (request, reply) => {
          const [pathname = ''] = request.url.split('?');
          const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' };
          return reply.headers(headers).send(linkFrom(html, pathname));
        });
      }
    });
    return;
  }
  server.get('/', { schema: { hide: true } }, async (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .send(
        `Plimsoll ${parts.plimsollVersion}: a control plane of ${parts.fleet().services.length} services.\n` +
          'The page is not built here (npm run build). The HTTP interface is described at /reference.\n',
      ),
  );
}
