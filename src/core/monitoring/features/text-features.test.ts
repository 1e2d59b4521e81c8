import { expect, test } from 'vitest';
import type { FeatureValue } from '../detectors/control-learners.ts';
import { readText } from './text-features.ts';

function read(text: string | null, isOutput = true): Readonly<Record<string, FeatureValue>> {
  return Object.fromEntries(readText(text, isOutput).map(({ suffix, value }) => [suffix.slice(1), value]));
}

test.each([
  ['en', 'What is the weather like today, and do you have a map of it?'],
  ['de', 'Wie ist das Wetter heute, und hast du nicht auch eine Karte für mich?'],
  ['fr', 'Quel est le temps pour les vacances, et avec qui ?'],
  ['es', '¿Cómo está el tiempo para los días que vienen?'],
  ['it', 'Come è il tempo per la città che non conosco?'],
  ['pt', 'Não sei como está o tempo para uma viagem com você'],
  ['nl', 'Het weer is niet goed voor een dag op het strand'],
  ['cyrillic', 'Какая сегодня погода?'],
  ['japanese', '今日の天気はどうですか'],
  ['chinese', '今天的天气怎么样'],
  ['korean', '오늘 날씨 어때요'],
  ['arabic', 'كيف الطقس اليوم'],
  ['latin', 'Lorem ipsum dolor'],
  ['none', '12 + 30 = ?'],
])('guesses the language %s', (language, text) => {
  expect(read(text)['language']).toBe(language);
});

test.each([
  ["I'm sorry, but I can't help with that.", 'yes'],
  ['As an AI, I have no opinions.', 'yes'],
  ['Ich kann dir dabei nicht helfen.', 'yes'],
  ['The train leaves at nine.', 'no'],
])('tells a refusal: %s', (text, refusal) => {
  expect(read(text)['refusal']).toBe(refusal);
});

test('only an answer can refuse', () => {
  expect(read('I am sorry', false)).not.toHaveProperty('refusal');
});

test.each([
  ['{"a": [1, 2]}', 'yes'],
  [' [1]', 'yes'],
  ['{"a": ', 'no'],
  ['12', 'no'],
  ['['.repeat(100_000), null],
])('tells JSON', (text, json) => {
  expect(read(text)['json']).toBe(json);
});

test('the repeated runs of three words and the words of no dictionary are shares', () => {
  expect(read('go on and on and on and on')['repetition']).toBeCloseTo(3 / 6, 9);
  expect(read('the cat sat on the mat')['repetition']).toBe(0);
  expect(read('the xkcdw sat a1b2 -- ok')['odd-words']).toBeCloseTo(3 / 6, 9);
});

test('a short word is its own category, and what may name a person is a digest', () => {
  expect(read('red')['value']).toBe('red');
  expect(read('Ada Lovelace')['value']).toMatch(/^#[0-9a-f]{16}$/);
  expect(read('ada@example.org')['value']).toMatch(/^#[0-9a-f]{16}$/);
  expect(read('4929123456781234')['value']).toMatch(/^#[0-9a-f]{16}$/);
  expect(read('one text of five words')['value']).toBe('(text)');
  expect(read('')['value']).toBe('(empty)');
});

test('a text that is missing is missing in every feature', () => {
  expect(Object.values(read(null)).every((value) => value === null)).toBe(true);
});

test('a long text is read at its beginning, and its length is of all of it', () => {
  const { length, words } = read('word '.repeat(100_000));
  expect(length).toBe(500_000);
  expect(words).toBe(410);
});
