import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PlimsollError } from '../../core/units/errors.ts';
import { anyTensor, wireBytes } from '../../testing/builders/wire-tensors.ts';
import { encodeInferRequest, parseInferRequest, type InferRequest } from './infer-request.ts';
import { encodeInferResponse, parseInferResponse } from './infer-response.ts';
import { parseModelMetadata } from './metadata.ts';
import { modelPath, parsePath } from './paths.ts';

const anyRequest = (exactBits: boolean): fc.Arbitrary<InferRequest> =>
  fc.record({
    id: fc.option(fc.string({ unit: 'grapheme', maxLength: 20 })),
    inputs: fc
      .integer({ min: 1, max: 3 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => anyTensor(`in ${at} "ü"`, exactBits)))),
    outputs: fc.uniqueArray(fc.record({ name: fc.string({ minLength: 1 }), binary: fc.option(fc.boolean()) }), {
      selector: ({ name }) => name,
      maxLength: 3,
    }),
    binaryOutput: fc.boolean(),
  });

describe('what is written is read back the same, to the bit', () => {
  test('requests in binary form', () => {
    fc.assert(
      fc.property(anyRequest(true), (request) => {
        const { bytes, headerLength } = wireBytes(encodeInferRequest(request, 'binary'));
        expect(parseInferRequest(bytes, headerLength)).toEqual(request);
      }),
    );
  });

  test('requests in JSON form', () => {
    fc.assert(
      fc.property(anyRequest(false), (request) => {
        const { bytes } = wireBytes(encodeInferRequest(request, 'json'));
        expect(parseInferRequest(bytes, null)).toEqual(request);
      }),
    );
  });

  test('responses, with any mixture of forms', () => {
    const response = fc.record({
      modelName: fc.string(),
      modelVersion: fc.option(fc.string()),
      id: fc.option(fc.string()),
      outputs: fc.array(anyTensor('out', false), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(response, fc.array(fc.boolean()), (answer, binary) => {
        const { bytes, headerLength } = wireBytes(encodeInferResponse(answer, binary));
        expect(parseInferResponse(bytes, headerLength)).toEqual(answer);
      }),
    );
  });

  test('paths with any model name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.option(fc.string({ minLength: 1 })), (model, version) => {
        fc.pre(model.isWellFormed() && (version?.isWellFormed() ?? true));
        expect(parsePath(modelPath(model, version, '/infer'))).toEqual({ kind: 'infer', model, version });
      }),
    );
  });
});

/** Valid requests with a few bytes changed, cut or repeated, which reach deeper than random bytes do. */
const damaged = anyRequest(true).chain((request) => {
  const { bytes, headerLength } = wireBytes(encodeInferRequest(request, 'binary'));
  return fc
    .array(fc.tuple(fc.nat(Math.max(0, bytes.length - 1)), fc.nat(255), fc.constantFrom('set', 'cut', 'repeat')), {
      minLength: 1,
      maxLength: 4,
    })
    .chain((changes) => {
      let body = [...bytes];
      for (const [at, value, how] of changes) {
        if (how === 'set') body[at] = value;
        else if (how === 'cut') body.splice(at, 1 + (value % 8));
        else body = [...body.slice(0, at), ...body.slice(Math.max(0, at - 8), at), ...body.slice(at)];
      }
      return fc.record({
        body: fc.constant(Uint8Array.from(body)),
        headerLength: fc.constantFrom(headerLength, null, 0, 1, (headerLength ?? 0) + 1, 2 ** 40),
      });
    });
});

/** JSON of the right outline whose members may be anything. */
const strange = fc
  .record(
    {
      id: fc.jsonValue(),
      inputs: fc.oneof(
        fc.jsonValue(),
        fc.array(
          fc.record(
            {
              name: fc.oneof(fc.string(), fc.jsonValue()),
              shape: fc.oneof(fc.array(fc.oneof(fc.nat(3), fc.double(), fc.constant(2 ** 53))), fc.jsonValue()),
              datatype: fc.oneof(
                fc.constantFrom('FP32', 'INT64', 'BYTES', 'BOOL', 'FP16', 'BF16', 'X'),
                fc.jsonValue(),
              ),
              parameters: fc.oneof(
                fc.record({ binary_data_size: fc.oneof(fc.integer(), fc.jsonValue()) }),
                fc.jsonValue(),
              ),
              data: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
        ),
      ),
      outputs: fc.jsonValue(),
      parameters: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map((value) => ({ body: new TextEncoder().encode(JSON.stringify(value)), headerLength: null }));

describe('whatever comes in, nothing but a PlimsollError comes out', () => {
  const onlyPlimsollErrors = (act: () => unknown): void => {
    try {
      act();
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(PlimsollError);
      expect((thrown as PlimsollError).category).not.toBe('bug');
      expect((thrown as PlimsollError).message.length).toBeLessThan(600);
    }
  };

  test.each([
    ['damaged requests', damaged],
    ['strange members', strange],
    ['random bytes', fc.record({ body: fc.uint8Array({ maxLength: 200 }), headerLength: fc.option(fc.nat(300)) })],
  ] as [string, fc.Arbitrary<{ body: Uint8Array; headerLength: number | null }>][])('%s', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, ({ body, headerLength }) => {
        onlyPlimsollErrors(() => parseInferRequest(body, headerLength));
        onlyPlimsollErrors(() => parseInferResponse(body, headerLength));
        onlyPlimsollErrors(() => parseModelMetadata(body));
      }),
      { numRuns: 500 },
    );
  });

  test('paths', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('/', 'v2', 'models', 'm', 'versions', '1', 'infer', '%', '%ff', 'ready')),
        (parts) => {
          onlyPlimsollErrors(() => parsePath(parts.join('')));
        },
      ),
    );
  });
});
