// must trip: prove-imports-layers prove-imports-packages
import { Command } from 'commander';
import { one } from '../adapters/a/one.ts';
export const all = [Command, one];
