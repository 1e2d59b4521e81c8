// must trip: protocols-has-no-io protocols-imports-packages protocols-imports-layers
import { readFileSync } from 'node:fs';
import { request } from 'undici';
import { cycleA } from '../gateway/cycle-a.ts';
export const all = [readFileSync, request, cycleA];
