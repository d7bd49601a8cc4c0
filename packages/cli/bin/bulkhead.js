#!/usr/bin/env node
// Starts the command on the Node 24 in node_modules, because the services need that version. This file is plain JavaScript, because any
// Node of the machine must be able to run it.
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
 * Starts the command in its own session, so that it gets a Ctrl-C once: from this process, and not also from the terminal. The IPC channel
 * shows it when this process has ended.
 */
function rerun() {
  const child = spawn(node24, [main, ...process.argv.slice(2)], {
    detached: true,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc']
  })
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name))
  child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}
