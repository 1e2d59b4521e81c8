import type { Protocol } from '../../core/contract/contract.ts';
import type { DecodedExchange, NamedValue } from '../../core/monitoring/features/exchange.ts';
import type { CapturedContent, CapturedSample } from '../../core/monitoring/samples/sample.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import { parseInferRequest } from '../../protocols/open-inference/infer-request.ts';
import { parseInferResponse } from '../../protocols/open-inference/infer-response.ts';
import type { WireTensor } from '../../protocols/open-inference/tensor.ts';
import { valuesOf } from '../../protocols/open-inference/tensor-values.ts';
import { readOpenaiRequest } from '../../protocols/openai/openai-request.ts';
import { readOpenaiResponse } from '../../protocols/openai/openai-response.ts';

/** Why no row can be made of a sample, for people. */
export interface Unreadable {
  readonly unreadable: string;
}

/**
 * The values of a captured request and of its answer. An answer that failed, broke off or never came has no outputs. Never
 * throws; time and memory grow with the captured bodies, which are bounded.
 * @param isQuoted whether the reason may quote what is in a body; not where something is redacted.
 */
export function decodeSample(
  sample: CapturedSample,
  protocol: Protocol,
  isQuoted = true,
): DecodedExchange | Unreadable {
  const { request, response, status } = sample;
  const isAnswered = sample.complete && status >= 200 && status < 300;
  const unfit = findUnfit(request, 'request') ?? (isAnswered ? findUnfit(response, 'answer') : null);
  if (unfit !== null) return { unreadable: unfit };
  try {
    const inputs = readRequest(request, protocol);
    return { inputs, outputs: isAnswered ? readResponse(response, protocol) : [], status };
  } catch (thrown) {
    const untold =
      'it is not what the protocol says; why is not told, since monitoring.capture.redact stands in the contract';
    return { unreadable: isQuoted ? asPlimsollError(thrown).message : untold };
  }
}

function findUnfit({ cut, contentEncoding, body }: CapturedContent, what: string): string | null {
  if (cut) return `the ${what} is longer than what is captured (${body.length} bytes)`;
  if (contentEncoding === null || contentEncoding.toLowerCase() === 'identity') return null;
  return `the ${what} has the content-encoding ${contentEncoding.slice(0, 40)}, which is not read`;
}

function readRequest({ body, jsonBytes }: CapturedContent, protocol: Protocol): readonly NamedValue[] {
  if (protocol === 'openai') return readOpenaiRequest(body);
  return parseInferRequest(body, jsonBytes).inputs.map(valueOfTensor);
}

function readResponse({ body, jsonBytes, contentType }: CapturedContent, protocol: Protocol): readonly NamedValue[] {
  if (protocol === 'openai') return readOpenaiResponse(body, contentType?.startsWith('text/event-stream') === true);
  return parseInferResponse(body, jsonBytes).outputs.map(valueOfTensor);
}

function valueOfTensor(tensor: WireTensor): NamedValue {
  const { name, shape } = tensor;
  const values = valuesOf(tensor);
  return isTexts(values) ? { name, kind: 'texts', values } : { name, kind: 'numbers', shape, data: values };
}

const isTexts = (values: ReturnType<typeof valuesOf>): values is readonly string[] => Array.isArray(values);
