import { globSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

// Writes to FOLDER the files that npm installs from: manifests.ts FOLDER. The same dependencies give the same bytes and times, because the
// cache of the next build step depends on both.
type Manifest = { version?: string; packages?: Record<string, { version?: string; resolved?: string }> }

const folder = process.argv[2]!

const workspaces = globSync('{packages,services}/*/package.json').concat('bench/package.json')
for (const file of ['package.json', ...workspaces]) {
  const { name, type, license, workspaces, dependencies } = JSON.parse(readFileSync(file, 'utf8'))
  write(file, JSON.stringify({ name, type, license, version: '0.1.0', workspaces, dependencies }))
}
const lock: Manifest = JSON.parse(readFileSync('package-lock.json', 'utf8'))
for (const workspace of workspaces) {
  const locked = lock.packages?.[dirname(workspace)]
  if (locked) locked.version = '0.1.0'
}
write('package-lock.json', JSON.stringify(lock))
write('.npmrc', readFileSync('.npmrc', 'utf8'))

function write(file: string, text: string) {
  const target = join(folder, file)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text)
  for (let path = target; path.startsWith(folder); path = dirname(path)) utimesSync(path, 0, 0)
}
