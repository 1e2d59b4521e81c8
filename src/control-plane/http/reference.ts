import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { HttpParts, Server } from './http-parts.ts';

/** The rendered reference writes styles into its elements and shows pictures from data; scripts stay its own files. */
export const referencePolicy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

/** OpenAPI out of the routes' own schemas, so that it cannot say anything else than what is checked. */
export async function describeRoutes(server: Server, parts: HttpParts): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Plimsoll control plane',
        description:
          'Releases, rollbacks, evidence, artifacts and the live view of one service in one environment. ' +
          'Every write needs a token: send `Authorization: Bearer TOKEN`. Reading needs one where a token file is used.',
        version: parts.plimsollVersion,
        license: { name: 'Apache-2.0' },
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
  });
  await server.register(swaggerUi, {
    routePrefix: '/reference',
    staticCSP: true,
    transformStaticCSP: () => referencePolicy,
    theme: { title: 'Plimsoll control plane' },
    uiConfig: { docExpansion: 'list', deepLinking: true, validatorUrl: null },
  });
  server.get('/openapi.json', { schema: { hide: true } }, () => server.swagger());
}
