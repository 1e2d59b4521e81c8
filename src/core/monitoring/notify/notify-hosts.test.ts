import { expect, it } from 'vitest';
import { hostRefusal, readAddress, readNotifyHosts } from './notify-hosts.ts';

const allowed = readNotifyHosts('https://Hooks.Slack.com, prod=http://10.0.0.7:9093\n https://a.example:443');

it.each([
  ['https://hooks.slack.com/services/T0/B0/x', 'dev', true],
  ['https://hooks.slack.com:443/x', 'dev', true],
  ['https://a.example/x?y=1', 'dev', true],
  ['http://hooks.slack.com/x', 'dev', false],
  ['https://hooks.slack.com:8443/x', 'dev', false],
  ['https://hooks.slack.com.evil.example/x', 'dev', false],
  ['https://evil-hooks.slack.com/x', 'dev', false],
  ['http://10.0.0.7:9093/api', 'prod', true],
  ['http://10.0.0.7:9093/api', 'dev', false],
  ['http://127.0.0.1:9093/', 'prod', false],
  ['http://[::1]:9093/', 'prod', false],
])('%s in %s: %s', (text, environment, isAllowed) => {
  const address = readAddress(text);
  expect(address === null ? null : hostRefusal(allowed, environment, address) === null).toBe(isAllowed);
});

it.each([
  'ftp://a.example/x',
  'a.example',
  'https://user:word@a.example/x',
  'https://a.example@evil.example/x',
  'https://a.example\\@evil.example/x',
  'https://a.example#@evil.example/x',
  'https://a.example?x',
  'https://a.example/x y',
  'https://a.example:0/',
  'https://',
  `https://a.example/${'x'.repeat(2_000)}`,
])('%s is no address', (text) => {
  expect(readAddress(text)).toBeNull();
});

it('an address goes to the server that it names', () => {
  for (const text of ['https://A.example:443/x?y#z', 'http://[::1]:80/x', 'http://a.example:8080']) {
    const address = readAddress(text);
    if (address !== null) expect(address.origin).toBe(new URL(text).origin);
  }
});

it('nothing is allowed where nothing is set', () => {
  expect(readNotifyHosts('')).toEqual([]);
  expect(hostRefusal([], 'prod', { origin: 'https://a.example' })).toBe('https://a.example is not allowed for prod');
});

it.each(['hooks.slack.com', 'https://hooks.slack.com/services', 'Prod=https://a.example'])(
  'PLIMSOLL_NOTIFY_HOSTS=%s is an error that says why',
  (setting) => {
    expect(() => readNotifyHosts(setting)).toThrow(expect.objectContaining({ code: 'notify-hosts-invalid' }));
  },
);
