#!/usr/bin/env node
// Plain JavaScript, so that the machine's own Node can run it: starts the command itself on the Node 24 in node_modules, the only one that
// has all that the services need.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const main = join(here, '../src/main.ts')
const node24 = join(here, '../../../node_modules/node/bin/node')

if (!existsSync(node24)) {
  console.error('bulkhead: node_modules is missing. Run: make setup')
  process.exitCode = 1
} else if (process.execPath === realpathSync(node24)) await import(pathToFileURL(main).href)
else rerun()

/**
 * In a session of its own, so that a Ctrl-C reaches it once, by us, and not by the terminal as well; with a channel, so that it hears
 * when we are gone.
 */
function rerun() {
  const child = spawn(node24, [main, ...process.argv.slice(2)], {
    detached: true,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc']
  })
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name))
  child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}
