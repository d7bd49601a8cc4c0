import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { getGlobalDispatcher } from 'undici'
import { type Cluster, isOwnCluster, isReady } from '../../../packages/cli/src/cluster/kubectl.ts'
import { storeSecret } from '../../../packages/cli/src/cluster/secrets.ts'
import type { ClusterShop } from '../../../packages/cli/src/cluster/shop.ts'
import { audit } from '../../faults/audit/audit.ts'
import { repeatDuring, summaryOfStates } from '../../faults/storm.ts'
import { openShop } from '../../faults/testbed/shop.ts'
import { isTrueWithin } from '../installation/deployment.ts'
import { type InstalledPod, installedPods } from '../installation/installed-pods.ts'
import { newEntriesSince } from '../installation/new-entries.ts'
import { exchange } from '../load/steady-load.ts'
import { openTraffic } from '../load/traffic.ts'
import type { Installation, Part } from '../part.ts'

/** The number of clients that place orders continuously while pods are deleted. */
const CLIENTS = 10
/** The number of writes that each service acknowledges before pods are deleted. */
const RECORDS = 10
/** Limits in ms: until a deleted pod is replaced, and until the node is Ready with a new kubelet. */
const [BACK, NODE] = [120_000, 120_000]

type StatefulSet = { metadata: { name: string }; spec: { volumeClaimTemplates?: object[] } }
type Lease = { spec: { renewTime: string } }
type Node = { status: { conditions: { type: string; status: string }[] } }

/** Checks that the installation recovers by itself after any pod ends, and that the books stay correct. */
export const deletedPods: Part = {
  name: 'every pod deleted, and the kubelet restarted',
  async run(installation) {
    const { cluster, stack, say } = installation
    const installed = await installation.openShop()
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
    const findMissing = await acknowledgeWrites(installation, installed)
    // The writes include orders, which must be finished before the books are read.
    const findings = await findMissing()
    const before = await shop.books()
    const work = async () => {
      findings.push(...(await deleteEach(installation)))
      findings.push(...(await restartKubelet(installation)))
    }
    await repeatDuring(work(), () => shop.storm(CLIENTS))
    const books = await shop.booksAtRest(books => audit(newEntriesSince(before, books)).length === 0)
    say(`    ${shop.acknowledged.length} orders during the test: ${summaryOfStates(newEntriesSince(before, books))}`)
    return [...findings, ...audit(newEntriesSince(before, books)), ...(await missingForGood(findMissing))]
  }
}

/** Lets each service that keeps records acknowledge some writes. Returns a check that later finds the missing ones. */
async function acknowledgeWrites({ stack }: Installation, shop: ClusterShop): Promise<() => Promise<string[]>> {
  const services = stack.services.filter(({ store, state }) => store !== 'none' && state !== 'cache')
  const traffics = await Promise.all(services.map(({ name }) => openTraffic(stack, name, shop)))
  for (const { write } of traffics)
    for (let count = 0; count < RECORDS; count++) await exchange(getGlobalDispatcher(), shop.address, write())
  return async () => (await Promise.all(traffics.map(({ check }) => check()))).flat()
}

/** Reads again if writes are missing. Just after a kubelet restart no pod counts as ready, but lost writes stay lost. */
async function missingForGood(findMissing: () => Promise<string[]>): Promise<string[]> {
  let findings: string[] = []
  await isTrueWithin(BACK, async () => {
    findings = await findMissing()
    return findings.length === 0
  })
  return findings
}

/** Deletes one pod after another, each after the previous one is replaced. Keeps the pod of a records store without a volume. */
async function deleteEach({ cluster, stack, say }: Installation): Promise<string[]> {
  const sets = (await cluster.get<{ items: StatefulSet[] }>('statefulsets'))?.items ?? []
  const caches = stack.services.filter(({ state }) => state === 'cache').map(({ name }) => storeSecret(name))
  const withoutVolume = sets
    .filter(({ metadata, spec }) => !spec.volumeClaimTemplates && !caches.includes(metadata.name))
    .map(({ metadata }) => metadata.name)
  const findings = withoutVolume.map(name => `unrun: ${name} has no volume, so its pod was not deleted`)
  const pods = (await installedPods(cluster)).filter(({ name }) => !withoutVolume.includes(name))
  let longest = { pod: 'none', seconds: 0 }
  for (const pod of pods) {
    const start = performance.now()
    await cluster.kubectl(['delete', 'pod', pod.pod, '--wait=false'])
    const isBack = await isTrueWithin(BACK, () => hasReplacement(cluster, pod, pods))
    const seconds = Math.round((performance.now() - start) / 1_000)
    if (!isBack)
      findings.push(`${pod.pod} was deleted, and ${pod.name} was not complete again within ${BACK / 1_000} s`)
    if (seconds > longest.seconds) longest = { pod: pod.pod, seconds }
  }
  say(`    ${pods.length} pods deleted, ${longest.pod} was missing for the longest time: ${longest.seconds} s`)
  return findings
}

/** True if there are as many ready pods as before, without the deleted one. */
async function hasReplacement(cluster: Cluster, { name, uid }: InstalledPod, before: InstalledPod[]): Promise<boolean> {
  const ready = (await installedPods(cluster)).filter(pod => pod.name === name && pod.isReady && pod.uid !== uid)
  return ready.length >= before.filter(pod => pod.name === name).length
}

/** Restarts the kubelet, on the local node only. The state of the node counts only if it was reported after the restart. */
async function restartKubelet({ cluster, stack, say }: Installation): Promise<string[]> {
  if (!isOwnCluster(cluster)) return ['unrun: only the local node can restart the kubelet']
  const start = new Date().toISOString()
  const whole = (await installedPods(cluster)).length
  await promisify(execFile)(join(stack.root, 'k8s/local/restart-kubelet.sh'), { timeout: NODE })
  const isBack = await isTrueWithin(NODE, async () => {
    const { items } = (await cluster.get<{ items: (Node & { metadata: { name: string } })[] }>('nodes')) ?? {
      items: []
    }
    const [node] = items
    const lease = node && (await cluster.get<Lease>('lease', node.metadata.name, '--namespace', 'kube-node-lease'))
    const pods = (await installedPods(cluster)).filter(pod => pod.isReady)
    return Boolean(isReady(node) && lease && lease.spec.renewTime > start) && pods.length >= whole
  })
  say(
    `    everything was ready ${Math.round((Date.now() - Date.parse(start)) / 1_000)} s after the kubelet was restarted`
  )
  return isBack ? [] : [`the node or a pod was not Ready ${NODE / 1_000} s after the kubelet was restarted`]
}

/** Reads the number of dead letters in the event log, by service. */
async function deadLettersOf(cluster: Cluster, services: string[]): Promise<Record<string, number>> {
  const program = ['sh', '-ec', 'redis-cli -e --user "$STORE_USERNAME"']
  const commands = services.map(name => `XLEN events.${name}.dead\n`).join('')
  const text = await cluster.kubectl(['exec', '--stdin', 'event-log-0', '--', ...program], commands)
  const counts = text.split('\n').filter(Boolean).map(Number)
  return Object.fromEntries(services.map((name, place) => [name, counts[place] ?? Number.NaN]))
}
