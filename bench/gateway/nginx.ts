import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, startListening, type Program } from './program.ts';

/** Debian puts it where only root's PATH looks. */
const places = ['nginx', '/usr/sbin/nginx'];

export function findNginx(): string | null {
  return places.find((place) => spawnSync(place, ['-v']).status === 0) ?? null;
}

/** One worker, connections to the upstream kept alive, nothing logged: nginx at its best on one core. */
const configuration = (folder: string, port: number, upstream: string): string => `
daemon off;
pid ${folder}/nginx.pid;
error_log stderr error;
worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  client_body_buffer_size 64k;
  keepalive_requests 100000000;
  upstream service { server ${new URL(upstream).host}; keepalive 64; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`;

export async function startNginx(command: string, upstream: string): Promise<Program> {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-nginx-'));
  const port = await freePort();
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port, upstream));
  const program = await startListening(command, ['-p', folder, '-c', file], port);
  return {
    ...program,
    stop: async () => {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
