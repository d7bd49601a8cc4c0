#!/usr/bin/env node
// Plain JavaScript for any Node from 20.19 on: runs the command itself on Node 24, which the `node` package brings along.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const main = join(here, '../src/main.ts')
const node24 = join(here, '../../../node_modules/node/bin/node')
const [major = 0] = process.versions.node.split('.').map(Number)

if (major >= 24) await import(pathToFileURL(main).href)
else if (existsSync(node24)) rerun()
else {
  console.error('bulkhead: node_modules is missing. Run: make setup')
  process.exitCode = 1
}

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
