import { parseArgs } from 'node:util';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addPassedOn, passedOnArgs, projectOptions, type PassedOnOptions } from './passed-on.ts';
import { controlPlaneOptions, gatewayOptions, supervisorOptions } from './program-options.ts';

const programs: readonly (readonly [string, PassedOnOptions])[] = [
  ['control-plane', controlPlaneOptions],
  ['gateway', gatewayOptions],
  ['up', supervisorOptions],
];

describe.each(programs)('the options of %s', (_name, options) => {
  const commandLine = (): Command => {
    const command = new Command();
    addPassedOn(command, options);
    // What the program of commands adds to every one of them.
    for (const name of Object.keys(projectOptions)) command.option(`--${name} <value>`);
    return command;
  };

  it('reach the program as they were given', () => {
    const given = Object.entries(options).flatMap(([name, { type }]) =>
      type === 'boolean' ? [`--${name}`] : [`--${name}`, `${name}-value`],
    );
    const parsed = commandLine().parse(given, { from: 'user' }).opts();
    expect(passedOnArgs(options, parsed)).toEqual(given);
    expect(Object.keys(parseArgs({ args: given, options }).values).sort()).toEqual(Object.keys(options).sort());
  });

  it('are left to the defaults of the program when they are not given, and the help says which', () => {
    const command = commandLine();
    expect(passedOnArgs(options, command.parse([], { from: 'user' }).opts())).toEqual([]);
    const help = command.helpInformation().replaceAll(/\s+/g, ' ');
    for (const { meaning, default: byDefault } of Object.values(options)) {
      if (meaning !== undefined && byDefault !== undefined) expect(help).toContain(`(default: ${byDefault})`);
    }
  });
});
