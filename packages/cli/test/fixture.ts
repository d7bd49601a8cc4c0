import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFree } from '../src/processes/ports.ts'

const SERVER = `
import { createServer } from 'node:http'
import { word } from './word.ts'

console.log(JSON.stringify({ level: 40, msg: 'serving ' + word }))
createServer((_request, answer) => answer.end(word)).listen(process.env.PORT, process.env.HOST)
createServer((_request, answer) => answer.end()).listen(process.env.OPS_PORT, process.env.HOST)
process.once('SIGTERM', () => process.exit(0))
`

/** Writes files into the src folder of a service. */
export function writeService(root: string, name: string, files: Record<string, string>) {
  const folder = join(root, 'services', name, 'src')
  mkdirSync(folder, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
}

/** Writes a trivial service, which answers every request with its name. */
export function writeTrivialService(root: string, name: string, port: number, store: 'none' | 'redis') {
  writeService(root, name, { 'main.ts': SERVER, 'word.ts': `export const word = '${name}'\n` })
  const bulkhead = { port, store, state: 'cache' }
  const file = join(root, 'services', name, 'package.json')
  writeFileSync(file, JSON.stringify({ name: `@bulkhead/${name}`, version: '1.2.3', type: 'module', bulkhead }))
}

/** Creates a repository in a temporary folder, with two services: `alpha` on offset 1 without a store, `beta` on offset 2 with Redis. */
export function fixtureRepository(): string {
  const root = mkdtempSync(join(tmpdir(), 'bulkhead-fixture-'))
  mkdirSync(join(root, 'packages/chassis'), { recursive: true })
  writeTrivialService(root, 'alpha', 1, 'none')
  writeTrivialService(root, 'beta', 2, 'redis')
  return root
}

/** Finds a PORT_BASE whose ports for three services, the observer and the event log are free. */
export async function freePortBase(): Promise<number> {
  for (;;) {
    const base = 10_000 + 300 * Math.floor(70 * Math.random())
    const free = await Promise.all(
      [1, 2, 3, 101, 102, 103, 202, 203, 290, 291, 292, 299].map(offset => isFree(base + offset))
    )
    if (!free.includes(false)) return base
  }
}
