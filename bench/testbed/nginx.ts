import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../packages/cli/src/processes/ports.ts'
import { findProgram } from '../../packages/cli/src/processes/system-packages.ts'
import { localUrl } from '../../packages/cli/src/services/stack.ts'
import { isAnswering } from './baseline.ts'
import type { Testbed } from './testbed.ts'

/**
 * Starts nginx with one worker that removes /api/v1/catalog from the path and proxies to `upstream`. Resolves with its address, or with
 * undefined if nginx is not installed.
 */
export async function startNginx(testbed: Testbed, upstream: string): Promise<string | undefined> {
  const command = findProgram('nginx', `${process.env.PATH}:/usr/sbin`)
  if (!command) return undefined
  const port = await freePort()
  const folder = join(testbed.folder, 'nginx')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, new URL(upstream).host))
  await testbed.launch({
    name: 'nginx',
    command,
    args: ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log'), '-g', 'daemon off;'],
    logFile: join(folder, 'nginx.log'),
    answers: () => isAnswering(localUrl(port))
  })
  return localUrl(port)
}

const configuration = (folder: string, port: number, upstream: string) => `
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream catalog { server ${upstream}; keepalive 64; }
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 1000000;
    location /api/v1/catalog/ {
      proxy_pass http://catalog/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`
