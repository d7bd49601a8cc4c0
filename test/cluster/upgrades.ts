import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '../../packages/cli/src/cluster/kubectl.ts'
import type { Service, Stack } from '../../packages/cli/src/stack.ts'
import { p99, steadyLoad } from './load.ts'
import { differing, type Ground, type Part } from './part.ts'
import { podsOf, retriesOf } from './pods.ts'
import { openTraffic } from './traffic.ts'

/** Requests a second, and of how many one is a write. */
const [RATE, WRITE_EVERY] = [54, 3]
/** Milliseconds of load before the upgrade, between it and the rollback, and after it. */
const [BEFORE, BETWEEN, AFTER] = [10_000, 5_000, 5_000]
const ROLLOUT_SECONDS = 180
const HELM_LIMIT = (ROLLOUT_SECONDS + 60) * 1_000

/**
 * Each service, under a load on paths that use it, is upgraded to a release that writes more into its documents and its events (see next/),
 * and rolled back. Nobody may notice: no failed request, nothing lost of what was acknowledged, no other pod touched.
 */
export const upgradeParts = ({ services }: Stack): Part[] =>
  services.map(service => ({
    name: `upgrade and rollback of ${service.name} under load`,
    run: ground => upgrade(ground, service)
  }))

async function upgrade({ stack, cluster, openShop, say }: Ground, { name, version }: Service): Promise<string[]> {
  const shop = await openShop()
  const traffic = await openTraffic(stack, name, shop)
  const others = await podsOf(cluster, name)
  const retried = await retriesOf(cluster, name)
  let turn = 0
  const next = () => (turn++ % WRITE_EVERY === 0 ? traffic.write() : traffic.read())
  const stopping = new AbortController()
  const loading = steadyLoad(shop, RATE, next, stopping.signal)
  const start = performance.now()
  await delay(BEFORE)
  const changing = performance.now()
  const images: string[] = []
  let changed = changing
  try {
    const image = ['--reuse-values', '--set-string', `image.tag=${version}-next`]
    await cluster.helm(['upgrade', name, join(stack.root, 'charts', name), ...image, ...WAITING], HELM_LIMIT)
    images.push(await imageOf(cluster, name))
    await delay(BETWEEN)
    await cluster.helm(['rollback', name, ...WAITING], HELM_LIMIT)
    images.push(await imageOf(cluster, name))
    await delay(AFTER)
    changed = performance.now()
  } finally {
    stopping.abort()
  }
  const met = await loading
  const retries = (await retriesOf(cluster, name)) - retried
  const seconds = Math.round((performance.now() - start) / 1_000)
  const ms = (from: number, to: number) => `${Math.round(p99(met, from, to) ?? 0)} ms`
  say(
    `    ${name}: ${seconds} s, ${met.sent} requests (${met.writes} writes), ${met.failures.length} failures, p99 ${ms(start, changing)} before and ${ms(changing, changed)} during, ${retries} retries between services`
  )
  return [
    ...met.failures.filter(Boolean),
    ...differing('failed requests', 0, met.failures.length),
    ...differing('the images', [`${version}-next`, version], images),
    ...differing('pods of others', others, await podsOf(cluster, name)),
    ...(await traffic.check())
  ]
}

const WAITING = ['--wait', `--timeout=${ROLLOUT_SECONDS}s`]

type Deployment = { spec: { template: { spec: { containers: { image: string }[] } } } }

/** The tag that a service is at. */
async function imageOf(cluster: Cluster, name: string): Promise<string> {
  const found = await cluster.get<Deployment>('deployment', name)
  return found?.spec.template.spec.containers[0]?.image.split(':').at(-1) ?? 'none'
}
