// must trip: core-has-no-io core-imports-packages core-imports-layers testing-is-for-tests bin-is-imported-by-nobody
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fake } from '../../testing/fake.ts';
import { main } from '../../bin/main.ts';
export const all = [readFileSync, z, fake, main];
