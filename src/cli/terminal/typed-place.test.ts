import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { carryPlace, carryPlaceInText, typedPlace } from './typed-place.ts';

const place = typedPlace(['check', '--contract', 'a b/$(id).yaml', '--state=/s', '--json', '--', '--server', 'x']);

describe('a next step with the place that was typed', () => {
  it('reads the place of a command line, and nothing behind --', () => {
    expect(place).toEqual({ contract: 'a b/$(id).yaml', state: '/s' });
    expect(typedPlace(['check', '--contract'])).toEqual({});
  });

  it.each([
    ['plimsoll pin', "plimsoll pin --contract 'a b/$(id).yaml' --state /s"],
    ['plimsoll golden record', "plimsoll golden --contract 'a b/$(id).yaml' --state /s record"],
    ['plimsoll up --state /t', "plimsoll up --contract 'a b/$(id).yaml' --state /t"],
    [
      'plimsoll data add FILE --name x, then plimsoll pin',
      "plimsoll data --contract 'a b/$(id).yaml' --state /s add FILE --name x, then plimsoll pin --contract 'a b/$(id).yaml' --state /s",
    ],
    ['docs of plimsoll says so; use ./plimsoll pin', 'docs of plimsoll says so; use ./plimsoll pin'],
    ['kubectl get pods', 'kubectl get pods'],
  ])('%s', (next, wanted) => {
    expect(carryPlace(next, place)).toBe(wanted);
  });

  it('names a control plane elsewhere only to what asks it', () => {
    const server = typedPlace(['release', '--server', 'http://h:1']);
    expect(carryPlace('plimsoll status', server)).toBe('plimsoll status --server http://h:1');
    expect(carryPlace('plimsoll up', server)).toBe('plimsoll up');
  });

  it('narrows no token', () => {
    expect(carryPlace('plimsoll token add NAME --role view', { environment: 'prod' })).toBe(
      'plimsoll token add NAME --role view',
    );
  });

  it('is taken by a real shell as it was typed', () => {
    const hostile = typedPlace(['check', '--contract', "it's $(touch owned)\n`id`", '--state=-rf x']);
    const said = execFileSync(
      'sh',
      ['-c', `plimsoll() { printf '%s\\0' "$@"; }; ${carryPlace('plimsoll pin', hostile)}`],
      { encoding: 'utf8' },
    );
    expect(typedPlace(said.split('\0').slice(0, -1))).toEqual(hostile);
  });

  it('changes only what is said of the next step in an answer', () => {
    const text = 'plimsoll pin wrote it\nnext: plimsoll verify\ndone';
    expect(carryPlaceInText(text, { state: '/s' })).toBe(
      'plimsoll pin wrote it\nnext: plimsoll verify --state /s\ndone',
    );
  });
});
