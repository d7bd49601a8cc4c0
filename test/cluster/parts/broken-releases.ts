import { bulkhead } from '../installation/bulkhead.ts'
import { deployArguments, isTrueWithin, latestOf } from '../installation/deployment.ts'
import { identities } from '../installation/installed-pods.ts'
import { NEVER_READY } from '../installation/never-ready.ts'
import { whileLoaded } from '../load/steady-load.ts'
import { openTraffic } from '../load/traffic.ts'
import { differenceOf, failureOf, type Installation, type Part } from '../part.ts'

/** A deployment that must fail. */
type Broken = {
  what: string
  release: string
  values: string
  /** The expected output of `bulkhead deploy`. */
  message: RegExp
  /** How long the release may take (seconds), which is more than a working release needs. */
  readyWithin: number
}

type StatefulSet = { spec: { volumeClaimTemplates?: object[] } }

const SERVICE = 'catalog'
/** The requests per second during failing deployments. One of `WRITE_EVERY` is a write. */
const [RATE, WRITE_EVERY] = [4, 3]
const SERVICE_READY_WITHIN = 25
/** How long a store may take (seconds). It needs longer than a service, because its pod must end before the next one starts. */
const STORE_READY_WITHIN = 45
/** How long a service may take to use its store again (ms). */
const BACK_WITHIN = 60_000
const NO_STORE = 'no-store'
const NO_IMAGE = 'image.tag=0.0.0-none'

const brokenServices: Omit<Broken, 'release' | 'readyWithin'>[] = [
  {
    what: 'an image that does not exist',
    values: NO_IMAGE,
    message: /the image \S*:0\.0\.0-none cannot be pulled .*Rolled back to revision \d+$/
  },
  {
    what: 'a bad value',
    values: 'replicas=many',
    message: /is unchanged: .*replicas/is
  },
  {
    what: 'a store that does not exist',
    values: `store.existingSecret=${NO_STORE}`,
    message: /catalog-\S+ (ends|is not ready): \w+Error.*Rolled back to revision \d+$/
  },
  {
    what: 'a service that is alive but never ready',
    values: `env.NODE_OPTIONS=${NEVER_READY.replaceAll(',', '\\,')}`,
    message: /catalog-\S+ is not ready: Readiness probe failed.*Rolled back to revision \d+$/
  }
]

/** Services whose stores get an image that does not exist: one has MongoDB, one Redis. */
const STORE_OWNERS = ['catalog', 'cart']

/**
 * Deploys releases that cannot run. Each must be rolled back or refused with its reason. The previous version of a service must serve all
 * the time. A store has a single pod, so it is unavailable until the rollback, and must keep its data.
 */
export const brokenReleases: Part = {
  name: 'broken releases are stopped',
  async run(installation) {
    const { stack, cluster, openShop, say } = installation
    await cluster.kubectl(['delete', 'secret', NO_STORE, '--ignore-not-found'])
    const url = `--from-literal=url=mongodb://${NO_STORE}.invalid:27017/catalog`
    await cluster.kubectl(['create', 'secret', 'generic', NO_STORE, url])
    const shop = await openShop()
    const traffic = await openTraffic(stack, SERVICE, shop)
    let turn = 0
    const next = () => (turn++ % WRITE_EVERY === 0 ? traffic.write() : traffic.read())
    const attemptAll = async () => {
      const findings: string[] = []
      for (const broken of brokenServices) {
        const attempted = { ...broken, release: SERVICE, readyWithin: SERVICE_READY_WITHIN }
        findings.push(...(await attemptService(installation, attempted).catch(failureOf(broken.what))))
      }
      return findings
    }
    try {
      const { met, findings } = await whileLoaded(shop, { perSecond: RATE, next }, attemptAll)
      say(`    ${met.sent} requests during the test, ${met.failures.length} failures`)
      findings.push(...(await traffic.check()))
      for (const owner of STORE_OWNERS)
        findings.push(...(await attemptStore(installation, owner).catch(failureOf(`the store of ${owner}`))))
      return findings
    } finally {
      await cluster.kubectl(['delete', 'secret', NO_STORE])
    }
  }
}

async function attemptService(installation: Installation, broken: Broken): Promise<string[]> {
  const before = await stateOf(installation, broken.release)
  const findings = await attempt(installation, broken)
  return [
    ...findings,
    ...differenceOf(`what runs after ${broken.what}`, before, await stateOf(installation, broken.release))
  ]
}

/** Deploys a broken store without load, because requests fail while the store's only pod is unavailable. */
async function attemptStore(installation: Installation, owner: string): Promise<string[]> {
  const { stack, cluster, openShop } = installation
  const store = `${owner}-store`
  const broken = {
    what: `an image of ${store} that does not exist`,
    release: store,
    values: NO_IMAGE,
    readyWithin: STORE_READY_WITHIN,
    message: new RegExp(
      `the image \\S*:0\\.0\\.0-none cannot be pulled .*Rolled back to revision \\d+\\. ` +
        `${store} was away until its pod ${store}-0 was replaced$`
    )
  }
  const set = await cluster.get<StatefulSet>('statefulset', store)
  if (!set) return [`unrun: ${broken.what}: the store is outside the cluster`]
  if (!set.spec.volumeClaimTemplates) return [`unrun: ${broken.what}: the store has no volume and would lose its data`]
  const traffic = await openTraffic(stack, owner, await openShop())
  const before = await storeState(installation, store)
  const findings = await attempt(installation, broken)
  findings.push(...differenceOf(`what runs after ${broken.what}`, before, await storeState(installation, store)))
  let lost: string[] = []
  await isTrueWithin(BACK_WITHIN, async () => {
    lost = await traffic.check()
    return lost.length === 0
  })
  return [...findings, ...lost]
}

/** Deploys a broken release. Resolves with a finding for a wrong exit code or message. */
async function attempt(
  installation: Installation,
  { what, release, values, message, readyWithin }: Broken
): Promise<string[]> {
  const words = await deployArguments(installation, release)
  const options = ['--set', values, '--ready-within', String(readyWithin)]
  const { code, output } = await bulkhead(installation, [...words, ...options])
  const lastLine = output.trim().split('\n').at(-1) ?? ''
  installation.say(`    ${what}: ${lastLine}`)
  return [
    ...differenceOf(`the exit code for ${what}`, 1, code),
    ...(message.test(output.trim()) ? [] : [`${what}: the message is wrong: ${lastLine}`])
  ]
}

/** Reads the objects of a release, and the pods of the whole installation. */
async function stateOf({ cluster }: Installation, release: string) {
  return {
    status: (await latestOf(cluster, release)).status,
    manifest: await cluster.helm(['get', 'manifest', release]),
    pods: await identities(cluster)
  }
}

/** Reads the objects of a store's release, the number of its ready pods, and the other pods of the installation. */
async function storeState({ cluster }: Installation, store: string) {
  const set = await cluster.get<{ status: { readyReplicas?: number } }>('statefulset', store)
  return {
    status: (await latestOf(cluster, store)).status,
    manifest: await cluster.helm(['get', 'manifest', store]),
    readyReplicas: set?.status.readyReplicas ?? 0,
    otherPods: await identities(cluster, store)
  }
}
