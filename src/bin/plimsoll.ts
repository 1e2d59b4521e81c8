#!/usr/bin/env node
import { runProgram } from '../cli/program.ts';
import { makeCliContext } from './cli-context.ts';
import { plimsollVersion } from './version.ts';

const exitStatus = await runProgram(
  process.argv.slice(2),
  { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(text) },
  plimsollVersion,
  makeCliContext,
);
process.exitCode = exitStatus;
