import { bulkhead } from './bulkhead.ts'
import { deployWords, latestOf } from './deployed.ts'
import { identities } from './installed-pods.ts'
import { whileLoaded } from './load.ts'
import { NEVER_READY } from './never-ready.ts'
import { brokenOff, differing, type Ground, type Part } from './part.ts'
import { openTraffic } from './traffic.ts'

type Broken = { what: string; values: string; says: RegExp }

const SERVICE = 'catalog'
/** Requests a second meanwhile, and of how many one is a write. */
const [RATE, WRITE_EVERY] = [4, 3]
/** Seconds that a release is given: more than a good one takes. */
const READY_WITHIN = '25'
const NO_STORE = 'no-store'

const ALL: Broken[] = [
  {
    what: 'an image that does not exist',
    values: 'image.tag=0.0.0-none',
    says: /the image \S*:0\.0\.0-none cannot be had .*The version before goes on/
  },
  { what: 'a bad value', values: 'replicas=many', says: /is as it was: .*replicas/is },
  {
    what: 'a store that is not there',
    values: `store.existingSecret=${NO_STORE}`,
    says: /catalog-\S+ (ends|is not ready): \w+Error.*The version before goes on/
  },
  {
    what: 'a service that lives and is never ready',
    values: `env.NODE_OPTIONS=${NEVER_READY.replaceAll(',', '\\,')}`,
    says: /catalog-\S+ is not ready: Readiness probe failed.*The version before goes on/
  }
]

/** What is not to run does not: each is stopped or refused, says why, and the version before serves all the time. */
export const brokenReleases: Part = {
  name: 'broken releases are stopped',
  async run(ground) {
    const { stack, cluster, openShop, say } = ground
    await cluster.kubectl(['delete', 'secret', NO_STORE, '--ignore-not-found'])
    const url = `--from-literal=url=mongodb://${NO_STORE}.invalid:27017/catalog`
    await cluster.kubectl(['create', 'secret', 'generic', NO_STORE, url])
    const shop = await openShop()
    const traffic = await openTraffic(stack, SERVICE, shop)
    let turn = 0
    const next = () => (turn++ % WRITE_EVERY === 0 ? traffic.write() : traffic.read())
    const attemptAll = async () => {
      const findings: string[] = []
      for (const broken of ALL) findings.push(...(await attempt(ground, broken).catch(brokenOff(broken.what))))
      return findings
    }
    try {
      const { met, findings } = await whileLoaded(shop, { perSecond: RATE, next }, attemptAll)
      say(`    ${met.sent} requests meanwhile, ${met.failures.length} failures`)
      return [...findings, ...(await traffic.check())]
    } finally {
      await cluster.kubectl(['delete', 'secret', NO_STORE])
    }
  }
}

async function attempt(ground: Ground, { what, values, says }: Broken): Promise<string[]> {
  const before = await stateOf(ground)
  const words = await deployWords(ground, SERVICE)
  const { code, said } = await bulkhead(ground, [...words, '--set', values, '--ready-within', READY_WITHIN])
  const shown = said.trim().split('\n').at(-1) ?? ''
  ground.say(`    ${what}: ${shown}`)
  return [
    ...differing(`the exit code for ${what}`, 1, code),
    ...(says.test(said) ? [] : [`${what}: the message does not say so: ${shown}`]),
    ...differing(`what runs after ${what}`, before, await stateOf(ground))
  ]
}

/** What the release consists of, and which pods run. */
async function stateOf({ cluster }: Ground) {
  return {
    status: (await latestOf(cluster, SERVICE)).status,
    manifest: await cluster.helm(['get', 'manifest', SERVICE]),
    pods: await identities(cluster)
  }
}
