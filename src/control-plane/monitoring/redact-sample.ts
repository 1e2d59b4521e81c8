import { isUntouched, redactText, type Redaction } from '../../core/monitoring/samples/redact.ts';
import type { CapturedContent, CapturedSample } from '../../core/monitoring/samples/sample.ts';

/** Values at a redacted path are not even read. What cannot be redacted is read as nothing. */
export function redactPaths(sample: CapturedSample, redaction: Redaction): CapturedSample {
  if (!redaction.hasPaths) return sample;
  const redacted = (content: CapturedContent): CapturedContent => {
    const { body, cut, jsonBytes } = content;
    // What is cut is not read at all.
    if (cut) return content;
    const text = Buffer.from(body.subarray(0, jsonBytes ?? body.length)).toString('utf8');
    if (jsonBytes === null) return { ...content, body: Buffer.from(redactText(text, redaction) ?? '') };
    return isUntouched(text, redaction) ? content : { ...content, body: new Uint8Array() };
  };
  return { ...sample, request: redacted(sample.request), response: redacted(sample.response) };
}
