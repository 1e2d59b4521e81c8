#!/usr/bin/env node
// The cache must be on before the rest is loaded: a replica's process-start is mostly compiling what it loads.
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { runCommandLine } = await import('./command-line.ts');
process.exitCode = await runCommandLine();
