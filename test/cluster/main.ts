import { join } from 'node:path'
import { connectCluster } from '../../packages/cli/src/cluster/kubectl.ts'
import { openClusterShop } from '../../packages/cli/src/cluster/shop.ts'
import { Failure } from '../../packages/cli/src/failure.ts'
import { parsePortBase, readStack } from '../../packages/cli/src/stack.ts'
import { only } from '../only.ts'
import { mustBulkhead } from './bulkhead.ts'
import { deployWords, restore } from './deployed.ts'
import type { Ground, Part } from './part.ts'
import { allParts } from './parts.ts'
import { linesOf, type Outcome, outcomeOf, summaryOf, thrown } from './report.ts'

// `make test-cluster`: what is promised of an installation in a cluster, part by part, on the one that `make deploy` made. ONLY=text runs
// the parts whose name has the text, or one of several with | between. Exits with 1 when a part finds something wrong, or there is no cluster.
const root = join(import.meta.dirname, '../..')
const GATEWAY = 'gateway'
const say = (line: string) => console.log(line)

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
  const parts = only(allParts(stack))
  if (parts.length === 0) throw new Failure(`no part has "${process.env.ONLY}" in its name`)
  // All traffic of the parts comes from one address.
  await mustBulkhead(ground, [...(await deployWords(ground, GATEWAY)), '--set', 'env.OPERATION_LIMIT_FACTOR=1000'])
  const outcomes = await runInTurn(parts, ground).finally(() => restore(ground, GATEWAY))
  for (const line of summaryOf(outcomes)) say(line)
  return outcomes.some(({ verdict }) => verdict === 'failed') ? 1 : 0
}

async function runInTurn(parts: Part[], ground: Ground): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const { name, run } of parts) {
    const start = performance.now()
    const came = await run(ground).catch(error => thrown(name, error, root))
    const outcome = outcomeOf(name, Math.round((performance.now() - start) / 1_000), came)
    outcomes.push(outcome)
    for (const line of linesOf(outcome)) say(line)
  }
  return outcomes
}
