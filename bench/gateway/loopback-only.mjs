// Preloaded into a program that can only listen on every address: it listens on the loopback one.
import { Server } from 'node:net';

const listen = Server.prototype.listen;
Server.prototype.listen = function listenOnLoopback(first, ...rest) {
  if (typeof first === 'number') return listen.call(this, { port: first, host: '127.0.0.1' }, ...rest);
  return listen.call(this, typeof first === 'object' ? { ...first, host: '127.0.0.1' } : first, ...rest);
};
