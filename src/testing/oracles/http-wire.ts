/** Requests and answers of HTTP/1.1 on the wire, read by RFC 9110 and 9112 alone: a second way to what a server should have read. */

export type Field = readonly [name: string, value: string];

export interface WireRequest {
  readonly method: string;
  /** As it was sent, or the path of an absolute one. */
  readonly target: string;
  readonly fields: readonly Field[];
  /** Without its chunks. */
  readonly body: string;
  /** Of all of it. */
  readonly bytes: number;
}

export type NotWhole = 'more' | { readonly violation: string };
/** `nothing` forgives what the RFC does not require; `what-rfc-allows` takes what a server may. */
export type Forgives = 'nothing' | 'what-rfc-allows';

/** One byte is one character. Empty lines before a request, more than one space, chunk extensions, trailers and absolute targets are only allowed. */
export function readRequest(text: string, forgives: Forgives): WireRequest | NotWhole {
  const lax = forgives === 'what-rfc-allows';
  const from = lax ? (/^[\r\n]*/.exec(text)?.[0].length ?? 0) : 0;
  const headEnd = text.indexOf('\r\n\r\n', from);
  if (headEnd < 0) return 'more';
  const [line = '', ...lines] = text.slice(from, headEnd).split('\r\n');
  const parts = lax ? /^([A-Z-]+) +([\x21-\x7e]+) +HTTP\/1\.([01])$/ : /^([A-Z]+) ([\x21-\x7e]+) HTTP\/1\.([01])$/;
  const [, method = '', sent = '', minor] = parts.exec(line) ?? [];
  const target = lax ? sent.replace(/^https?:\/\/[^/?#]*(?=\/)/i, '') : sent;
  if (minor === undefined || (minor === '0' && !lax)) return { violation: 'request line' };
  const isTarget = lax ? method === 'CONNECT' || /^(?:[/*]|[a-z]+:\/\/)/i.test(target) : target.startsWith('/');
  if (!isTarget) return { violation: 'target' };
  const fields = readFields(lines);
  if (fields === null) return { violation: 'field' };
  const hosts = valuesOf(fields, 'host').length;
  if (hosts > 1 || (hosts === 0 && minor === '1')) return { violation: 'host' };
  const body = readBody(text, headEnd + 4, fields, lax, minor === '0');
  if (body === 'more' || 'violation' in body) return body;
  return { method, target, fields, body: body.content, bytes: body.end };
}

/** All requests that stand in `text` one after another, up to the first that is not whole or not sound. */
export function readRequests(text: string): readonly WireRequest[] {
  const requests: WireRequest[] = [];
  for (let at = 0; ;) {
    const read = readRequest(text.slice(at), 'what-rfc-allows');
    if (read === 'more' || 'violation' in read) return requests;
    requests.push(read);
    at += read.bytes;
  }
}

export interface WireAnswer {
  readonly status: number;
  readonly fields: readonly Field[];
  readonly body: string;
}

/** Final answers, in order; `broken` is what of the text is no answer. @param methods of the requests that they answer. */
export function readAnswers(
  text: string,
  methods: readonly string[],
): { readonly answers: readonly WireAnswer[]; readonly broken: string } {
  const answers: WireAnswer[] = [];
  for (let at = 0; at < text.length;) {
    const headEnd = text.indexOf('\r\n\r\n', at);
    const [line = '', ...lines] = text.slice(at, Math.max(at, headEnd)).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) [ -~]*$/.exec(line)?.[1]);
    const fields = readFields(lines);
    if (!(status > 0) || fields === null) return { answers, broken: text.slice(at) };
    at = headEnd + 4;
    if (status < 200) continue;
    const isBodiless = status === 204 || status === 304 || methods[answers.length] === 'HEAD';
    const body = isBodiless ? { content: '', end: at } : readBody(text, at, fields, false, false);
    if (body === 'more' || 'violation' in body) return { answers, broken: text.slice(at) };
    answers.push({ status, fields, body: body.content });
    at = body.end;
  }
  return { answers, broken: '' };
}

export const valuesOf = (fields: readonly Field[], name: string): readonly string[] =>
  fields.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);

function readFields(lines: readonly string[]): readonly Field[] | null {
  const fields = lines.map((line) => /^([\w!#$%&'*+.^`|~-]+):([\t\x20-\x7e\x80-\xff]*)$/.exec(line));
  if (fields.includes(null)) return null;
  return fields.map((field): Field => [field?.[1] ?? '', (field?.[2] ?? '').replaceAll(/^[ \t]+|[ \t]+$/g, '')]);
}

interface ReadBody {
  readonly content: string;
  /** Where it ends in the text. */
  readonly end: number;
}

function readBody(text: string, at: number, fields: readonly Field[], lax: boolean, old: boolean): ReadBody | NotWhole {
  const [lengths, codings] = [valuesOf(fields, 'content-length'), valuesOf(fields, 'transfer-encoding')];
  if (lengths.length + codings.length > 1) return { violation: 'framing' };
  const [length = '0'] = lengths;
  if (codings.length > 0) {
    if (old || codings[0]?.toLowerCase() !== 'chunked') return { violation: 'coding' };
    return readChunks(text, at, lax);
  }
  if (!/^\d+$/.test(length)) return { violation: 'length' };
  const end = at + Number(length);
  return text.length < end ? 'more' : { content: text.slice(at, end), end };
}

const extension = /^[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;

function readChunks(text: string, from: number, lax: boolean): ReadBody | NotWhole {
  let [at, content] = [from, ''];
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return 'more';
    const [size = '', rest = ''] = /^([0-9a-fA-F]+)(.*)$/s.exec(text.slice(at, lineEnd))?.slice(1) ?? [];
    if (size === '' || (lax ? !extension.test(rest) : rest !== '')) return { violation: 'chunk size' };
    const bytes = Number.parseInt(size, 16);
    const end = lineEnd + 2 + bytes;
    if (bytes === 0) return readTrailers(text, lineEnd + 2, content, lax);
    if (text.length < end + 2) return 'more';
    if (text.slice(end, end + 2) !== '\r\n') return { violation: 'chunk end' };
    content += text.slice(lineEnd + 2, end);
    at = end + 2;
  }
}

function readTrailers(text: string, from: number, content: string, lax: boolean): ReadBody | NotWhole {
  if (text.slice(from, from + 2) === '\r\n') return { content, end: from + 2 };
  const end = text.indexOf('\r\n\r\n', from);
  if (end < 0) return 'more';
  const isSound = lax && readFields(text.slice(from, end).split('\r\n')) !== null;
  return isSound ? { content, end: end + 4 } : { violation: 'trailer' };
}
