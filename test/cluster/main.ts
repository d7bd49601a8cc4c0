import { join } from 'node:path'
import { connectCluster } from '../../packages/cli/src/cluster/kubectl.ts'
import { openClusterShop } from '../../packages/cli/src/cluster/shop.ts'
import { Failure } from '../../packages/cli/src/failure.ts'
import { parsePortBase, readStack } from '../../packages/cli/src/services/stack.ts'
import { only } from '../only.ts'
import { runBulkhead } from './installation/bulkhead.ts'
import { deployArguments, restore } from './installation/deployment.ts'
import type { Installation, Part } from './part.ts'
import { errorFinding, linesOf, type Outcome, outcomeOf, summaryOf } from './report.ts'
import { allParts } from './suite.ts'

// `make test-cluster`: tests the installation that `make deploy` made, part by part. ONLY=text runs the parts whose name contains the text,
// or one of several texts with | between them. Exits with 1 if a part finds something wrong, or if there is no cluster.
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
  const installation: Installation = { stack, cluster, openShop: () => openClusterShop(cluster), say }
  const parts = only(allParts(stack))
  if (parts.length === 0) throw new Failure(`no part has "${process.env.ONLY}" in its name`)
  // All requests come from one address, so the limits for one client must be high.
  await runBulkhead(installation, [
    ...(await deployArguments(installation, GATEWAY)),
    '--set',
    'env.OPERATION_LIMIT_FACTOR=1000'
  ])
  const outcomes = await runInTurn(parts, installation).finally(() => restore(installation, GATEWAY))
  for (const line of summaryOf(outcomes)) say(line)
  return outcomes.some(({ verdict }) => verdict === 'failed') ? 1 : 0
}

async function runInTurn(parts: Part[], installation: Installation): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const { name, run } of parts) {
    const start = performance.now()
    const result = await run(installation).catch(error => errorFinding(name, error, root))
    const outcome = outcomeOf(name, Math.round((performance.now() - start) / 1_000), result)
    outcomes.push(outcome)
    for (const line of linesOf(outcome)) say(line)
  }
  return outcomes
}
