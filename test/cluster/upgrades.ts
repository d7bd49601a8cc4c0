import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '../../packages/cli/src/cluster/kubectl.ts'
import { imageVersion } from '../../packages/cli/src/image-version.ts'
import type { Service, Stack } from '../../packages/cli/src/stack.ts'
import { latestOf } from './deployed.ts'
import { identities } from './installed-pods.ts'
import { type Load, type Met, p99, tooLittle, whileLoaded } from './load.ts'
import { brokenOff, differing, type Ground, type Part } from './part.ts'
import { type Reading, readRetries, retriesIn } from './retries.ts'
import { openTraffic } from './traffic.ts'

/** Requests a second, and of how many one is a write. */
const [RATE, WRITE_EVERY] = [51, 3]
/** Requests a second that there must be at least, and the share of writes. */
const [LEAST_RATE, LEAST_WRITES] = [50, 1 / 3]
/** Milliseconds of load: until code that nothing used for a while is compiled, then before the upgrade, between it and the rollback, and after it. */
const [WARM_UP, BEFORE, BETWEEN, AFTER] = [10_000, 10_000, 5_000, 5_000]
const ROLLOUT_SECONDS = 180
const HELM_LIMIT = (ROLLOUT_SECONDS + 60) * 1_000
const WAITING = ['--wait', `--timeout=${ROLLOUT_SECONDS}s`]

/** The name of the part that upgrades a service. */
export const upgradeName = (service: string) => `upgrade and rollback of ${service} under load`

/**
 * Each service, under a load on paths that use it, is upgraded to a release that writes more into its documents and its events (see next/),
 * and rolled back. Nobody may notice: no failed request, nothing lost of what was acknowledged, no other pod touched.
 */
export const upgradeParts = ({ services }: Stack): Part[] =>
  services.map(service => ({
    name: upgradeName(service.name),
    run: ground => upgrade(ground, service)
  }))

async function upgrade(ground: Ground, service: Service): Promise<string[]> {
  const { cluster, openShop, say } = ground
  const { name } = service
  const shop = await openShop()
  const image = { name, version: await imageVersion(ground.stack.root, name) }
  const traffic = await openTraffic(ground.stack, name, shop)
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
    const found = await thereAndBack(ground, image, async () => void retries.push(await readRetries(cluster, name)))
    await delay(AFTER)
    return found
  })
  retries.push(await readRetries(cluster))
  say(`    ${name}: ${summaryOf(met, start, changing)}, ${retriesIn(retries)}`)
  return [
    ...findings,
    ...tooLittle(met, load, LEAST_RATE, LEAST_WRITES),
    ...differing('pods of others', others, await identities(cluster, name)),
    ...(await traffic.check())
  ]
}

function summaryOf(met: Met, start: number, changing: number): string {
  const { sent, writes, seconds, failures } = met
  const ms = (from: number, to: number) => `${Math.round(p99(met, from, to) ?? Number.NaN)} ms`
  const rate = (sent / seconds).toFixed(1)
  const times = `p99 ${ms(start, changing)} before and ${ms(changing, Number.POSITIVE_INFINITY)} during`
  return `${Math.round(seconds)} s, ${sent} requests (${rate} a second, ${writes} writes), ${failures.length} failures, ${times}`
}

/**
 * To the next release, and to the revision from before, also where the upgrade was broken off: what is tried afterwards would stand on half
 * of it. `between` is called while the next release runs. Resolves with what went wrong.
 */
export async function thereAndBack(
  { stack, cluster }: Pick<Ground, 'stack' | 'cluster'>,
  { name, version }: Pick<Service, 'name' | 'version'>,
  between: () => Promise<void>
): Promise<string[]> {
  const { revision } = await latestOf(cluster, name)
  const there = async () => {
    const image = ['--reuse-values', '--set-string', `image.tag=${version}-next`]
    await cluster.helm(['upgrade', name, join(stack.root, 'charts', name), ...image, ...WAITING], HELM_LIMIT)
    await delay(BETWEEN)
    await between()
    return differing('the image after the upgrade', `${version}-next`, await imageOf(cluster, name))
  }
  const back = async () => {
    await cluster.helm(['rollback', name, revision, ...WAITING], HELM_LIMIT)
    return differing('the image after the rollback', version, await imageOf(cluster, name))
  }
  const went = await there().catch(brokenOff('the upgrade'))
  return [...went, ...(await back().catch(brokenOff('the rollback')))]
}

type Deployment = { spec: { template: { spec: { containers: { image: string }[] } } } }

/** The tag that a service is at. */
async function imageOf(cluster: Cluster, name: string): Promise<string> {
  const found = await cluster.get<Deployment>('deployment', name)
  return found?.spec.template.spec.containers[0]?.image.split(':').at(-1) ?? 'none'
}
