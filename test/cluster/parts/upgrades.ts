import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { imageVersion } from '../../../packages/cli/src/bundling/image-version.ts'
import type { Cluster } from '../../../packages/cli/src/cluster/kubectl.ts'
import type { Service, Stack } from '../../../packages/cli/src/services/stack.ts'
import { latestOf } from '../installation/deployment.ts'
import { identities } from '../installation/installed-pods.ts'
import { type Reading, readRetries, retriesIn } from '../load/retries.ts'
import { type Load, type LoadResult, loadShortfall, p99, whileLoaded } from '../load/steady-load.ts'
import { openTraffic } from '../load/traffic.ts'
import { differenceOf, failureOf, type Installation, type Part } from '../part.ts'

/** The requests per second. One of `WRITE_EVERY` requests is a write. */
const [RATE, WRITE_EVERY] = [51, 3]
/** The minimum number of requests per second, and the minimum share of writes. */
const [LEAST_RATE, LEAST_WRITES] = [50, 1 / 3]
/**
 * The duration of each phase of the load (ms): until recently unused code is compiled, then before the upgrade, between the upgrade and the
 * rollback, and after the rollback.
 */
const [WARM_UP, BEFORE, BETWEEN, AFTER] = [10_000, 10_000, 5_000, 5_000]
const ROLLOUT_SECONDS = 180
const HELM_LIMIT = (ROLLOUT_SECONDS + 60) * 1_000
const WAITING = ['--wait', `--timeout=${ROLLOUT_SECONDS}s`]

/** Returns the name of the part that upgrades a service. */
export const upgradeName = (service: string) => `upgrade and rollback of ${service} under load`

/**
 * Upgrades each service under load to a release that writes more into its documents and events (see next/), and rolls it back. No request
 * may fail, no acknowledged write may be lost, and no other pod may change.
 */
export const upgradeParts = ({ services }: Stack): Part[] =>
  services.map(service => ({
    name: upgradeName(service.name),
    run: installation => upgrade(installation, service)
  }))

async function upgrade(installation: Installation, service: Service): Promise<string[]> {
  const { cluster, openShop, say } = installation
  const { name } = service
  const shop = await openShop()
  const image = { name, version: await imageVersion(installation.stack.root, name) }
  const traffic = await openTraffic(installation.stack, name, shop)
  const others = await identities(cluster, name)
  const retries: [Reading, ...Reading[]] = [await readRetries(cluster)]
  let turn = 0
  const load: Load = { perSecond: RATE, next: () => (turn++ % WRITE_EVERY === 0 ? traffic.write() : traffic.read()) }
  let [start, changing] = [0, 0]
  const { met, findings } = await whileLoaded(shop, load, async () => {
    await delay(WARM_UP)
    start = performance.now()
    await delay(BEFORE)
    changing = performance.now()
    const found = await upgradeAndRollBack(
      installation,
      image,
      async () => void retries.push(await readRetries(cluster, name))
    )
    await delay(AFTER)
    return found
  })
  retries.push(await readRetries(cluster))
  say(`    ${name}: ${summaryOf(met, start, changing)}, ${retriesIn(retries)}`)
  return [
    ...findings,
    ...loadShortfall(met, load, LEAST_RATE, LEAST_WRITES),
    ...differenceOf('the pods of other services', others, await identities(cluster, name)),
    ...(await traffic.check())
  ]
}

function summaryOf(met: LoadResult, start: number, changing: number): string {
  const { sent, writes, seconds, failures } = met
  const ms = (from: number, to: number) => `${Math.round(p99(met, from, to) ?? Number.NaN)} ms`
  const rate = (sent / seconds).toFixed(1)
  const times = `p99 ${ms(start, changing)} before and ${ms(changing, Number.POSITIVE_INFINITY)} during`
  return `${Math.round(seconds)} s, ${sent} requests (${rate} a second, ${writes} writes), ${failures.length} failures, ${times}`
}

/**
 * Upgrades to the next release, and rolls back to the old revision even if the upgrade failed, so that later parts start from a clean
 * state. Calls `between` while the next release runs. Resolves with the findings.
 */
export async function upgradeAndRollBack(
  { stack, cluster }: Pick<Installation, 'stack' | 'cluster'>,
  { name, version }: Pick<Service, 'name' | 'version'>,
  between: () => Promise<void>
): Promise<string[]> {
  const { revision } = await latestOf(cluster, name)
  const goForward = async () => {
    const image = ['--reuse-values', '--set-string', `image.tag=${version}-next`]
    await cluster.helm(['upgrade', name, join(stack.root, 'charts', name), ...image, ...WAITING], HELM_LIMIT)
    await delay(BETWEEN)
    await between()
    return differenceOf('the image after the upgrade', `${version}-next`, await imageOf(cluster, name))
  }
  const goBack = async () => {
    await cluster.helm(['rollback', name, revision, ...WAITING], HELM_LIMIT)
    return differenceOf('the image after the rollback', version, await imageOf(cluster, name))
  }
  const findings = await goForward().catch(failureOf('the upgrade'))
  return [...findings, ...(await goBack().catch(failureOf('the rollback')))]
}

type Deployment = { spec: { template: { spec: { containers: { image: string }[] } } } }

/** Reads the tag of the image that a service runs. */
async function imageOf(cluster: Cluster, name: string): Promise<string> {
  const found = await cluster.get<Deployment>('deployment', name)
  return found?.spec.template.spec.containers[0]?.image.split(':').at(-1) ?? 'none'
}
