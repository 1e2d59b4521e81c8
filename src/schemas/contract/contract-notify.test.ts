import { expect, it } from 'vitest';
import { problemText } from '../../core/contract/problem.ts';
import { contractProblems, loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';

const withNotify = (list: string): string =>
  minimalContract.replace('golden: digits-golden', `golden: digits-golden, notify: ${list}`);

it('a target is a webhook with its secret, Slack or an Alertmanager', () => {
  const list =
    '[{ webhook: "https://a.example/x?y", secret: secret/a#b }, { slack: secret/slack#url }, { alertmanager: "http://am:9093" }]';
  expect(loadContract(withNotify(list)).contract.monitoring?.notify).toEqual([
    { kind: 'webhook', address: 'https://a.example/x?y', secret: 'secret/a#b' },
    { kind: 'slack', address: 'secret/slack#url' },
    { kind: 'alertmanager', address: 'http://am:9093' },
  ]);
});

it.each([
  ['[{ secret: secret/a#b }]', 'a target is one place'],
  ['[{ slack: secret/a#b, alertmanager: "http://am" }]', 'a target is one place'],
  ['[{ slack: "file:///etc/passwd" }]', 'no place that alerts can be sent to'],
  ['[{ slack: "https://user:word@a.example/" }]', 'no place that alerts can be sent to'],
  ['[{ slack: secret/nothing }]', 'no place that alerts can be sent to'],
  ['[{ webhook: "https://a.example/" }]', '`secret` is missing'],
  ['[{ webhook: "https://a.example/", secret: hush }]', 'what is sent to a webhook is signed'],
  ['[{ slack: secret/a#b, secret: secret/a#b }]', '`secret` signs what is sent to a `webhook`'],
  ['[{ email: a@example.com }]', 'email'],
  ['[]', 'notify'],
])('notify: %s is refused', (list, words) => {
  expect(contractProblems(withNotify(list)).map(problemText).join('\n')).toContain(words);
});
