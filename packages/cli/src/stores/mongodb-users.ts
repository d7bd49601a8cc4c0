import { connectMongo } from '@bulkhead/chassis/mongo'
import type { Db } from 'mongodb'
import { newPassword, storedPasswords } from './passwords.ts'

/** The users of one MongoDB: its administrator in the database `admin`, and the service's user in the service's database. */
export type MongodbUsers = {
  /** The name of the service's user and of its database. */
  service: string
  passwords: { administrator: string; service: string }
}

type User = { name: string; password: string; role: string; database: string }

const ADMINISTRATOR = 'root'
const AUTHENTICATION_FAILED = 18

/** Returns the users of each service's MongoDB. Creates their passwords once, and keeps them in `file`. */
export function mongodbUsers(file: string, services: string[]): MongodbUsers[] {
  const newPasswords = () => ({ administrator: newPassword(), service: newPassword() })
  const stored = storedPasswords(file, services, newPasswords)
  return services.map(service => ({ service, passwords: stored[service]! }))
}

/** Returns the address of a service's MongoDB with the service's user. An example of `server` is `mongodb://127.0.0.1:4205`. */
export const serviceUrl = (server: string, { service, passwords }: MongodbUsers): string =>
  addressOf(server, { name: service, password: passwords.service, database: service })

/**
 * Creates the users of a MongoDB that was started with `--auth`, or updates their passwords and roles. Also works if the data has no users
 * yet, because MongoDB then lets any local client create the first user (mongodb.com/docs, localhost exception).
 */
export async function ensureMongodbUsers(server: string, users: MongodbUsers): Promise<void> {
  const { service, passwords } = users
  const root = { name: ADMINISTRATOR, password: passwords.administrator, database: 'admin' }
  const asRoot = addressOf(server, root)
  const { db, close } = await connectMongo(asRoot, 'bulkhead').catch(async error => {
    if ((error as { code?: unknown }).code !== AUTHENTICATION_FAILED) throw error
    await createFirstUser(server, { ...root, role: 'root' })
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

async function createFirstUser(server: string, root: User) {
  const { db, close } = await connectMongo(`${server}/admin?directConnection=true`, 'bulkhead')
  try {
    await db.command({ createUser: root.name, ...rightsOf(root) })
  } finally {
    await close()
  }
}

/** Creates a user in the database `home`, or updates its password and role. */
export async function ensureUser(home: Db, user: User): Promise<void> {
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
