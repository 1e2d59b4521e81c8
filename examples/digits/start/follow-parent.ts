// Loaded before `plimsoll up` (node --import): ends it when whoever started it is gone, as SIGKILL of a terminal's own `up`
// would. The gateway, the control plane and the replicas are processes of their own: they run on, and the next start
// adopts them.
process.stdin.on('end', () => {
  process.kill(process.pid, 'SIGKILL');
});
process.stdin.resume();
if ('unref' in process.stdin && typeof process.stdin.unref === 'function') process.stdin.unref();
