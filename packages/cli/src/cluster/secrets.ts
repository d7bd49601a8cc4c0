import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { demoAccounts, demoAccountsFile } from '../development-keys.ts'
import { EVENT_LOG_ADMIN, eventLogUsers } from '../event-log.ts'
import { Failure } from '../failure.ts'
import { contractOf } from '../needs.ts'
import type { Service, Stack } from '../stack.ts'
import type { Cluster } from './kubectl.ts'
import { hasAdministrator, makeServiceUser } from './mongodb-users.ts'
import { selfSigned } from './self-signed.ts'

type Data = Record<string, string>
type Secrets = Map<string, Data>
type StoreData = { username: string; password: string; url: string }

const password = () => randomBytes(24).toString('hex')
const CERTIFICATE_DAYS = 365
const CERTIFICATE_NAMES = 'DNS:localhost,DNS:bulkhead.local,IP:127.0.0.1'

/** The Secret of a service's store. */
export const storeSecret = (service: string) => `${service}-store`
/** The Secret with a service's address of the event log. */
export const eventLogSecret = (service: string) => `${service}-event-log`
/** The event log's release, Service and Secret, and what it uses its chart for. */
export const EVENT_LOG = 'event-log'
/** The Secret with what services share. */
const SHARED = 'bulkhead-secrets'
export const DEMO_ACCOUNTS = 'demo-accounts'
const TLS = 'gateway-tls'

/** Whether a service publishes or handles events. */
export function usesEventLog(stack: Stack, service: string): boolean {
  const { provides, handles = [] } = contractOf(stack, service) ?? {}
  return Object.keys(provides?.events ?? {}).length > 0 || handles.length > 0
}

/** Which secrets an installation has. */
type Wanted = {
  /** False for a MongoDB that knows no users. */
  withPasswords: boolean
  /** False where stores are somewhere else: an address in the cluster would be a wrong one. */
  ofStores: boolean
  demoAccounts: boolean
  /** Services that get a user of their own where the address of their MongoDB has its administrator. */
  services: Service[]
}

/**
 * Makes the secrets of an installation that are missing, and adds to those that are there what is missing in them. What is there stays as
 * it is, but for the address of a MongoDB with its administrator: the service gets a user of its own. Resolves with the names of the
 * secrets that were written.
 */
export async function keepSecrets(stack: Stack, cluster: Cluster, which: Wanted): Promise<string[]> {
  const found = await readSecrets(cluster)
  const wanted = new Map([
    ...(which.ofStores ? secretsOfStores(stack, found, which) : []),
    ...(await otherSecrets(stack, found, which.demoAccounts))
  ])
  const stale = [...wanted].filter(([name, data]) =>
    Object.entries(data).some(([key, value]) => found.get(name)?.[key] !== value)
  )
  // Before the Secret names them, or a service that starts meanwhile would not get in.
  for (const [name, { url = '' }] of stale) {
    const before = found.get(name)
    if (before && hasAdministrator(before)) await makeServiceUser(stack.root, cluster, name, url)
  }
  const items = stale.map(([name, stringData]) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: { 'app.kubernetes.io/part-of': 'bulkhead' } },
    type: name === TLS ? 'kubernetes.io/tls' : 'Opaque',
    stringData
  }))
  if (items.length > 0)
    await cluster.kubectl(
      ['apply', '--server-side', '--field-manager=bulkhead', '--filename=-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    )
  return stale.map(([name]) => name)
}

/** What the installation's secrets hold, by name and key. */
export async function readSecrets(cluster: Cluster): Promise<Secrets> {
  type List = { items: { metadata: { name: string }; data?: Data }[] }
  const { items } = (await cluster.get<List>('secrets')) ?? { items: [] }
  const decoded = (data: Data) =>
    Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
  return new Map(items.map(({ metadata, data = {} }) => [metadata.name, decoded(data)]))
}

/** The passwords of the services on the event log. */
export async function eventLogPasswords(cluster: Cluster): Promise<Map<string, string>> {
  const end = eventLogSecret('')
  return new Map(
    [...(await readSecrets(cluster))]
      .filter(([name]) => name.endsWith(end))
      .map(([name, { url = '' }]) => [name.slice(0, -end.length), new URL(url).password])
  )
}

function secretsOfStores(stack: Stack, found: Secrets, { withPasswords, services }: Wanted): Secrets {
  const of = (name: string) => found.get(name) ?? {}
  const wanted: Secrets = new Map()
  for (const service of stack.services.filter(({ store }) => store !== 'none')) {
    const name = storeSecret(service.name)
    const { url, ...known } = of(name)
    const made = service.store === 'redis' ? newRedis(service, known.password) : newMongodb(service, withPasswords)
    const isReplaced = services.includes(service) && hasAdministrator(of(name))
    wanted.set(name, { ...made, ...known, url: url && !isReplaced ? url : made.url })
  }
  const subscribers = stack.services.filter(({ name }) => usesEventLog(stack, name)).map(({ name }) => name)
  const known = (service: string) => URL.parse(of(eventLogSecret(service)).url ?? '')?.password
  const passwords = Object.fromEntries(subscribers.map(name => [name, known(name) || password()]))
  for (const name of subscribers)
    wanted.set(eventLogSecret(name), {
      url: `redis://${name}:${passwords[name]}@event-log:6379`,
      ...of(eventLogSecret(name))
    })
  const admin = of(EVENT_LOG).password ?? password()
  const users = eventLogUsers({ [EVENT_LOG_ADMIN]: admin, ...passwords })
  wanted.set(EVENT_LOG, { username: EVENT_LOG_ADMIN, password: admin, 'users.acl': users })
  return wanted
}

async function otherSecrets(stack: Stack, found: Secrets, withAccounts: boolean): Promise<Secrets> {
  const wanted: Secrets = new Map()
  const shared = new Set(stack.services.flatMap(({ secrets }) => secrets))
  const values = Object.fromEntries([...shared].map(name => [name, randomBytes(32).toString('base64url')]))
  if (shared.size > 0) wanted.set(SHARED, { ...values, ...found.get(SHARED) })
  if (withAccounts && !found.has(DEMO_ACCOUNTS)) wanted.set(DEMO_ACCOUNTS, { 'accounts.json': newDemoAccounts() })
  if (!found.has(TLS)) wanted.set(TLS, await newCertificate())
  return wanted
}

function newRedis({ name }: Service, secret = password()): StoreData {
  return { username: name, password: secret, url: `redis://${name}:${secret}@${storeSecret(name)}:6379` }
}

/** `username` and `password` are the administrator's; `url` has the service's own user, who is in the service's own database. */
function newMongodb({ name }: Service, withPasswords: boolean): StoreData {
  const address = `${storeSecret(name)}:27017/${name}`
  const url = withPasswords ? `mongodb://${name}:${password()}@${address}?authSource=${name}` : `mongodb://${address}`
  return { username: 'root', password: password(), url }
}

function newDemoAccounts(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-'))
  try {
    demoAccounts(folder)
    return readFileSync(demoAccountsFile(folder), 'utf8')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A certificate for `localhost` and `bulkhead.local` that is signed by itself: for trying; a cluster of one's own has better ones. */
async function newCertificate(): Promise<Data> {
  const { certificate, key } = await selfSigned(CERTIFICATE_NAMES, CERTIFICATE_DAYS).catch(cause => {
    throw new Failure(
      'openssl makes no certificate',
      `Install openssl, or make the Secret ${TLS} yourself: kubectl create secret tls ${TLS}`,
      { cause }
    )
  })
  return { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': certificate }
}
