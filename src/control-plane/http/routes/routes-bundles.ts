import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { Digest } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { BundleGuard, BundleReceiver } from '../../../ports/artifacts/bundle-receiver.ts';
import { mostManifestBytes } from '../../../schemas/bundle/bundle-manifest.ts';
import { digestSchema } from '../../../schemas/http/release/http-artifact.ts';
import {
  blobPartAnswerSchema,
  blobPartQuerySchema,
  bundleOfferSchema,
} from '../../../schemas/http/release/http-bundle.ts';
import { httpErrorSchema } from '../../../schemas/http/http-control-plane.ts';
import { requireRole } from '../access/authorize.ts';
import type { Server } from '../http-parts.ts';
import { requesterOf } from '../asked.ts';

const errors = { '4xx': httpErrorSchema, '5xx': httpErrorSchema };
const digest = digestSchema as z.ZodType<Digest>;
const config = { access: 'release', scope: 'request' } as const;

/** Bodies are taken as they come: the manifest is parsed within its own limits, and blobs are streamed. */
export function bundleRoutes(server: Server, bundles: BundleReceiver): void {
  void server.register((scope: Server, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, parsed) => {
      parsed(null, body);
    });
    scope.addContentTypeParser('application/octet-stream', (_request, stream, parsed) => {
      parsed(null, stream);
    });
    manifestRoutes(scope, bundles);
    blobRoute(scope, bundles);
    done();
  });
}

function manifestRoutes(server: Server, bundles: BundleReceiver): void {
  server.post(
    '/v1/bundles',
    {
      config,
      bodyLimit: mostManifestBytes,
      schema: {
        tags: ['bundles'],
        summary:
          'Offer a bundle: the body is its manifest in canonical JSON; the answer names the blobs that are missing',
        response: { 200: bundleOfferSchema, ...errors },
      },
    },
    async (request) => {
      const manifest = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const { bundle, missing } = await bundles.offer(manifest, guardOf(request));
      return { bundle, missing: [...missing] };
    },
  );
  server.get(
    '/v1/bundles/:bundle/missing',
    {
      config,
      schema: {
        tags: ['bundles'],
        summary: 'What is missing of a bundle that was offered, and how much of each blob was received',
        params: z.object({ bundle: digest }),
        response: { 200: bundleOfferSchema, ...errors },
      },
    },
    async (request) => {
      const { bundle, missing } = await bundles.missing(request.params.bundle, guardOf(request));
      return { bundle, missing: [...missing] };
    },
  );
}

function blobRoute(server: Server, bundles: BundleReceiver): void {
  server.put(
    '/v1/bundles/:bundle/blobs/:digest',
    {
      config,
      schema: {
        tags: ['bundles'],
        summary:
          'Send a blob that the bundle names, or a part of it from `offset` on, as application/octet-stream; what arrived of a part that breaks off is kept',
        params: z.object({ bundle: digest, digest }),
        querystring: blobPartQuerySchema,
        response: { 200: blobPartAnswerSchema, ...errors },
      },
    },
    async (request) => {
      const { bundle, digest: blob } = request.params;
      return bundles.send(blob, { bundle, ...request.query }, () => bodyOf(request), guardOf(request));
    },
  );
}

/** The bundle says which service and environment the credential must hold the role for. */
function guardOf(request: FastifyRequest): BundleGuard {
  return (scope) => requireRole(requesterOf(request), 'release', scope);
}

/** A request without a body is a part of no bytes. */
async function* bodyOf({ body }: FastifyRequest): AsyncGenerator<Uint8Array> {
  if (body === undefined || body === null || Buffer.isBuffer(body)) return;
  try {
    yield* body as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new PlimsollError({
      code: 'upload-cut',
      category: 'unavailable',
      message: 'the connection broke off before the part was whole; what arrived is kept',
      next: 'ask what is missing, and go on from there',
      cause,
    });
  }
}
