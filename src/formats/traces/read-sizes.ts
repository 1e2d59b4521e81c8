import { mixDimensions, type MixDimension, type RequestSizes } from '../../core/evidence/kinds/capacity/request-mix.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { csvRecords } from '../csv.ts';
import { badData, textLines } from '../text-lines.ts';

/**
 * Names under which traces tell sizes, in small letters and without `_` and `-`.
 *
 * | trace | names |
 * |---|---|
 * | Azure LLM | `ContextTokens`, `GeneratedTokens` |
 * | Mooncake | `input_length`, `output_length` |
 * | logs of the OpenAI protocol | `prompt_tokens`, `completion_tokens` |
 * | others | `tokens-in`, `tokens-out`, `rows`, `bytes`, `input_tokens`, `output_tokens` |
 */
const dimensionOf: Readonly<Record<string, MixDimension>> = {
  contexttokens: 'tokens-in',
  inputlength: 'tokens-in',
  inputtokens: 'tokens-in',
  prompttokens: 'tokens-in',
  tokensin: 'tokens-in',
  generatedtokens: 'tokens-out',
  outputlength: 'tokens-out',
  outputtokens: 'tokens-out',
  completiontokens: 'tokens-out',
  tokensout: 'tokens-out',
  rows: 'rows',
  bytes: 'bytes',
};

const plain = (name: string): string => name.toLowerCase().replaceAll(/[_\s-]/g, '');
const namedDimension = (name: string): MixDimension | undefined =>
  Object.hasOwn(dimensionOf, plain(name)) ? dimensionOf[plain(name)] : undefined;

/** Sizes are kept of so many requests; of a longer trace every second one is, then every fourth. */
const keptAtMost = 1 << 16;

/**
 * Returns the sizes of the requests of a trace, in its order: a CSV file with a header, or one JSON object a line. Columns of other names are
 * passed over. Of long traces evenly spaced requests are kept, 65,536 at most.
 * @throws PlimsollError (input) `data-invalid` with line and column, `trace-empty`, `trace-no-sizes`.
 */
export async function readTraceSizes(chunks: AsyncIterable<Uint8Array>): Promise<readonly RequestSizes[]> {
  const kept = new EvenlyKept();
  const peeked = await peek(chunks);
  for await (const sizes of peeked.isJson ? jsonSizes(peeked.chunks) : csvSizes(peeked.chunks)) kept.add(sizes);
  if (kept.values.length === 0) throw empty();
  return kept.values;
}

class EvenlyKept {
  values: RequestSizes[] = [];
  #every = 1;
  #seen = 0;

  add(sizes: RequestSizes): void {
    if (this.#seen % this.#every === 0) this.values.push(sizes);
    this.#seen += 1;
    if (this.values.length < keptAtMost) return;
    this.values = this.values.filter((_, at) => at % 2 === 0);
    this.#every *= 2;
  }
}

/** Whether the first character that is no space opens an object. */
async function peek(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly isJson: boolean; readonly chunks: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let isJson = false;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    // The memory of a chunk may be used again for the next.
    first.push(next.value.slice());
    const mark = next.value.find((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf);
    isJson = mark === 0x7b;
    if (mark !== undefined) break;
  }
  const all = async function* (): AsyncGenerator<Uint8Array> {
    yield* first;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  };
  return { isJson, chunks: all() };
}

async function* jsonSizes(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<RequestSizes> {
  for await (const lines of textLines(chunks)) {
    for (const { line, text } of lines) {
      if (text.trim() === '') continue;
      const row = parseRow(text, line);
      const told = Object.entries(row).flatMap(([name, value]) => {
        const dimension = namedDimension(name);
        return dimension === undefined ? [] : [[dimension, sizeOf(value, line, 1, name)] as const];
      });
      if (told.length === 0) throw noSizes(`line ${line}`, Object.keys(row));
      yield Object.fromEntries(told);
    }
  }
}

function parseRow(text: string, line: number): Readonly<Record<string, unknown>> {
  try {
    const row: unknown = JSON.parse(text);
    if (typeof row === 'object' && row !== null && !Array.isArray(row)) return { ...row };
  } catch {
    // Told below.
  }
  throw badData(line, 1, 'not a JSON object such as {"tokens-in": 655, "tokens-out": 52}', mend);
}

async function* csvSizes(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<RequestSizes> {
  let columns: readonly (MixDimension | undefined)[] | null = null;
  for await (const { line, cells } of csvRecords(chunks)) {
    if (columns === null) {
      columns = cells.map((name) => namedDimension(name));
      if (columns.every((name) => name === undefined)) throw noSizes('the header', cells);
      continue;
    }
    const named = columns;
    const told = cells.flatMap((cell, at) => {
      const dimension = named[at];
      return dimension === undefined ? [] : [[dimension, sizeOf(cell, line, at + 1, dimension)] as const];
    });
    yield Object.fromEntries(told);
  }
}

function sizeOf(value: unknown, line: number, column: number, name: string): number {
  const size = typeof value === 'string' && /^\s*\d{1,15}(?:\.\d+)?\s*$/.test(value) ? Number(value) : value;
  if (typeof size === 'number' && Number.isFinite(size) && size >= 0) return size;
  throw badData(line, column, `\`${name}\` is a number from 0 on, and there is \`${shown(value)}\``, mend);
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'none').slice(0, 60);
const mend = 'mend that line of the trace, or leave it out';

function noSizes(where: string, names: readonly string[]): PlimsollError {
  return new PlimsollError({
    code: 'trace-no-sizes',
    category: 'input',
    message: `${where} names no size of a request, but ${names.slice(0, 8).join(', ') || 'nothing'}`,
    next: `name a column ${mixDimensions.join(', ')}, or as Azure and Mooncake name theirs`,
  });
}

function empty(): PlimsollError {
  return new PlimsollError({
    code: 'trace-empty',
    category: 'input',
    message: 'the trace has no request',
    next: 'give a file with a line for each request, with its sizes',
  });
}
