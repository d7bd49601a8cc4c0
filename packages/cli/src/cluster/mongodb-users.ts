import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../failure.ts'
import type { Cluster } from './kubectl.ts'

/**
 * The shell script that runs in the store's pod. Its first line of input is the address, because other processes can see arguments. The
 * other lines are the script for mongosh.
 */
const RUN_SCRIPT = `
IFS= read -r MONGODB_URL
cat >/tmp/service-user.js
export MONGODB_URL HOME=/tmp
exec mongosh --quiet --nodb /tmp/service-user.js`

/**
 * Creates the service's user, which `url` names, in a MongoDB that has data. A MongoDB without data creates the user itself when it is
 * installed, with the same script. Fails if the store has data and does not run, because the service could not connect with `url`.
 */
export async function makeServiceUser(root: string, cluster: Cluster, store: string, url: string) {
  const pod = `${store}-0`
  if (!(await cluster.get('pod', pod))) {
    if (!(await cluster.get('persistentvolumeclaim', `data-${pod}`))) return
    throw new Failure(
      `cannot create the service's user in ${store}, which does not run`,
      `Start it: kubectl scale statefulset ${store} --replicas 1 -n ${cluster.namespace}; then try again`
    )
  }
  const script = readFileSync(join(root, 'charts/store-mongodb/files/service-user.js'), 'utf8')
  const program = ['sh', '-ec', RUN_SCRIPT]
  await cluster.kubectl(['exec', '--stdin', pod, '--', ...program], `${url}\n${script}`).catch(cause => {
    throw new Failure(`cannot create the service's user in ${store}: ${(cause as Error).message}`, undefined, { cause })
  })
}

/** True if a Secret makes the service connect as the administrator, as earlier releases did. */
export function hasAdministrator({ username, url = '' }: { username?: string; url?: string }): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && parsed.username === username && parsed.searchParams.get('authSource') === 'admin'
}
