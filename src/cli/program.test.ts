import { describe, expect, it } from 'vitest';
import { runProgram, type GlobalOptions } from './program.ts';

/** The options that a command line comes to its command with. */
async function read(...argv: readonly string[]): Promise<{ options: GlobalOptions | null; err: string; exit: number }> {
  let options: GlobalOptions | null = null;
  let err = '';
  const io = { out: () => undefined, err: (text: string) => void (err += text) };
  const exit = await runProgram(argv, io, '1', (given) => {
    options = given;
    throw new Error('read');
  });
  return { options, err, exit };
}

describe('a control plane in a cluster', () => {
  it.each([
    [['status', '-n', 'ml'], 'kubernetes:?namespace=ml'],
    [['status', '-nml', '--json'], 'kubernetes:?namespace=ml'],
    [['history', '--context', 'dev', '--namespace=ml'], 'kubernetes:?context=dev&namespace=ml'],
    [['rollback', '--model', '--reason', 'r', '--context=dev'], 'kubernetes:?context=dev'],
    [['environment', 'show', 'prod', '-n', 'ml'], 'kubernetes:?namespace=ml'],
    [['-n', 'ml', 'status'], 'kubernetes:?namespace=ml'],
    [['-nml', '--context', 'dev', 'environment', 'show', 'prod'], 'kubernetes:?context=dev&namespace=ml'],
    [['--namespace=ml', 'status', '--json'], 'kubernetes:?namespace=ml'],
  ])('is what %j names', async (argv, server) => {
    expect((await read(...argv)).options).toMatchObject({ server });
  });

  it('is not what options of the same name are for elsewhere', async () => {
    const { options } = await read('inspect', 'a.gguf', '--context', '8192');
    expect(options).toMatchObject({ context: '8192' });
    expect(options).not.toHaveProperty('server');
    expect((await read('install', 'kubernetes', '--namespace', 'ml')).options).not.toHaveProperty('server');
  });

  it.each([
    [['status', '-n', 'ml', '--server', 'https://a'], 'name two control planes'],
    [['status', '-n', 'a b'], '--namespace must be of 1 to 63'],
    [['status', '--context', ''], '--context is empty'],
    [['-n', 'ml', 'statsu'], 'did you mean `status`'],
  ])('refuses %j', async (argv, says) => {
    const { options, err, exit } = await read(...argv);
    expect([options, exit, err]).toEqual([null, 2, expect.stringContaining(says)]);
  });

  it.each([[['-n', 'ml']], [['-n']]])('alone is no command: %j', async (argv) => {
    expect(await read(...argv)).toMatchObject({ options: null, exit: 2 });
  });
});

describe('the overview', () => {
  it('lists what people start by hand, the programs of a cluster too', async () => {
    let out = '';
    const io = { out: (text: string) => void (out += text), err: () => undefined };
    await runProgram(['--help'], io, '1', () => {
      throw new Error('no command runs');
    });
    expect(out).toMatch(/^ {2}gateway +\S/m);
    expect(out).toMatch(/^ {2}control-plane +\S/m);
    expect(out).not.toMatch(/^ {2}fetch-files /m);
  });
});
