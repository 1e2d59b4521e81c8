import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { carryPlace, carryPlaceInText, placeAfter, typedPlace } from './typed-place.ts';

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

  it('leaves out the control plane that cannot be asked', () => {
    const asked = typedPlace(['status', '--server', 'http://h:1', '--state', '/s']);
    expect(placeAfter('control-plane-unreachable', asked)).toEqual({ state: '/s' });
    expect(placeAfter('nothing-live', asked)).toEqual(asked);
  });

  it('leaves out the checkout in what is typed by somebody else', () => {
    const here = typedPlace(['release', '--contract', 'c.yaml', '--state', '/s']);
    expect(placeAfter('model-claimed', here)).toEqual({ state: '/s' });
    expect(placeAfter('forbidden', here)).toEqual(here);
    expect(placeAfter('forbidden', { ...here, server: 'http://h:1' })).toEqual({ server: 'http://h:1' });
  });

  it('names nothing twice, and no second control plane', () => {
    expect(carryPlace('plimsoll up a.yaml and the folders', { contract: 'a.yaml' })).toBe(
      'plimsoll up a.yaml and the folders',
    );
    const next = 'plimsoll status --context NAME -n NAMESPACE';
    expect(carryPlace(next, { server: 'kubernetes://x' })).toBe(next);
  });

  it('is put into each of two commands', () => {
    expect(carryPlace('plimsoll pin, or plimsoll check --online', { state: '/s' })).toBe(
      'plimsoll pin --state /s, or plimsoll check --state /s --online',
    );
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
