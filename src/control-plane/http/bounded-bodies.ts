import { PlimsollError } from '../../core/units/errors.ts';
import { findJsonExcess, type JsonBounds } from '../../schemas/source/bounded-json.ts';
import type { Server } from './http-parts.ts';

/** Of routes that whoever reaches the address may call: a code for a session is their largest body. */
const openBodyBytesAtMost = 4 * 1024;
const depthAtMost = 64;
/** Labels, the densest that clients send, take more bytes for a value. */
const bytesOfValueAtLeast = 16;

/** How deep a JSON body of a route may nest, and how many values it may have, by the bytes that the route takes. */
export const jsonBoundsOf = (bodyBytesAtMost: number): JsonBounds => ({
  depth: depthAtMost,
  values: Math.ceil(bodyBytesAtMost / bytesOfValueAtLeast),
});

/**
 * Bounds what a body may cost before anything is built of it: its bytes where no credential is needed, and on every route the depth and
 * the number of values of its JSON. To be called before routes are added.
 */
export function boundBodies(server: Server): void {
  server.addHook('onRoute', (route) => {
    if (route.config?.access === 'anyone') route.bodyLimit ??= openBodyBytesAtMost;
  });
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeContentTypeParser('application/json');
  server.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    const excess = findJsonExcess(body, jsonBoundsOf(request.routeOptions.bodyLimit));
    if (excess === null) void parse(request, body, done);
    else done(jsonTooLarge(`the body, line ${excess.line}, column ${excess.column}: ${excess.message}`));
  });
}

const jsonTooLarge = (message: string): PlimsollError =>
  new PlimsollError({
    code: 'invalid-request',
    category: 'input',
    message,
    next: 'send less at once, and nest it less',
  });
