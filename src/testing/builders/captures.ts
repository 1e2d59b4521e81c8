import type { FinishedCapture } from '../../gateway/capture/capture-sink.ts';
import { RecordBlocks } from '../../gateway/capture/record-blocks.ts';
import { makeSampleRecord } from '../../gateway/capture/sample-record.ts';
import { CapturedBody } from '../../gateway/capture/captured-body.ts';

/** A captured request that is over; its bodies are `question` and `answer` in text. */
export function aCapture(
  over: Partial<FinishedCapture> = {},
  question = 'question',
  answer = 'answer',
): FinishedCapture {
  return {
    requestId: 'id-1',
    arrivedAtMs: 1_700_000_000_000,
    release: 3,
    modelVersion: 2,
    replicaId: 'r-1',
    method: 'POST',
    path: '/v2/models/digits/infer',
    status: 200,
    latencyMs: 12.5,
    sampled: true,
    control: null,
    stickyKey: null,
    request: { headers: { 'content-type': 'application/json' }, body: bodyOf(question) },
    response: { headers: {}, body: bodyOf(answer) },
    complete: true,
    ...over,
  };
}

function bodyOf(text: string): CapturedBody {
  const body = new CapturedBody(2 ** 20);
  if (text !== '') body.keep(Buffer.from(text));
  return body;
}

/** As they stand in a segment. */
export function encodeCaptures(captures: readonly FinishedCapture[], owner = 'digits'): Uint8Array {
  const blocks = new RecordBlocks();
  for (const capture of captures) blocks.add(makeSampleRecord(capture, owner));
  return Buffer.concat(blocks.take().map(({ bytes }) => bytes));
}
