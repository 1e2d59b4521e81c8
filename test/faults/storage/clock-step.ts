/**
 * Loaded into a program before anything else (`NODE_OPTIONS=--import`): its wall clock is off by as many milliseconds as
 * a file says, which may change while it runs. This stands for `faketime`, which needs a package of the system and also
 * moves the monotonic clock, as no real step does.
 */
import { readFileSync } from 'node:fs';

const file = process.env['PLIMSOLL_FAULT_CLOCK'] ?? '';
const RealDate = Date;
let offsetMs = 0;
const look = (): void => {
  try {
    offsetMs = Number(readFileSync(file, 'utf8'));
  } catch {
    offsetMs = 0;
  }
};
look();
setInterval(look, 20).unref();

const now = (): number => RealDate.now() + offsetMs;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: [], newTarget) =>
    Reflect.construct(
      target,
      args.length === 0 ? [now()] : args,
      newTarget === globalThis.Date ? target : newTarget,
    ) as Date,
  get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
});
