import { expect, test } from 'vitest';
import { parseRedactPath, redactBody } from './redact-body.ts';

const chat = {
  model: 'm',
  messages: [
    { role: 'system', content: 'be kind' },
    { role: 'user', content: [{ type: 'text', text: 'my name is Ada' }] },
  ],
};
const infer = {
  id: '1',
  inputs: [
    { name: 'email', datatype: 'BYTES', shape: [1], data: ['ada@example.com'] },
    { name: 'amount', datatype: 'FP32', shape: [1], data: [3] },
  ],
};

test('a path takes away every member that it leads to, and nothing else', () => {
  expect(redactBody(chat, ['$.messages[*].content'])).toEqual({
    model: 'm',
    messages: [{ role: 'system' }, { role: 'user' }],
  });
  expect(redactBody(chat, ["$['messages'][1]['content'][0].text"])).toEqual({
    model: 'm',
    messages: [chat.messages[0], { role: 'user', content: [{ type: 'text' }] }],
  });
  expect(redactBody(chat, ['$.nothing.here', '$.model.deeper', '$.messages.content'])).toEqual(chat);
  expect(redactBody(chat, ['$.*'])).toEqual({});
});

test('an element that is taken away leaves its place', () => {
  expect(redactBody({ rows: [1, 2, 3] }, ['$.rows[1]'])).toEqual({ rows: [1, null, 3] });
  expect(redactBody([[1, 2], [3]], ['$[*][0]'])).toEqual([[null, 2], [null]]);
});

test('a name takes away the tensors of that name', () => {
  expect(redactBody(infer, ['email'])).toEqual({ id: '1', inputs: [infer.inputs[1]] });
  expect(redactBody({ outputs: infer.inputs }, ['email', 'amount'])).toEqual({ outputs: [] });
  expect(redactBody({ email: 'a', inputs: 'none' }, ['email'])).toEqual({ email: 'a', inputs: 'none' });
});

test('what is given stays as it was', () => {
  const before = JSON.stringify([chat, infer]);
  redactBody(chat, ['$.messages[*].content']);
  redactBody(infer, ['email']);
  expect(JSON.stringify([chat, infer])).toBe(before);
});

test('names of the object model are names like others', () => {
  const body = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}') as unknown;
  expect(JSON.stringify(redactBody(body, ['$.constructor']))).toBe('{"__proto__":{"a":1}}');
  expect(JSON.stringify(redactBody(body, ['$.__proto__.a']))).toBe('{"__proto__":{},"constructor":2}');
});

test.each(['$', '', 'messages', '$.', '$messages', '$..content', '$[?(@.a)]', '$[-1]', '$.a[', "$['a"])(
  '%j is no path, and takes everything where it stands as one',
  (path) => {
    expect(parseRedactPath(path)).toBeNull();
    if (path.startsWith('$')) expect(redactBody(chat, [path])).toBeNull();
  },
);
