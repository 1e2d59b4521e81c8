import { PlimsollError } from '../../core/units/errors.ts';
import { parseJson } from '../../protocols/open-inference/exact-json.ts';
import { describe } from '../../protocols/open-inference/datatype.ts';

type Json = Readonly<Record<string, unknown>>;

/** `{"ready": true}` asks for what is loaded only. The body is required by the text and left out by many clients. */
export function parseIndexRequest(body: Uint8Array): { readonly ready: boolean } {
  const { ready } = parseBody(body);
  if (ready === undefined || typeof ready === 'boolean') return { ready: ready ?? false };
  throw invalid(`ready must be true or false, got ${describe(ready)}`);
}

/**
 * `{"parameters": {"version": "2"}}` names the version; without it, load takes the one that the server was started
 * with (else the highest in the folder), and unload takes all. `unload_dependents` has nothing to do here.
 */
export function parseChangeRequest(body: Uint8Array): { readonly version: number | null } {
  const parameters = objectOf(parseBody(body)['parameters'] ?? {}, 'parameters');
  for (const name of Object.keys(parameters)) {
    if (name === 'version' || name === 'unload_dependents') continue;
    throw new PlimsollError({
      code: 'parameter-unsupported',
      category: 'input',
      message: `parameter \`${name.slice(0, 60)}\` is not supported: a model is loaded from its folder as it is`,
      next: 'send {"parameters": {"version": "2"}}, or no body',
    });
  }
  const { version } = parameters;
  if (version === undefined) return { version: null };
  if ((typeof version === 'string' || typeof version === 'number') && /^[1-9]\d{0,14}$/.test(String(version))) {
    return { version: Number(version) };
  }
  throw invalid(`version must be a whole number from 1, got ${describe(version)}`);
}

function parseBody(body: Uint8Array): Json {
  return body.length === 0 ? {} : objectOf(parseJson(body, 'the body').value, 'the body');
}

function objectOf(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw invalid(`${what} must be a JSON object, got ${describe(value)}`);
}

function invalid(message: string): PlimsollError {
  return new PlimsollError({
    code: 'repository-request-invalid',
    category: 'input',
    message,
    next: 'see docs/model-server.md for the repository extension',
  });
}
