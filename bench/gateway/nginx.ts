import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort, startListening, type Program } from './program.ts';
import type { TlsCertificate } from './tls-certificate.ts';

/** Debian puts it where only root's PATH looks. */
const places = ['nginx', '/usr/sbin/nginx'];

export function findNginx(): string | null {
  return places.find((place) => spawnSync(place, ['-v']).status === 0) ?? null;
}

/** One worker, connections to the upstream kept alive, nothing logged: nginx at its best on one core. */
const configuration = (folder: string, port: number, upstream: string, tls: TlsCertificate | null): string => `
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
    listen 127.0.0.1:${port}${tls === null ? '' : ` ssl; ssl_certificate ${tls.cert}; ssl_certificate_key ${tls.key}; ssl_protocols TLSv1.2 TLSv1.3`};
    location / { proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`;

/** @param tls where it speaks TLS. */
export async function startNginx(
  command: string,
  upstream: string,
  tls: TlsCertificate | null = null,
): Promise<Program> {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-nginx-'));
  const port = await freePort();
  const file = path.join(folder, 'nginx.conf');
  writeFileSync(file, configuration(folder, port, upstream, tls));
  const program = await startListening(command, ['-p', folder, '-c', file], port);
  return {
    ...program,
    url: tls === null ? program.url : program.url.replace(/^http:/, 'https:'),
    stop: async () => {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
