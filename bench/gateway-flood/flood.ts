/** `node flood.ts URL RATE MS`: requests at a fixed rate, whatever becomes of them. Prints how many were not answered with 200. */
import { inferLoad } from '../gateway/load.ts';
import { runOpenLoop } from '../gateway/open-loop.ts';

const [url = '', rate, durationMs] = process.argv.slice(2);
const { path, body } = inferLoad(url);
const { errors } = await runOpenLoop({
  url: url + path,
  body,
  ratePerSecond: Number(rate),
  durationMs: Number(durationMs),
  connections: 4_000,
});
console.log(errors);
