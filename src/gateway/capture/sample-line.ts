import { createHash } from 'node:crypto';
import type { SampleLine } from '../../schemas/monitoring/sample-segment.ts';
import type { CapturedMessage, FinishedCapture } from './capture-sink.ts';

/** A captured request as one line of a segment. @param owner makes keys of different services different. */
export function makeSampleLine(capture: FinishedCapture, owner: string): string {
  const { stickyKey, request, response, ...facts } = capture;
  const line: SampleLine = {
    ...facts,
    control: facts.control === null ? null : { ...facts.control, eligible: [...facts.control.eligible] },
    unit: stickyKey === null ? null : unitOf(stickyKey, owner),
    request: makeContent(request),
    response: makeContent(response),
  };
  return `${JSON.stringify(line)}\n`;
}

/** The same key is the same unit on every gateway; who reads it does not learn the key by looking at it. */
function unitOf(stickyKey: string, owner: string): string {
  return createHash('sha256').update(`${owner}\n${stickyKey}`).digest('hex').slice(0, 32);
}

function makeContent({ headers, body }: CapturedMessage): SampleLine['request'] {
  return {
    contentType: fieldOf(headers['content-type']),
    jsonBytes: countOf(headers['inference-header-content-length']),
    contentEncoding: fieldOf(headers['content-encoding']),
    cut: body.cut,
    body: base64Of(body.chunks),
  };
}

const fieldOf = (value: string | string[] | undefined): string | null =>
  typeof value === 'string' ? value : (value?.join(', ') ?? null);

function countOf(value: string | string[] | undefined): number | null {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

function base64Of(chunks: readonly Uint8Array[]): string {
  const [only] = chunks;
  if (only === undefined) return '';
  const { buffer, byteOffset, byteLength } = only;
  return (chunks.length === 1 ? Buffer.from(buffer, byteOffset, byteLength) : Buffer.concat(chunks)).toString('base64');
}
