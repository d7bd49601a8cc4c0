import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EVENT_LOG_ADMIN, eventLogUsers } from '../event-log/event-log.ts'
import { Failure } from '../failure.ts'
import { usesEventLog } from '../services/needs.ts'
import type { Service, Stack } from '../services/stack.ts'
import { newPassword } from '../stores/passwords.ts'
import { demoAccounts, demoAccountsFile } from '../tokens/development-keys.ts'
import type { Cluster } from './kubectl.ts'
import { hasAdministrator, makeServiceUser } from './mongodb-users.ts'
import { selfSigned } from './self-signed.ts'

type Data = Record<string, string>
type Secrets = Map<string, Data>
type StoreData = { username: string; password: string; url: string }

const CERTIFICATE_DAYS = 365
const CERTIFICATE_NAMES = 'DNS:localhost,DNS:bulkhead.local,IP:127.0.0.1'

/** The Secret of a service's store. */
export const storeSecret = (service: string) => `${service}-store`
/** The Secret with the event log's address for a service. */
export const eventLogSecret = (service: string) => `${service}-event-log`
/** The name of the event log's release, Service and Secret, and the value of `use` in the chart store-redis. */
export const EVENT_LOG = 'event-log'
/** The Secret with the secrets that services share. */
const SHARED = 'bulkhead-secrets'
/** The Secret with the demo accounts. */
export const DEMO_ACCOUNTS = 'demo-accounts'
const TLS = 'gateway-tls'

/** Which secrets an installation needs. */
type SecretOptions = {
  /** False for a MongoDB without users. */
  withPasswords: boolean
  /** False if the stores are outside the cluster, and the user gives their addresses. */
  ofStores: boolean
  demoAccounts: boolean
  /** Services that get a MongoDB user of their own if they still connect as the administrator. */
  services: Service[]
}

/**
 * Creates the missing Secrets of an installation, and adds missing keys to existing ones. Existing values stay, with one exception: an
 * address that has MongoDB's administrator gets a user of the service. Resolves with the names of the written Secrets.
 */
export async function ensureSecrets(stack: Stack, cluster: Cluster, options: SecretOptions): Promise<string[]> {
  const existing = await readSecrets(cluster)
  const wanted = new Map([
    ...(options.ofStores ? storeSecrets(stack, existing, options) : []),
    ...(await otherSecrets(stack, existing, options.demoAccounts))
  ])
  const stale = [...wanted].filter(([name, data]) =>
    Object.entries(data).some(([key, value]) => existing.get(name)?.[key] !== value)
  )
  // The users must exist before the Secret names them, or a service that starts meanwhile cannot connect.
  for (const [name, { url = '' }] of stale) {
    const before = existing.get(name)
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

/** The contents of the installation's Secrets, by name and key. */
export async function readSecrets(cluster: Cluster): Promise<Secrets> {
  type List = { items: { metadata: { name: string }; data?: Data }[] }
  const { items } = (await cluster.get<List>('secrets')) ?? { items: [] }
  const decoded = (data: Data) =>
    Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
  return new Map(items.map(({ metadata, data = {} }) => [metadata.name, decoded(data)]))
}

/** The event log's passwords, by service. */
export async function eventLogPasswords(cluster: Cluster): Promise<Map<string, string>> {
  const suffix = eventLogSecret('')
  return new Map(
    [...(await readSecrets(cluster))]
      .filter(([name]) => name.endsWith(suffix))
      .map(([name, { url = '' }]) => [name.slice(0, -suffix.length), new URL(url).password])
  )
}

function storeSecrets(stack: Stack, existing: Secrets, { withPasswords, services }: SecretOptions): Secrets {
  const current = (name: string) => existing.get(name) ?? {}
  const wanted: Secrets = new Map()
  for (const service of stack.services.filter(({ store }) => store !== 'none')) {
    const name = storeSecret(service.name)
    const { url, ...known } = current(name)
    const made = service.store === 'redis' ? newRedis(service, known.password) : newMongodb(service, withPasswords)
    const isReplaced = services.includes(service) && hasAdministrator(current(name))
    wanted.set(name, { ...made, ...known, url: url && !isReplaced ? url : made.url })
  }
  const subscribers = stack.services.filter(({ name }) => usesEventLog(stack, name)).map(({ name }) => name)
  const known = (service: string) => URL.parse(current(eventLogSecret(service)).url ?? '')?.password
  const passwords = Object.fromEntries(subscribers.map(name => [name, known(name) || newPassword()]))
  for (const name of subscribers)
    wanted.set(eventLogSecret(name), {
      url: `redis://${name}:${passwords[name]}@event-log:6379`,
      ...current(eventLogSecret(name))
    })
  const admin = current(EVENT_LOG).password ?? newPassword()
  const users = eventLogUsers({ [EVENT_LOG_ADMIN]: admin, ...passwords })
  wanted.set(EVENT_LOG, { username: EVENT_LOG_ADMIN, password: admin, 'users.acl': users })
  return wanted
}

async function otherSecrets(stack: Stack, existing: Secrets, withAccounts: boolean): Promise<Secrets> {
  const wanted: Secrets = new Map()
  const shared = new Set(stack.services.flatMap(({ secrets }) => secrets))
  const values = Object.fromEntries([...shared].map(name => [name, randomBytes(32).toString('base64url')]))
  if (shared.size > 0) wanted.set(SHARED, { ...values, ...existing.get(SHARED) })
  if (withAccounts && !existing.has(DEMO_ACCOUNTS)) wanted.set(DEMO_ACCOUNTS, { 'accounts.json': newDemoAccounts() })
  if (!existing.has(TLS)) wanted.set(TLS, await newCertificate())
  return wanted
}

function newRedis({ name }: Service, secret = newPassword()): StoreData {
  return { username: name, password: secret, url: `redis://${name}:${secret}@${storeSecret(name)}:6379` }
}

/** `username` and `password` are the administrator's. `url` has the service's user, which exists in the service's database. */
function newMongodb({ name }: Service, withPasswords: boolean): StoreData {
  const address = `${storeSecret(name)}:27017/${name}`
  const url = withPasswords
    ? `mongodb://${name}:${newPassword()}@${address}?authSource=${name}`
    : `mongodb://${address}`
  return { username: 'root', password: newPassword(), url }
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

/** Makes a self-signed certificate for `localhost` and `bulkhead.local`, for tests and demos. */
async function newCertificate(): Promise<Data> {
  const { certificate, key } = await selfSigned(CERTIFICATE_NAMES, CERTIFICATE_DAYS).catch(cause => {
    throw new Failure(
      'openssl cannot make a certificate',
      `Install openssl, or create the Secret ${TLS} yourself: kubectl create secret tls ${TLS}`,
      { cause }
    )
  })
  return { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': certificate }
}
