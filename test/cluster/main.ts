import { join } from 'node:path'
import { connectCluster } from '../../packages/cli/src/cluster/kubectl.ts'
import { openClusterShop } from '../../packages/cli/src/cluster/shop.ts'
import { Failure } from '../../packages/cli/src/failure.ts'
import { parsePortBase, readStack } from '../../packages/cli/src/stack.ts'
import { befallingParts, installedParts } from './installed.ts'
import type { Ground } from './part.ts'
import { skaffoldParts } from './skaffold.ts'
import { upgradeParts } from './upgrades.ts'

// `make test-cluster`: what is promised of an installation in a cluster, part by part, on the one that `make deploy` made. ONLY=text runs
// the parts whose name has the text. Exits with 1 when a part finds something wrong, or there is no cluster.
const root = join(import.meta.dirname, '../..')
const say = (line: string) => console.log(line)
const UNRUN = 'unrun: '

try {
  process.exitCode = await run()
} catch (error) {
  console.error(error instanceof Failure ? `test-cluster: ${error.message}` : error)
  process.exitCode = 1
}

async function run(): Promise<number> {
  const stack = readStack(root, parsePortBase(undefined))
  const cluster = await connectCluster(root, process.env, process.env.NAMESPACE || 'bulkhead')
  const ground: Ground = { stack, cluster, openShop: () => openClusterShop(cluster), say }
  // Upgrades come while nothing else was done yet that a machine of two cores needs a minute to get over.
  const all = [...installedParts, ...upgradeParts(stack), ...befallingParts, ...skaffoldParts]
  const parts = all.filter(({ name }) => name.includes(process.env.ONLY ?? ''))
  if (parts.length === 0) throw new Failure(`no part has "${process.env.ONLY}" in its name`)
  let [passed, failed, unrun] = [0, 0, 0]
  for (const { name, run } of parts) {
    const start = performance.now()
    const lines = await run(ground).catch(error => [`${name} was broken off: ${(error as Error).message}`])
    const findings = lines.filter(line => !line.startsWith(UNRUN))
    const skipped = lines.filter(line => line.startsWith(UNRUN))
    unrun += skipped.length
    if (findings.length > 0) failed++
    else passed++
    say(`${findings.length > 0 ? '✘' : '✔'} ${name}, ${Math.round((performance.now() - start) / 1_000)} s`)
    for (const line of [...findings, ...skipped]) say(`    ${line}`)
  }
  say(`\n${passed} passed, ${failed} failed${unrun > 0 ? `, ${unrun} checks unrun: see above` : ''}`)
  return failed > 0 ? 1 : 0
}
