import { describe, expect, it } from 'vitest';
import { outcomeOf, scoresOf } from './infer-answer.ts';
import { digitInput, digitRequest, requestOf, requestText } from './infer-request.ts';

const digits = {
  inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 784] }],
  outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [-1, 10] }],
};

describe('the request', () => {
  it('takes a drawing where the single input has 784 elements', () => {
    const input = digitInput(digits);
    expect(input?.name).toBe('image');
    const picture = { name: 'x', datatype: 'FP32', shape: [-1, 1, 28, 28] };
    expect(digitInput({ inputs: [picture], outputs: [] })).toEqual(picture);
  });
  it.each([
    ['another size', { inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }], outputs: [] }],
    ['two inputs', { inputs: [...digits.inputs, ...digits.inputs], outputs: [] }],
    ['texts', { inputs: [{ name: 'x', datatype: 'BYTES', shape: [-1, 784] }], outputs: [] }],
    ['no signature', null],
  ])('takes none for %s', (_, signature) => expect(digitInput(signature)).toBeNull());

  it('carries one row in the shape of the input', () => {
    const request = digitRequest(digits.inputs[0] ?? { name: '', datatype: '', shape: [] }, [0, 0.5, 1]);
    expect(request.inputs[0]).toEqual({ name: 'image', shape: [1, 784], datatype: 'FP32', data: [0, 0.5, 1] });
  });
  it('scales the ink for a model of bytes', () => {
    const request = digitRequest({ name: 'x', datatype: 'UINT8', shape: [28, 28] }, [0, 0.5, 1]);
    expect(request.inputs[0]?.data).toEqual([0, 128, 255]);
  });

  it('is prefilled so that it is valid as it stands', () => {
    const signature = {
      inputs: [
        { name: 'age', datatype: 'INT64', shape: [-1, 2] },
        { name: 'text', datatype: 'BYTES', shape: [-1] },
        { name: 'flag', datatype: 'BOOL', shape: [1] },
      ],
      outputs: [],
    };
    const request = requestOf(signature);
    expect(request.inputs.map((input) => input.data)).toEqual([[0, 0], [''], [false]]);
    expect(JSON.parse(requestText(request))).toEqual(request);
  });
  it('leaves the data of a huge input to its reader', () => {
    const request = requestOf({ inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 3, 224, 224] }], outputs: [] });
    expect(request.inputs[0]).toMatchObject({ shape: [1, 3, 224, 224], data: [] });
  });
});

describe('the answer', () => {
  const probabilities = [0.01, 0.02, 0.9, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01];
  const body = {
    model_name: 'digits',
    outputs: [{ name: 'probabilities', datatype: 'FP32', shape: [1, 10], data: probabilities }],
  };
  const good = { status: 200, release: 4, replica: 'r-1', modelVersion: 2, latencyMs: 3.2, body };

  it('reads the scores and who answered', () => {
    expect(outcomeOf(200, good)).toMatchObject({
      kind: 'answer',
      answer: { release: 4, replica: 'r-1', modelVersion: 2, latencyMs: 3.2 },
      scores: { best: 2, probabilities: true, output: 'probabilities' },
    });
  });
  it('reads a body and numbers that came as text', () => {
    const outcome = outcomeOf(200, { ...good, release: '4', body: JSON.stringify(body) });
    expect(outcome).toMatchObject({ kind: 'answer', answer: { release: 4 }, scores: { best: 2 } });
  });
  it('does not call scores probabilities that do not sum to one', () => {
    expect(scoresOf({ outputs: [{ name: 'logits', data: [3, -1, 2] }] })).toMatchObject({
      probabilities: false,
      best: 0,
    });
  });
  it('makes no bars of a large output', () => {
    expect(scoresOf({ outputs: [{ name: 'embedding', data: new Array(512).fill(0.1) }] })).toBeNull();
  });

  it('says what the gateway said, and what to do next', () => {
    const refused = {
      ...good,
      status: 503,
      body: { error: { code: 'no-replica', message: 'No replica is ready.', next: 'plimsoll status' } },
    };
    expect(outcomeOf(200, refused)).toMatchObject({
      kind: 'failure',
      failure: { title: 'Nothing can answer now', detail: 'No replica is ready.', next: 'plimsoll status' },
    });
  });
  it('understands an error of the protocol and an error of the control plane', () => {
    expect(outcomeOf(200, { ...good, status: 400, body: { error: 'shape is wrong' } })).toMatchObject({
      failure: { detail: 'shape is wrong' },
    });
    expect(outcomeOf(429, { code: 'try-rate', message: 'Too many tries.' })).toMatchObject({
      failure: { title: 'Too many requests', detail: 'Too many tries.', next: 'Wait a second, then send again.' },
    });
  });
  it('never shows an unexplained failure without words', () => {
    const outcome = outcomeOf(500, null);
    expect(outcome.kind === 'failure' && outcome.failure.detail).toBe(
      'The control plane answered with status 500 and no explanation.',
    );
    expect(outcomeOf(200, 'nonsense')).toMatchObject({ kind: 'failure', failure: { title: 'Not understood' } });
  });
});
