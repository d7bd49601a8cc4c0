import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { connectMongo } from '@bulkhead/chassis/mongo'

/** The users of one MongoDB: its administrator, who is in the database `admin`, and a service, whose user is in its own database. */
export type MongodbUsers = {
  /** The service's user and its database have this name. */
  service: string
  passwords: { administrator: string; service: string }
}

type Passwords = Record<string, MongodbUsers['passwords']>
type MongoDb = Awaited<ReturnType<typeof connectMongo>>['db']
type User = { name: string; password: string; role: string; database: string }

const ADMINISTRATOR = 'root'
const AUTHENTICATION_FAILED = 18

/** The users of each service's MongoDB. Passwords are made once and kept in `file`. */
export function mongodbUsers(file: string, services: string[]): MongodbUsers[] {
  const known: Passwords = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const missing = services.filter(name => !known[name])
  for (const name of missing) known[name] = { administrator: password(), service: password() }
  if (missing.length > 0) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, JSON.stringify(known, undefined, 2), { mode: 0o600 })
  }
  return services.map(service => ({ service, passwords: known[service]! }))
}

const password = () => randomBytes(24).toString('hex')

/** The address that a service uses. `server` is that of its MongoDB, such as `mongodb://127.0.0.1:4205`. */
export const serviceUrl = (server: string, { service, passwords }: MongodbUsers): string =>
  addressOf(server, { name: service, password: passwords.service, database: service })

/**
 * Makes the users of a MongoDB that was started with `--auth`, or sets their passwords and roles. While it has no user, MongoDB lets
 * anyone on its machine create the first one (mongodb.com/docs, localhost exception), so this also works on data of earlier releases.
 */
export async function ensureMongodbUsers(server: string, users: MongodbUsers): Promise<void> {
  const { service, passwords } = users
  const root = { name: ADMINISTRATOR, password: passwords.administrator, database: 'admin' }
  const asRoot = addressOf(server, root)
  const { db, close } = await connectMongo(asRoot, 'bulkhead').catch(async error => {
    if ((error as { code?: unknown }).code !== AUTHENTICATION_FAILED) throw error
    await makeFirstUser(server, { ...root, role: 'root' })
    return connectMongo(asRoot, 'bulkhead')
  })
  try {
    await ensureUser(db.client.db(service), {
      name: service,
      password: passwords.service,
      role: 'readWrite',
      database: service
    })
  } finally {
    await close()
  }
}

async function makeFirstUser(server: string, root: User) {
  const { db, close } = await connectMongo(`${server}/admin?directConnection=true`, 'bulkhead')
  try {
    await db.command({ createUser: root.name, ...rightsOf(root) })
  } finally {
    await close()
  }
}

/** Makes a user in the database `home`, or sets password and role of the one that is there. */
export async function ensureUser(home: MongoDb, user: User): Promise<void> {
  const { users } = await home.command({ usersInfo: user.name })
  const command = users.length === 0 ? 'createUser' : 'updateUser'
  await home.command({ [command]: user.name, ...rightsOf(user) })
}

const rightsOf = ({ password, role, database }: User) => ({ pwd: password, roles: [{ role, db: database }] })

function addressOf(server: string, { name, password, database }: Omit<User, 'role'>): string {
  const address = new URL(server)
  address.username = name
  address.password = password
  address.pathname = `/${database}`
  address.search = `authSource=${database}&directConnection=true`
  return address.href
}
