import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { getGlobalDispatcher } from 'undici'
import { type Cluster, isOwnCluster, isReady } from '../../packages/cli/src/cluster/kubectl.ts'
import { storeSecret } from '../../packages/cli/src/cluster/secrets.ts'
import type { ClusterShop } from '../../packages/cli/src/cluster/shop.ts'
import { audit } from '../faults/audit.ts'
import { during, endsOf } from '../faults/run.ts'
import { openShop } from '../faults/shop.ts'
import { since } from './books.ts'
import { within } from './deployed.ts'
import { type InstalledPod, installedPods } from './installed-pods.ts'
import { exchange } from './load.ts'
import type { Ground, Part } from './part.ts'
import { openTraffic } from './traffic.ts'

/** Orders at a time, again and again, while pods are deleted. */
const CLIENTS = 10
/** Writes that each service acknowledges before. */
const RECORDS = 10
/** Milliseconds in which what was deleted is back, and in which the node is Ready with a new kubelet. */
const [BACK, NODE] = [120_000, 120_000]

type StatefulSet = { metadata: { name: string }; spec: { volumeClaimTemplates?: object[] } }
type Lease = { spec: { renewTime: string } }
type Node = { status: { conditions: { type: string; status: string }[] } }

/** Whatever pod ends, all comes back by itself, and the books are right. */
export const deletedPods: Part = {
  name: 'every pod deleted, and the kubelet restarted',
  async run(ground) {
    const { cluster, stack, say } = ground
    const installed = await ground.openShop()
    const {
      address,
      tokens: { customer, staff }
    } = installed
    const deadLetters = () =>
      deadLettersOf(
        cluster,
        stack.services.map(({ name }) => name)
      )
    const suffix = `-${randomBytes(4).toString('hex')}`
    const shop = await openShop({ gateway: address, customers: [customer], staff, deadLetters, suffix })
    const lost = await written(ground, installed)
    // Until what was ordered there has come to its end, which is no matter of the books.
    const findings = await lost()
    const before = await shop.books()
    const work = async () => {
      findings.push(...(await deleteEach(ground)))
      findings.push(...(await restartKubelet(ground)))
    }
    await during(work(), () => shop.storm(CLIENTS))
    const books = await shop.booksAtRest(books => audit(since(before, books)).length === 0)
    say(`    ${shop.acknowledged.length} orders meanwhile: ${endsOf(since(before, books))}`)
    return [...findings, ...audit(since(before, books)), ...(await lostForGood(lost))]
  }
}

/** Has each service that keeps records acknowledge some. Returns what tells, later, which of them are not there. */
async function written({ stack }: Ground, shop: ClusterShop): Promise<() => Promise<string[]>> {
  const keepers = stack.services.filter(({ store, state }) => store !== 'none' && state !== 'cache')
  const traffics = await Promise.all(keepers.map(({ name }) => openTraffic(stack, name, shop)))
  for (const { write } of traffics)
    for (let count = 0; count < RECORDS; count++) await exchange(getGlobalDispatcher(), shop.address, write())
  return async () => (await Promise.all(traffics.map(({ check }) => check()))).flat()
}

/** What is lost stays lost: read again where not all was there. For a moment after a kubelet began none of its pods counts as ready. */
async function lostForGood(lost: () => Promise<string[]>): Promise<string[]> {
  let findings: string[] = []
  await within(BACK, async () => {
    findings = await lost()
    return findings.length === 0
  })
  return findings
}

/** One after the other, each when the one before is back. A store of records without a volume is left alone. */
async function deleteEach({ cluster, stack, say }: Ground): Promise<string[]> {
  const sets = (await cluster.get<{ items: StatefulSet[] }>('statefulsets'))?.items ?? []
  const caches = stack.services.filter(({ state }) => state === 'cache').map(({ name }) => storeSecret(name))
  const forgetful = sets
    .filter(({ metadata, spec }) => !spec.volumeClaimTemplates && !caches.includes(metadata.name))
    .map(({ metadata }) => metadata.name)
  const findings = forgetful.map(name => `unrun: ${name} has no volume, so its pod is not deleted`)
  const pods = (await installedPods(cluster)).filter(({ name }) => !forgetful.includes(name))
  let longest = { pod: 'none', seconds: 0 }
  for (const pod of pods) {
    const start = performance.now()
    await cluster.kubectl(['delete', 'pod', pod.pod, '--wait=false'])
    const isBack = await within(BACK, () => hasReplacement(cluster, pod, pods))
    const seconds = Math.round((performance.now() - start) / 1_000)
    if (!isBack) findings.push(`${pod.pod} was deleted, and ${pod.name} is not whole again within ${BACK / 1_000} s`)
    if (seconds > longest.seconds) longest = { pod: pod.pod, seconds }
  }
  say(`    ${pods.length} pods deleted, the longest away was ${longest.pod} with ${longest.seconds} s`)
  return findings
}

/** Whether there are as many ready pods as before, without the deleted one. */
async function hasReplacement(cluster: Cluster, { name, uid }: InstalledPod, before: InstalledPod[]): Promise<boolean> {
  const ready = (await installedPods(cluster)).filter(pod => pod.name === name && pod.isReady && pod.uid !== uid)
  return ready.length >= before.filter(pod => pod.name === name).length
}

/** On the cluster of our own. What counts of the node is what was said since. */
async function restartKubelet({ cluster, stack, say }: Ground): Promise<string[]> {
  if (!isOwnCluster(cluster)) return ['unrun: the kubelet is restarted on the cluster of our own only']
  const start = new Date().toISOString()
  const whole = (await installedPods(cluster)).length
  await promisify(execFile)(join(stack.root, 'k8s/local/restart-kubelet.sh'), { timeout: NODE })
  const isBack = await within(NODE, async () => {
    const { items } = (await cluster.get<{ items: (Node & { metadata: { name: string } })[] }>('nodes')) ?? {
      items: []
    }
    const [node] = items
    const lease = node && (await cluster.get<Lease>('lease', node.metadata.name, '--namespace', 'kube-node-lease'))
    const pods = (await installedPods(cluster)).filter(pod => pod.isReady)
    return Boolean(isReady(node) && lease && lease.spec.renewTime > start) && pods.length >= whole
  })
  say(`    the kubelet is restarted, and all was ready ${Math.round((Date.now() - Date.parse(start)) / 1_000)} s later`)
  return isBack ? [] : [`the node or a pod is not Ready ${NODE / 1_000} s after the kubelet was restarted`]
}

/** By service, as the event log has them. */
async function deadLettersOf(cluster: Cluster, services: string[]): Promise<Record<string, number>> {
  const program = ['sh', '-ec', 'redis-cli -e --user "$STORE_USERNAME"']
  const commands = services.map(name => `XLEN events.${name}.dead\n`).join('')
  const text = await cluster.kubectl(['exec', '--stdin', 'event-log-0', '--', ...program], commands)
  const counts = text.split('\n').filter(Boolean).map(Number)
  return Object.fromEntries(services.map((name, place) => [name, counts[place] ?? Number.NaN]))
}
