import type { FuzzedGateway } from '../../../src/testing/rigs/fuzzed-gateway.ts';
import type { FuzzTarget } from '../target.ts';

/** What clients say to a gateway, byte by byte; see `startFuzzedGateway` for what has to hold of each. */
export const gatewayHttpTarget: FuzzTarget = {
  parser: 'gateway-http',
  bytesAtMost: 24 * 1024,
  dictionary: [
    ...[
      '\r\n',
      '\n',
      '\r',
      '\r\n\r\n',
      '\x1e',
      '\x1f',
      ' ',
      '\t',
      ':',
      ';',
      ',',
      '0\r\n\r\n',
      '5\r\nhello\r\n',
      ';a=b',
      ';a="\r\n"',
    ],
    ...['GET ', 'POST ', 'HEAD ', 'CONNECT ', 'OPTIONS * ', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'TRACE ', 'QUERY '],
    ...[
      ' HTTP/1.0',
      ' HTTP/1.1',
      ' HTTP/2.0',
      ' HTTP/0.9',
      'http://h/v2/x',
      '/v2/models/m/infer',
      '%2e%2e/',
      '/../',
      '#',
      '?',
    ],
    ...[
      'host: h\r\n',
      'content-length: ',
      'transfer-encoding: ',
      'chunked',
      'identity',
      'connection: ',
      'close',
      'keep-alive',
    ],
    ...[
      'upgrade: h2c\r\n',
      'upgrade: websocket\r\n',
      'connection: upgrade\r\n',
      'expect: 100-continue\r\n',
      'te: trailers\r\n',
    ],
    ...['authorization: Bearer k\r\n', 'plimsoll-replay: 1\r\n', 'plimsoll-shadow: 1\r\n', 'plimsoll-release: 1\r\n'],
    ...[
      'plimsoll-deadline-ms: 60000\r\n',
      'x-request-id: a\r\n',
      'trailer: x\r\n',
      'x: y\r\n',
      'Connection: authorization\r\n',
    ],
    ...[
      'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n',
      'ffffffffffffffff',
      '-1',
      '+1',
      '0x1',
    ],
    [0],
    [0x80],
    [0xff],
  ],
  async seeds() {
    const { bodies, framings, post } = await import('../../../src/testing/builders/smuggling-shapes.ts');
    const { clientKey, pieceMark, resetMark } = await import('../../../src/testing/rigs/fuzzed-gateway.ts');
    const begin = (line: string): string => `${line} HTTP/1.1\r\nhost: h\r\n${clientKey}\r\n`;
    const plain = `${begin('POST /v2/a')}content-length: 5\r\n\r\nhello`;
    const chunked = `${begin('POST /v2/b')}transfer-encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nt: v\r\n\r\n`;
    const get = `${begin('GET http://evil.example/v2/c?d')}\r\n`;
    const many = Array.from({ length: 400 }, (_, n) => `x-${n}: ${n}\r\n`).join('');
    const sound = [
      ...[plain, chunked, get, plain + chunked + get, `\r\n${plain}`],
      ...[chunked.replaceAll('\r', `\r${pieceMark}`), plain.replaceAll('l', `l${pieceMark}`)],
      ...[
        `${begin('GET /v2/d')}connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AA\r\n\r\n${plain}`,
      ],
      ...[`${begin('GET /v2/e')}connection: upgrade\r\nupgrade: websocket\r\n\r\n${plain}`],
      ...[`${begin('CONNECT h:443')}\r\n${plain}`, `${begin('OPTIONS /v2')}\r\n`, `${begin('HEAD /v2')}\r\n${get}`],
      ...[`${begin('POST /v2/f')}expect: 100-continue\r\ncontent-length: 2\r\n\r\n${pieceMark}hi`],
      ...[
        `${begin('POST /v2/g')}${many}content-length: 0\r\n\r\n`,
        `${begin('POST /v2/h')}x: ${'y'.repeat(16_000)}\r\n\r\n`,
      ],
      ...[
        `POST /v2/i HTTP/1.0\r\n${clientKey}\r\ncontent-length: 1\r\n\r\nx`,
        `${begin('POST /v2/j')}content-length: 99\r\n\r\nx`,
      ],
      ...[
        `${begin('CONNECT h:443')}\r\n${resetMark}`,
        `${plain}${get.slice(0, 30)}${resetMark}`,
        `${get}${begin('CONNECT h:443')}\r\n`,
      ],
      ...[`${begin('POST /v2/k')}content-length: 40000\r\n\r\n${'z'.repeat(2_000)}`],
    ];
    const smuggled = framings.flatMap((framing) =>
      bodies.map(
        (body) => `${post}${clientKey}\r\n${framing}\r\n\r\n${body.replace('host: h', `host: h\r\n${clientKey}`)}`,
      ),
    );
    return [...sound, ...smuggled].map((wire) => Uint8Array.from(Buffer.from(wire, 'latin1')));
  },
  async run(bytes) {
    const { startFuzzedGateway } = await import('../../../src/testing/rigs/fuzzed-gateway.ts');
    gateway ??= startFuzzedGateway();
    return (await gateway).tryWire(bytes);
  },
  async stop() {
    await (await gateway)?.stop();
    gateway = null;
  },
};

let gateway: Promise<FuzzedGateway> | null = null;
