import { describe, expect, it } from 'vitest';
import { inOwnWords } from './own-command.ts';
import { parseStartOptions } from './options.ts';

const taken =
  "plimsoll: 127.0.0.1:8080 is taken\n  next: plimsoll up --contract /a/plimsoll.yaml --state '/a b/it'\\''s' --gateway-listen 127.0.0.1:0 --listen 127.0.0.1:0 takes free ports";
const nextOf = (argv: readonly string[]): string =>
  /next: (.*?) takes free ports/.exec(inOwnWords(taken, argv, '/state'))?.[1] ?? '';

describe('what `plimsoll up` suggests, told by npm start', () => {
  it.each([
    [[], ''],
    [['--drift', 'invert'], ' --drift invert'],
    [['--once', '--json', '--digits', '20'], ' --once --json --digits 20'],
    [['--listen', '127.0.0.1:9', '--rate=3', '--gateway-listen=127.0.0.1:8'], ' --rate=3'],
    [['--state', '/b c/$(id)'], " --state '/b c/$(id)'"],
  ])('keeps what was typed: %j', (argv, kept) => {
    const next = nextOf(argv);
    expect(next).toBe(`npm start --${kept} --gateway-listen 127.0.0.1:0 --listen 127.0.0.1:0`);
  });

  it('is a command line that npm start takes, with the same meaning', () => {
    const argv = ['--drift', 'invert', '--rate', '7'];
    const words = nextOf(argv).split(' ').slice(3);
    expect(parseStartOptions(words)).toMatchObject({ drift: 'invert', perSecond: 7, listen: '127.0.0.1:0' });
  });

  it('names the folder where something is to be stopped', () => {
    expect(inOwnWords('next: plimsoll status shows it; plimsoll up --stop stops it', [], "'/a b'")).toBe(
      "next: plimsoll status shows it; ./plimsoll up --stop --state '/a b' stops it",
    );
  });
});
