import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { asPlimsollError, PlimsollError, type ErrorCategory } from '../../core/units/errors.ts';

const ofCategory: Readonly<Record<ErrorCategory, number>> = {
  input: 400,
  unauthorized: 401,
  'not-found': 404,
  conflict: 409,
  refused: 422,
  overloaded: 503,
  unavailable: 503,
  corrupt: 500,
  bug: 500,
};
/** Codes whose status is finer than their category's. */
const ofCode: Readonly<Record<string, number>> = {
  forbidden: 403,
  'foreign-origin': 403,
  'rate-limited': 429,
  'body-too-large': 413,
  'too-many-labels': 413,
  'not-json': 415,
};

export function httpStatusOf(error: PlimsollError): number {
  return ofCode[error.code] ?? ofCategory[error.category];
}

/** The one place where what was thrown becomes an answer. */
export function sendError(thrown: FastifyError | PlimsollError, request: FastifyRequest, reply: FastifyReply): void {
  const error = translate(thrown);
  if (error.category === 'bug') request.log.error({ err: thrown }, 'a request failed');
  const status = httpStatusOf(error);
  if (status === 401) void reply.header('www-authenticate', challengeFor(request));
  if (status === 429 || status === 503) {
    const { retryAfterSeconds } = error.details;
    void reply.header('retry-after', typeof retryAfterSeconds === 'number' ? String(retryAfterSeconds) : '1');
  }
  // A server-sent stream may have been answered already; there is nothing left to say then.
  if (reply.sent) return;
  void reply.status(status).type('application/json').serializer(JSON.stringify).send({ error: error.toJSON() });
}

/** A person's browser asks for the token itself. A page's own request gets no such prompt: the page says what to do. */
function challengeFor(request: FastifyRequest): string {
  const mode = request.headers['sec-fetch-mode'];
  return mode === undefined || mode === 'navigate'
    ? 'Basic realm="plimsoll", charset="UTF-8"'
    : 'Bearer realm="plimsoll"';
}

export function sendNotFound(request: FastifyRequest, reply: FastifyReply): void {
  const error = new PlimsollError({
    code: 'unknown-path',
    category: 'not-found',
    message: `there is nothing at ${request.method} ${request.url.slice(0, 200)}`,
    next: 'see /reference',
  });
  void reply.status(404).type('application/json').serializer(JSON.stringify).send({ error: error.toJSON() });
}

function translate(thrown: FastifyError | PlimsollError): PlimsollError {
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const [first] = thrown.validation;
    const where = `${thrown.validationContext ?? 'request'}${first?.instancePath ?? ''}`;
    return new PlimsollError({
      code: 'invalid-request',
      category: 'input',
      message: `${where}: ${first?.message ?? 'is not as expected'}`,
      next: 'see /reference for what is expected',
      details: {
        problems: thrown.validation.slice(0, 20).map(({ instancePath, message }) => ({ at: instancePath, message })),
      },
    });
  }
  if (isResponseSerializationError(thrown)) return asPlimsollError(thrown);
  switch (thrown.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return input('body-too-large', 'the body is larger than this endpoint takes', 'send it in parts; see /reference');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return input('not-json', 'only application/json is taken');
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return input('invalid-json', `the body is not JSON: ${thrown.message}`);
    default:
      if (thrown instanceof SyntaxError) return input('invalid-json', `the body is not JSON: ${thrown.message}`);
      if (!(thrown instanceof PlimsollError) && thrown.statusCode !== undefined && thrown.statusCode < 500) {
        return input('invalid-request', thrown.message);
      }
      return asPlimsollError(thrown);
  }
}

function input(code: string, message: string, next = 'see /reference for what is expected'): PlimsollError {
  return new PlimsollError({ code, category: 'input', message, next });
}
