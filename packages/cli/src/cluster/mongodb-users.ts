import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../failure.ts'
import type { Cluster } from './kubectl.ts'

/** In the pod of the store: the address is the first line of the input, for arguments are for all to read; the rest is the script. */
const RUN_SCRIPT = `
IFS= read -r MONGODB_URL
cat >/tmp/service-user.js
export MONGODB_URL HOME=/tmp
exec mongosh --quiet --nodb /tmp/service-user.js`

/**
 * Makes the user of a service, whom `url` names, in a MongoDB that has data already. One that is yet to be installed makes it itself, by
 * the same script. Fails where the store does not run: then nobody could use `url`.
 */
export async function makeServiceUser(root: string, cluster: Cluster, store: string, url: string) {
  const pod = `${store}-0`
  if (!(await cluster.get('pod', pod))) {
    if (!(await cluster.get('persistentvolumeclaim', `data-${pod}`))) return
    throw new Failure(
      `${store} does not run, and its service is to get a user of its own there`,
      `Start it: kubectl scale statefulset ${store} --replicas 1 -n ${cluster.namespace}; then try again`
    )
  }
  const script = readFileSync(join(root, 'charts/store-mongodb/files/service-user.js'), 'utf8')
  const program = ['sh', '-ec', RUN_SCRIPT]
  await cluster.kubectl(['exec', '--stdin', pod, '--', ...program], `${url}\n${script}`).catch(cause => {
    throw new Failure(`${store} makes no user for its service: ${(cause as Error).message}`, undefined, { cause })
  })
}

/** True where the address of a store has its administrator, as earlier releases made it. */
export function hasAdministrator({ username, url = '' }: { username?: string; url?: string }): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && parsed.username === username && parsed.searchParams.get('authSource') === 'admin'
}
