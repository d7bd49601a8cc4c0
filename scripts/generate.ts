import { globSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { textOf } from '../packages/cli/src/text-of.ts'

// Writes openapi.json and contract.json of every service; with --check it fails when one is not what its sources give.
const check = process.argv.includes('--check')
const root = join(import.meta.dirname, '..')
const stale: string[] = []

for (const source of globSync('services/*/src/contract.ts', { cwd: root })) {
  const { contract } = await import(join(root, source))
  const folder = dirname(dirname(source))
  keep(join(folder, 'openapi.json'), contract.provides.openapi)
  keep(join(folder, 'contract.json'), contract)
}
if (stale.length > 0) {
  console.error(`not as generated: ${stale.join(', ')}. Run: make generate`)
  process.exit(1)
}

function keep(file: string, document: object) {
  const text = `${JSON.stringify(document, undefined, 2)}\n`
  if (textOf(join(root, file)) === text) return
  if (check) stale.push(file)
  else writeFileSync(join(root, file), text)
}
